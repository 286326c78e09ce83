// @ts-types="@types/pg"
import pg from "pg";
import { openPool, type Pool } from "../shared/adapters/postgres/pool.ts";
import { asRole, type DatabaseRole } from "../shared/adapters/postgres/roles.ts";

/**
 * A fresh database with pgcrypto for one test file; call `drop` in `after`. It lives on the server that
 * `deno task test` starts. A single file: `deno run -A tests/run.ts path/to/x_test.ts`.
 */
export async function openTestDatabase(): Promise<TestDatabase> {
  const server = Deno.env.get("TEST_DATABASE_URL");
  if (!server) throw new Error("Cannot open a test database without TEST_DATABASE_URL: run `deno task test`");
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  await run(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = name;
  await run(url.href, "create extension if not exists pgcrypto");
  const pool = openPool(url.href, { max: 10, name });
  const roles = new Map<DatabaseRole, Pool>();
  return {
    url: url.href,
    pool,
    as(role) {
      const pool = roles.get(role) ?? openPool(asRole(url.href, role), { max: 10, name: `${name} ${role}` });
      roles.set(role, pool);
      return pool;
    },
    urlAs: (role) => asRole(url.href, role),
    async drop() {
      const all = [pool, ...roles.values()];
      const busy = all.reduce((sum, { totalCount, idleCount }) => sum + totalCount - idleCount, 0);
      if (busy === 0) await Promise.all(all.map((pool) => pool.end()));
      await run(server, `drop database ${name} with (force)`);
      if (busy > 0) {
        throw new Error(`Test still uses ${busy} connections: stop what it started before the drop`);
      }
    },
  };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface TestDatabase {
  /** Of the superuser, as `pool`: to prepare and to look, not for the code under test. */
  readonly url: string;
  readonly pool: Pool;
  /** Has the rights of this role alone, as the code under test has where it runs; there are roles once migrated. */
  as(role: DatabaseRole): Pool;
  urlAs(role: DatabaseRole): string;
  drop(): Promise<void>;
}
