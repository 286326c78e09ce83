import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openTestDatabase, type TestDatabase } from "../../../tests/database.ts";
import { Secret, type SecretValues } from "../../security/secret.ts";
import { openPool, type Pool, withTransaction } from "./pool.ts";
import { keepSession } from "./session.ts";

describe("a database whose password changes", () => {
  let database: TestDatabase;
  let pool: Pool;
  let values: SecretValues;
  /** Names of this test's own: all databases of the server share its roles. */
  const [first, second] = [crypto.randomUUID(), crypto.randomUUID()].map((id) => `u_${id.slice(0, 8)}`);
  const secret = Secret.changing("DATABASE_URL", () => values);

  before(async () => {
    database = await openTestDatabase();
  });
  beforeEach(async () => {
    await admin(`create role ${first} login password 'satu'`);
    await admin(`create role ${second} login password 'dua'`);
    values = [urlOf(first, "satu")];
    pool = openPool(secret, { max: 4, name: "uji" });
  });
  afterEach(async () => {
    await pool.end();
    await admin(`drop role if exists ${first}, ${second}`);
  });
  after(() => database.drop());

  it("is followed by new connections, and old ones end when they are given back", async () => {
    assert.deepEqual(await usersOf(4), [first, first, first, first]);
    values = [urlOf(second, "dua"), urlOf(first, "satu")];
    // The first that is given back makes room for a try, and the others end once that has succeeded.
    assert.equal(await userOf(), first);
    assert.equal(await userOf(), first);
    assert.deepEqual(new Set(await usersOf(4)), new Set([first, second]));
    assert.deepEqual(await usersOf(4), [second, second, second, second]);
  });

  it("does not cut off a transaction that is under way", async () => {
    await withTransaction(pool, async (client) => {
      await client.query("create temporary table sementara (n int)");
      values = [urlOf(second, "dua"), urlOf(first, "satu")];
      await client.query("insert into sementara values (1)");
      assert.deepEqual((await client.query("select n, current_user as u from sementara")).rows, [
        { n: 1, u: first },
      ]);
    });
    assert.equal(await userOf(), second);
  });

  it("may be changed here first: until the server knows it, the one before serves", async () => {
    values = [urlOf(first, "baru"), urlOf(first, "satu")];
    assert.deepEqual(await usersOf(4), [first, first, first, first]);
    await admin(`alter role ${first} password 'baru'`);
    values = [urlOf(first, "baru"), urlOf(first, "tidak-lagi")];
    assert.deepEqual(await usersOf(4), [first, first, first, first]);
  });

  it("may be changed at the server first: whoever connects waits for it", async () => {
    await admin(`alter role ${first} password 'baru'`);
    setTimeout(() => values = [urlOf(first, "baru"), urlOf(first, "satu")], 150);
    assert.deepEqual(await usersOf(4), [first, first, first, first]);
  });

  it("and fits nowhere is refused with the server's code", async () => {
    await admin(`alter role ${first} password 'baru'`);
    const fixed = openPool(urlOf(first, "satu"), { max: 1, name: "uji" });
    await assert.rejects(fixed.query("select 1"), { code: "28P01" });
    await fixed.end();
  });

  it("ends a session of its own and begins it anew", async () => {
    const stop = new AbortController();
    const users: unknown[] = [];
    await keepSession({ url: secret, name: "uji", stop: stop.signal, idleMs: 60 }, async (session) => {
      const { rows: [row] } = await session.client.query("select current_user as u");
      users.push(row.u);
      values = [urlOf(second, "dua"), urlOf(first, "satu")];
      if (users.length === 2) return stop.abort();
      await new Promise((resolve) => session.signal.addEventListener("abort", resolve));
    });
    assert.deepEqual(users, [first, second]);
  });

  async function userOf(): Promise<unknown> {
    return (await pool.query("select current_user as u")).rows[0].u;
  }

  /** Of as many connections at once. */
  async function usersOf(count: number): Promise<unknown[]> {
    const clients = await Promise.all(Array.from({ length: count }, () => pool.connect()));
    const users = await Promise.all(
      clients.map(async (client) => (await client.query("select current_user as u")).rows[0].u),
    );
    for (const client of clients) client.release();
    return users;
  }

  function urlOf(user = "", password = ""): string {
    return Object.assign(new URL(database.url), { username: user, password }).href;
  }

  async function admin(statement: string): Promise<void> {
    await database.pool.query(statement);
  }
});
