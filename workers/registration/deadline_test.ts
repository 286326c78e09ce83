import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { migrate } from "../../shared/adapters/postgres/migrate.ts";
import { DEADLINE_HEADER } from "../../shared/http/deadline.ts";
import { subjectTag } from "../../shared/security/audit/subject_tag.ts";
import { generateKeys, parseKeys } from "../../shared/security/key_ring.ts";
import { eventually } from "../../tests/e2e/process.ts";
import { openTestDatabase, type TestDatabase } from "../../tests/database.ts";
import { FakeAudit } from "../../tests/fakes/audit.ts";
import { fakeIdentity, FROM_EDGE } from "../../tests/fakes/identity.ts";
import { PENDUDUK } from "../../tests/fixtures.ts";
import { createRegistrationApp } from "./app.ts";
import { REGISTRY } from "./migrations.ts";
import { createRegistrar } from "./registrar.ts";
import { openRepository, type Repository } from "./repository.ts";

const keys = parseKeys(generateKeys(new Date("2026-11-22")));
const [UJANG, SITI] = PENDUDUK;

describe("a registration whose caller does not wait", () => {
  let database: TestDatabase;
  let world: ReturnType<typeof open>;

  before(async () => {
    database = await openTestDatabase();
    await migrate(database.pool, REGISTRY);
  });
  beforeEach(async () => {
    await database.pool.query("truncate penduduk, outbox, cancellation");
    world = open(openRepository(database.as("registration"), keys));
  });
  after(() => database.drop());

  it("is stored whole all the same once it is under way, and the retry gets its first answer", async () => {
    const caller = new AbortController();
    const left = world.post(UJANG, { signal: caller.signal });
    await world.underWay();
    caller.abort();
    assert.equal((await left).status, 503);
    assert.equal((await world.post(UJANG)).status, 409); // still running
    await world.finish();
    assert.deepEqual(await stored(), [1, 1]);
    const retry = await world.post(UJANG);
    const { rows } = await database.pool.query<{ id: string }>("select id from penduduk");
    assert.deepEqual([retry.status, (await retry.json()).id], [201, rows[0]?.id]);
    assert.deepEqual(await stored(), [1, 1]);
  });

  it("is told past its deadline to repeat with the same key, and is stored once", async () => {
    const late = world.post(UJANG, { headers: { [DEADLINE_HEADER]: "50" } });
    await world.underWay();
    const answer = await late;
    assert.deepEqual([answer.status, (await answer.json()).code], [503, "STORE_UNAVAILABLE"]);
    assert.ok(answer.headers.get("retry-after"));
    await world.finish();
    assert.equal((await world.post(UJANG)).status, 201);
    assert.deepEqual(await stored(), [1, 1]);
  });

  it("is not begun when it waited in the queue until its caller left, and the retry is the first", async () => {
    const first = world.post(SITI, { headers: { "idempotency-key": "dua" } });
    await world.underWay();
    const caller = new AbortController();
    const queued = world.post(UJANG, { signal: caller.signal });
    await world.waiting(1);
    caller.abort();
    assert.equal((await queued).status, 503);
    await world.finish();
    assert.equal((await first).status, 201);
    assert.deepEqual(await stored(), [1, 1]);
    await world.waiting(0);
    assert.equal((await world.post(UJANG)).status, 201);
    assert.deepEqual(await stored(), [2, 2]);
  });

  it("is not begun at all when it comes too late", async () => {
    assert.equal((await world.post(UJANG, { headers: { [DEADLINE_HEADER]: "0" } })).status, 503);
    assert.equal(world.inserts.length, 0);
    assert.deepEqual(await stored(), [0, 0]);
  });

  async function stored(): Promise<readonly number[]> {
    const counted = await database.pool.query<{ people: number; events: number }>(
      "select (select count(*)::int from penduduk) as people, (select count(*)::int from outbox) as events",
    );
    return counted.rows.flatMap(({ people, events }) => [people, events]);
  }
});

/** One lane, whose inserts do not begin before `finish`. */
function open(repository: Repository) {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const inserts: Promise<unknown>[] = [];
  const gated: Repository = {
    ...repository,
    async insert(rows) {
      const inserted = gate.promise.then(() => repository.insert(rows));
      inserts.push(inserted);
      begun.resolve();
      return await inserted;
    },
  };
  const registrar = createRegistrar({ repository: gated, keys, limits: { lanes: 1 } });
  const app = createRegistrationApp({
    repository,
    registrar,
    identity: fakeIdentity(),
    audit: new FakeAudit(),
    tag: (nik) => subjectTag(keys.audit, nik),
  });
  return {
    underWay: () => begun.promise,
    async finish() {
      gate.resolve();
      await Promise.all(inserts);
    },
    inserts,
    waiting: (count: number) =>
      eventually(`${count} in the queue`, () => Promise.resolve(registrar.waiting() === count)),
    post: async (body: unknown, { headers = {}, signal }: Sending = {}) =>
      await app.request("/penduduk", {
        method: "POST",
        headers: {
          ...FROM_EDGE,
          authorization: "Bearer petugas",
          "content-type": "application/json",
          "idempotency-key": "satu",
          ...headers,
        },
        body: JSON.stringify(body),
        ...(signal && { signal }),
      }),
  };
}

interface Sending {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}
