import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { EVENT_LOG } from "../../../shared/adapters/embedded/event_log/event_log.ts";
import { migrate } from "../../../shared/adapters/postgres/migrate.ts";
import { openPersonal } from "../../../shared/events/sealed.ts";
import { run } from "./run.ts";
import { openRegistry, register, type TestRegistry } from "./testing.ts";

describe("deno task keys", () => {
  let registry: TestRegistry;
  beforeEach(async () => {
    registry = await openRegistry();
  });
  afterEach(() => registry.close());

  const rows = async (where = "true") =>
    (await registry.database.pool.query<{ n: number }>(
      `select count(*)::int as n from penduduk where ${where}`,
    )).rows[0]
      ?.n;
  const change = async (ring: string, id = "2026-11") => {
    await registry.keys("add", ring);
    await registry.keys("activate", ring, id);
    return await registry.keys("rotate", "--ring", ring, "--page", "7");
  };

  it("rewrites the columns under the active key, readable all the time, and takes the old one out", async () => {
    const [running, other] = [registry.process(), registry.process()];
    const ids: string[] = [];
    for (let n = 0; n < 30; n++) {
      const registered = await register(running.registrar, n);
      assert.ok(registered.kind === "registered");
      ids.push(registered.id);
    }
    assert.equal(await change("columns"), 30);
    assert.equal(await rows("key_id = '2026-11'"), 30);
    for (const id of ids) assert.equal((await other.repository.find(id))?.nama, "Orang Karangan");
    await registry.keys("retire", "columns", "2026-10");
    assert.deepEqual([...registry.process().keys.columns.keys.keys()], ["2026-11"]);
  });

  it("never gives an id a second time, for the database refuses what was retired under it", async () => {
    const { registrar } = registry.process();
    await register(registrar, 0);
    await change("columns");
    await change("columns", "2026-11.2");
    await registry.keys("retire", "columns", "2026-11");
    await change("columns", "2026-11.3");
    assert.equal((await register(registry.process().registrar, 1)).kind, "registered");
  });

  it("lets nobody write under a key that is retired, whatever a process has read", async () => {
    const stale = registry.process();
    await register(stale.registrar, 0);
    const reload = stale.keys.columns.reload;
    assert.ok(reload);
    await change("columns");
    await registry.keys("retire", "columns", "2026-10");
    // It reads the file anew because the database refuses, and goes on.
    assert.equal((await register(stale.registrar, 1)).kind, "registered");
    assert.equal(await rows("key_id = '2026-11'"), 2);
  });

  it("refuses to take out a key that is used, and then everything is as before", async () => {
    const { registrar } = registry.process();
    await register(registrar, 0, "first-request");
    for (const ring of ["columns", "blindIndex", "events"]) {
      await assert.rejects(registry.keys("retire", ring, "2026-10"), /is the active one/);
    }
    await registry.keys("add");
    for (const ring of ["columns", "blindIndex", "events"]) await registry.keys("activate", ring, "2026-11");
    await assert.rejects(registry.keys("retire", "columns", "2026-10"), /is used by 1 rows of "penduduk"/);
    await assert.rejects(registry.keys("retire", "blindIndex", "2026-10"), /finds new persons/);
    await assert.rejects(
      registry.keys("retire", "events", "2026-10"),
      /opens 1 events that wait in the outbox/,
    );
    await assert.rejects(registry.keys("retire", "audit", "2026-10"), /stay/);
    assert.equal((await register(registrar, 1)).kind, "registered");
    await registry.keys("rotate");
    await assert.rejects(registry.keys("retire", "blindIndex", "2026-10"), /knows the retries of 1 requests/);
    await registry.database.pool.query("update penduduk set created_at = created_at - interval '200 days'");
    await registry.keys("retire", "blindIndex", "2026-10");
    assert.equal((await register(registry.process().registrar, 0)).kind, "nik-known");
  });

  it("keeps the key of events until none is left in outbox and log", async () => {
    await migrate(registry.database.pool, EVENT_LOG);
    const old = registry.process();
    await register(old.registrar, 0);
    await registry.keys("add", "events");
    await registry.keys("activate", "events", "2026-11");
    await registry.keys("rotate", "--ring", "events");
    const now = registry.process();
    await register(now.registrar, 1);
    const { rows: sealed } = await registry.database.pool.query<{ payload: string }>(
      "select payload from outbox",
    );
    const opened = sealed.map(({ payload }) =>
      openPersonal(JSON.parse(payload).data.personal, now.keys.events).kind
    );
    assert.deepEqual(opened, ["opened", "opened"]);
    const retire = () => registry.keys("retire", "events", "2026-10");
    await assert.rejects(retire(), /opens 1 events that wait in the outbox/);
    await registry.database.pool.query(
      `with topic as (insert into event_log.topic (name) values ('t') returning id),
        partition as (insert into event_log.partition (topic_id, partition) select id, 0 from topic returning topic_id)
      insert into event_log.record (topic_id, partition, "offset", timestamp, value, headers)
      select topic_id, 0, row_number() over (), now(), convert_to(payload, 'UTF8'), '' from partition, outbox`,
    );
    await registry.database.pool.query("delete from outbox");
    await assert.rejects(retire(), /opens 1 events that the log still keeps/);
    await registry.database.pool.query("delete from event_log.record");
    const kafka = { ...registry.world, olderEvents: () => Promise.resolve(["pendaftaran-events.dlq"]) };
    const command = { name: "retire", ring: "events", id: "2026-10", retryDays: 30 } as const;
    await assert.rejects(run(command, kafka), /may open events in topic "pendaftaran-events.dlq"/);
    await retire();
    assert.deepEqual([...registry.process().keys.events.keys.keys()], ["2026-11"]);
  });

  it("does not let a key write before every process may know it", async () => {
    await registry.keys("add", "columns");
    registry.pass(-110_000);
    await assert.rejects(registry.keys("activate", "columns", "2026-11"), /wait 10 s/);
    await registry.keys("activate", "columns", "2026-11", "--now");
    await assert.rejects(registry.keys("activate", "columns", "2026-12"), /has no key "2026-12"/);
  });

  it("writes a file that nobody else may read, whole or not at all, one command at a time", async () => {
    const before = await Deno.readTextFile(registry.path);
    await Deno.writeTextFile(`${registry.path}.new`, "");
    await assert.rejects(registry.keys("add", "columns"), /Another command changes the keys/);
    await Deno.remove(`${registry.path}.new`);
    await assert.rejects(registry.keys("activate", "columns", "none"), /has no key/);
    assert.equal(await Deno.readTextFile(registry.path), before);
    await registry.keys("add", "columns");
    assert.equal((await Deno.stat(registry.path)).mode! & 0o777, 0o600);
  });

  it("finds persons and retries while the index is under two keys, and after", async () => {
    const [first, second] = [registry.process(), registry.process()];
    const original = await register(first.registrar, 0, "request-0");
    assert.ok(original.kind === "registered");
    const taken = await register(first.registrar, 2, "request-2");
    assert.ok(taken.kind === "registered");
    const event = { id: crypto.randomUUID(), payload: "{}", traceparent: "" };
    assert.ok(await first.repository.cancel(taken.id, event));
    await registry.keys("add", "blindIndex");
    await registry.keys("activate", "blindIndex", "2026-11");
    // The flip without the rewriting: all rows are under the old key, all new ones under the new key.
    await registry.database.pool.query(
      "update key_use set index_key = '2026-11', earlier_index_keys = '{2026-10}'",
    );
    for (const { registrar } of [first, second]) {
      assert.equal((await register(registrar, 0)).kind, "nik-known");
      assert.deepEqual(await register(registrar, 0, "request-0"), { ...original, kind: "repeated" });
      assert.equal((await register(registrar, 5, "request-0")).kind, "key-reused");
      assert.equal((await register(registrar, 2, "request-2")).kind, "cancelled");
    }
    assert.equal((await register(first.registrar, 1, "request-1")).kind, "registered");
    assert.equal(await registry.keys("rotate", "--ring", "blindIndex"), 1);
    for (const { registrar } of [first, second, registry.process()]) {
      assert.equal((await register(registrar, 0)).kind, "nik-known");
      assert.equal((await register(registrar, 0, "request-0")).kind, "repeated");
      assert.equal((await register(registrar, 1, "request-1")).kind, "repeated");
      assert.equal((await register(registrar, 6, "request-1")).kind, "key-reused");
    }
    assert.equal(await rows(), 2);
  });

  it("stops a process that has not read the new index key, instead of letting it write past the others", async () => {
    const current = registry.process();
    await register(current.registrar, 0);
    await registry.database.pool.query("update key_use set index_key = 'elsewhere'");
    await assert.rejects(register(current.registrar, 1), { code: "KEY_UNKNOWN" });
    assert.equal(await rows(), 1);
  });

  it("leaves rows that cannot be read, says so, and rewrites all others", async () => {
    const { registrar } = registry.process();
    for (let n = 0; n < 9; n++) await register(registrar, n);
    await registry.database.pool.query(
      "update penduduk set nama = 'broken' where id = (select id from penduduk order by id offset 4 limit 1)",
    );
    await registry.keys("add", "columns");
    await registry.keys("activate", "columns", "2026-11");
    await assert.rejects(registry.keys("rotate", "--ring", "columns"), /1 under key "2026-10"/);
    assert.equal(await rows("key_id = '2026-11'"), 8);
  });
});
