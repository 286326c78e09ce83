import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { readingKeys } from "../../../shared/adapters/postgres/encryption.ts";
import { createRegistrar } from "../../../workers/registration/registrar.ts";
import { openRepository } from "../../../workers/registration/repository.ts";
import { openRegistry, register, type TestRegistry } from "./testing.ts";
import { useIndexKey } from "./use.ts";

describe("The change of the index key", () => {
  let registry: TestRegistry;
  beforeEach(async () => {
    registry = await openRegistry();
  });
  afterEach(() => registry.close());

  const rows = async (where = "true") =>
    (await registry.database.pool.query<{ n: number }>(
      `select count(*)::int as n from penduduk where ${where}`,
    ))
      .rows[0]?.n;

  it("waits until no statement under the old one is left", async () => {
    const [slow, fast] = [registry.process(), registry.process()];
    await register(slow.registrar, 0);
    await registry.keys("add", "blindIndex");
    const client = await registry.database.as("registration").connect();
    await client.query("begin");
    const repository = openRepository(client, slow.keys);
    assert.equal((await register(createRegistrar({ repository, keys: slow.keys }), 1)).kind, "registered");
    let changed = false;
    const change = useIndexKey(registry.database.as("keys"), "2026-11").then(() => changed = true);
    await waiting("hold_registrations");
    assert.equal(changed, false);
    await client.query("commit");
    client.release();
    await change;
    for (const { registrar } of [slow, fast]) assert.equal((await register(registrar, 1)).kind, "nik-known");
    assert.equal(await rows(), 2);
  });

  it("has statements that waited for it write under the new one", async () => {
    const { registrar } = registry.process();
    await register(registrar, 0);
    await registry.keys("add", "blindIndex");
    const client = await registry.database.pool.connect();
    await client.query("begin");
    await client.query("select hold_registrations()");
    const registered = register(registrar, 1);
    await waiting("insert into penduduk");
    await client.query("update key_use set index_key = '2026-11', earlier_index_keys = '{2026-10}'");
    await client.query("commit");
    client.release();
    assert.equal((await registered).kind, "registered");
    assert.equal(await rows("nik_index_key = '2026-11'"), 1);
  });

  /** Asks until a statement with these words waits for a lock. */
  async function waiting(words: string): Promise<void> {
    const deadline = AbortSignal.timeout(10_000);
    const blocked =
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
      and position($1 in query) > 0`;
    while (!(await registry.database.pool.query(blocked, [words])).rowCount) deadline.throwIfAborted();
  }
});

describe("A rotation of the index under registrations", () => {
  let registry: TestRegistry;
  before(async () => {
    registry = await openRegistry();
  });
  after(() => registry.close());
  let month = 0;

  it("never takes a NIK twice, whichever process asks, whichever key its first row is under", async () => {
    const attempts = fc.array(fc.record({ who: fc.nat(11), by: fc.nat(2) }), {
      minLength: 40,
      maxLength: 80,
    });
    await fc.assert(
      fc.asyncProperty(attempts, fc.integer({ min: 1, max: 5 }), async (attempts, page) => {
        await registry.database.pool.query("truncate penduduk, outbox, cancellation");
        const processes = [registry.process(), registry.process(), registry.process()];
        const first = processes[0]!;
        for (let n = 0; n < 12; n += 2) await register(first.registrar, n);
        await registry.keys("add", "blindIndex");
        await registry.keys("activate", "blindIndex", `2026-11${month === 0 ? "" : `.${month + 1}`}`);
        month++;
        const accepted = new Map<number, number>();
        const registrations = (async () => {
          for (let i = 0; i < attempts.length; i += 8) {
            await Promise.all(
              attempts.slice(i, i + 8).map(async ({ who, by }) => {
                const { kind } = await register(processes[by]!.registrar, who);
                if (kind === "registered") accepted.set(who, (accepted.get(who) ?? 0) + 1);
                else assert.equal(kind, "nik-known");
              }),
            );
          }
        })();
        await Promise.all([
          registrations,
          registry.keys("rotate", "--ring", "blindIndex", "--page", String(page)),
        ]);
        await registry.keys("rotate", "--ring", "blindIndex");
        for (const [who, times] of accepted) assert.ok(times === 1 && who % 2 === 1);
        const { rows: [counted] } = await registry.database.pool.query<
          { rows: number; people: number; keys: number }
        >(
          `select count(*)::int as rows, count(distinct pgp_sym_decrypt(nik, k.key))::int as people,
            count(distinct nik_index_key)::int as keys
          from penduduk join unnest($1::text[], $2::text[]) as k (id, key) on k.id = key_id`,
          readingKeys(first.keys.columns),
        );
        assert.deepEqual(counted, { rows: 6 + accepted.size, people: 6 + accepted.size, keys: 1 });
      }),
      { numRuns: 12 },
    );
  });
});
