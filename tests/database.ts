// @ts-types="@types/pg"
import pg from "pg";
import { openPool, type Pool } from "../shared/adapters/postgres/pool.ts";

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
  return {
    url: url.href,
    pool,
    async drop() {
      const busy = pool.totalCount - pool.idleCount;
      if (busy === 0) await pool.end();
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
  readonly url: string;
  readonly pool: Pool;
  drop(): Promise<void>;
}
