import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openTestDatabase, type TestDatabase } from "../../../tests/database.ts";
import { classify } from "./errors.ts";
import { check, openPool, type Pool, withTransaction } from "./pool.ts";

describe("pool", () => {
  let database: TestDatabase;
  let pool: Pool;
  before(async () => {
    database = await openTestDatabase();
    pool = openPool(database.url, { max: 2, name: "uji-pool" });
    await pool.query("create table angka (n int constraint angka_once primary key)");
  });
  after(async () => {
    await pool.end();
    await database.drop();
  });

  it("shows its name to the server and bounds every statement", async () => {
    const { rows } = await pool.query(
      `select current_setting('application_name') as name, current_setting('statement_timeout') as statement,
         current_setting('idle_in_transaction_session_timeout') as idle`,
    );
    assert.deepEqual(rows, [{ name: "uji-pool", statement: "30s", idle: "30s" }]);
  });

  it("plans a prepared statement once, for an index, where rows are looked up by it", async () => {
    const pool = openPool(database.url, { max: 1, name: "uji-pool", byIndex: true });
    const text = "select n from angka where n = $1";
    for (const n of [1, 2, 3]) await pool.query({ name: "cari", text, values: [n] });
    const planned = await pool.query(
      "select generic_plans::int as once, custom_plans::int as anew from pg_prepared_statements",
    );
    const plan = await pool.query("explain (costs off) select n from angka where n = 1");
    await pool.end();
    assert.deepEqual(planned.rows, [{ once: 3, anew: 0 }]);
    assert.match(plan.rows[0]["QUERY PLAN"], /Index/);
  });

  it("answers a check, and rejects with the signal's reason", async () => {
    await check(pool, AbortSignal.timeout(5_000));
    await assert.rejects(check(pool, AbortSignal.abort(new Error("terlambat"))), { message: "terlambat" });
  });

  it("stops waiting for a check when the signal aborts", async () => {
    const [first, second] = [await pool.connect(), await pool.connect()];
    const giveUp = new AbortController();
    const checked = check(pool, giveUp.signal);
    giveUp.abort(new Error("cukup"));
    await assert.rejects(checked, { message: "cukup" });
    first.release();
    second.release();
  });

  it("rejects a check of a database that is away, as unavailable", async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const away = openPool(`postgres://x:x@127.0.0.1:${port}/x`, { max: 1, name: "uji" });
    const error: unknown = await check(away, AbortSignal.timeout(5_000)).catch((reason: unknown) => reason);
    assert.deepEqual(classify(error), { kind: "unavailable", code: "ECONNREFUSED", constraint: undefined });
    await away.end();
  });

  it("commits a transaction that resolves", async () => {
    assert.equal(
      await withTransaction(pool, async (client) => (await client.query(INSERT, [1])).rowCount),
      1,
    );
    assert.equal(await count(pool, 1), 1);
  });

  it("undoes a transaction that rejects, and keeps the connection", async () => {
    const before = pool.totalCount;
    const failure = withTransaction(pool, async (client) => {
      await client.query(INSERT, [2]);
      throw new Error("batal");
    });
    await assert.rejects(failure, { message: "batal" });
    assert.equal(await count(pool, 2), 0);
    assert.equal(pool.totalCount, before);
  });

  it("names the violated constraint", async () => {
    const error = await failureOf(withTransaction(pool, async (client) => {
      await client.query(INSERT, [3]);
      await client.query(INSERT, [3]);
    }));
    assert.deepEqual(classify(error), { kind: "data", code: "23505", constraint: "angka_once" });
  });

  it("survives the loss of its connections, idle or in a transaction", async () => {
    const [first, second] = [await pool.connect(), await pool.connect()];
    first.release();
    second.release();
    const error = await failureOf(withTransaction(pool, async (client) => {
      await client.query(INSERT, [4]);
      await database.pool.query(TERMINATE);
      await client.query("select 1");
    }));
    assert.equal(classify(error).kind, "unavailable");
    const deadline = performance.now() + 5_000;
    while (pool.totalCount > 0 && performance.now() < deadline) await database.pool.query("select 1");
    assert.equal(await count(pool, 4), 0);
  });

  it("calls it a conflict when two transactions block each other", async () => {
    await pool.query("insert into angka values (10), (11)");
    const locked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const lock = (own: 0 | 1, other: 0 | 1) =>
      withTransaction(pool, async (client) => {
        await client.query("set local deadlock_timeout = '10ms'");
        await client.query("update angka set n = n where n = $1", [10 + own]);
        locked[own].resolve();
        await locked[other].promise;
        await client.query("update angka set n = n where n = $1", [10 + other]);
      });
    const results = await Promise.allSettled([lock(0, 1), lock(1, 0)]);
    const kinds = results.map((result) =>
      result.status === "rejected" ? classify(result.reason).kind : "committed"
    );
    assert.deepEqual(kinds.toSorted(), ["committed", "conflict"]);
  });
});

async function count(pool: Pool, n: number): Promise<number | null> {
  return (await pool.query("select from angka where n = $1", [n])).rowCount;
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: "The call did not fail" });
}

const INSERT = "insert into angka values ($1)";
const TERMINATE =
  "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'uji-pool'";
