import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
// @ts-types="@types/pg"
import pg from "pg";
import { openTestDatabase } from "../../../../tests/database.ts";
import { ensureDatabase, jdbcUrl, replaceDatabase } from "./database.ts";

describe("Keycloak's database", () => {
  const name = `keycloak_uji_${crypto.randomUUID().slice(0, 8)}`;
  const password = crypto.randomUUID();
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  before(async () => {
    database = await openTestDatabase();
  });
  after(async () => {
    for (const made of [name, `${name}_previous`]) await ask(`drop database if exists ${made} with (force)`);
    await ask(`drop role if exists ${name}`);
    await database.drop();
  });

  it("is made once, with a role of its own that owns it and is no superuser", async () => {
    assert.equal(await ensureDatabase(database.url, { name, password }), "new");
    assert.equal(await ensureDatabase(database.url, { name, password }), "old");
    const [row] = await ask(
      "select current_user as me, rolsuper from pg_roles where rolname = current_user",
      own(),
    );
    assert.deepEqual(row, { me: name, rolsuper: false });
    await ask("create table isi (a int)", own());
  });

  it("takes another password for the role", async () => {
    const other = crypto.randomUUID();
    await ensureDatabase(database.url, { name, password: other });
    await assert.rejects(ask("select 1", own()), /password authentication failed/);
    await ask("select 1", own(other));
    await ensureDatabase(database.url, { name, password });
  });

  it("gives way to an empty one and stays beside it, once", async () => {
    await replaceDatabase(database.url, name);
    await assert.rejects(ask("select from isi", own()), /does not exist/);
    await ask("select from isi", own(password, `${name}_previous`));
    await replaceDatabase(database.url, name);
    await assert.rejects(ask("select from isi", own(password, `${name}_previous`)), /does not exist/);
  });

  it("has an address for Java without a password", () => {
    const url = jdbcUrl("postgres://u:rahasia@127.0.0.1:5432/x?sslmode=disable", "keycloak");
    assert.equal(url, "jdbc:postgresql://127.0.0.1:5432/keycloak?sslmode=disable");
  });

  function own(secret = password, of = name): string {
    const url = new URL(database.url);
    [url.username, url.password, url.pathname] = [name, secret, `/${of}`];
    return url.href;
  }

  async function ask(sql: string, url = database.url): Promise<readonly unknown[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }
});
