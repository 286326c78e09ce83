import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { type EmbeddedPostgres, startPostgres } from "../../shared/adapters/embedded/postgres_server.ts";
import { migrate, MigrationRefused } from "../../shared/adapters/postgres/migrate.ts";
import { openPool, type Pool } from "../../shared/adapters/postgres/pool.ts";
import { asRole } from "../../shared/adapters/postgres/roles.ts";
import { REGISTRY } from "../../workers/registration/migrations.ts";

/** Roles belong to the whole server: only one of its own has none at first. */
describe("The first migration of a server", () => {
  let folder: string;
  let server: EmbeddedPostgres;
  let admin: Pool;
  before(async () => {
    folder = await Deno.makeTempDir();
    server = await startPostgres({ dataDir: join(folder, "postgres"), settings: { fsync: "off" } });
    admin = openPool(server.adminUrl, { max: 1, name: "admin" });
  });
  after(async () => {
    await admin.end();
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  });

  /** A database of a new user who is no superuser. */
  async function databaseOf(user: string, options: string): Promise<string> {
    await admin.query(`create role ${user} login password 'kata-sandi-percobaan' ${options}`);
    const url = new URL(await server.createDatabase(user));
    await admin.query(`alter database ${user} owner to ${user}`);
    [url.username, url.password] = [user, "kata-sandi-percobaan"];
    return url.href;
  }

  it("is refused for an owner who may not make the roles, and says what to do", async () => {
    const pool = openPool(await databaseOf("plain_owner", ""), { max: 1, name: "plain" });
    await assert.rejects(
      migrate(pool, REGISTRY),
      (error) => error instanceof MigrationRefused && /deno task migrate/.test(error.message),
    );
    await pool.end();
  });

  it("makes the roles for an owner who may, who then works as any of them", async () => {
    const url = await databaseOf("role_maker", "createrole");
    const pool = openPool(url, { max: 1, name: "maker" });
    assert.deepEqual(await migrate(pool, REGISTRY), REGISTRY.steps.map(({ id }) => id));
    assert.deepEqual(await migrate(pool, REGISTRY), []);
    await pool.end();
    const relay = openPool(asRole(url, "relay"), { max: 1, name: "relay" });
    await relay.query("select seq from outbox");
    await assert.rejects(relay.query("select id from penduduk"), { code: "42501" });
    await relay.end();
  });

  it("takes over the tables of an installation from before there were roles", async () => {
    const url = await server.createDatabase("from_before");
    const pool = openPool(url, { max: 1, name: "before" });
    for (const { sql } of REGISTRY.steps.slice(0, 2)) await pool.query(sql);
    await migrate(pool, { ...REGISTRY, steps: [] });
    await pool.query("alter table penduduk owner to kependudukan");
    await migrate(pool, { ...REGISTRY, steps: REGISTRY.steps.slice(2) });
    const { rows } = await pool.query(
      "select distinct tableowner as owner from pg_tables where schemaname = 'public'",
    );
    assert.deepEqual(rows, [{ owner: "kependudukan_migrator" }]);
    await pool.end();
  });
});
