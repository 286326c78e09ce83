// @ts-types="@types/pg"
import pg from "pg";

/** Creates the database unless it exists, with pgcrypto. */
export async function createDatabase(adminUrl: string, url: string, name: string): Promise<void> {
  await withClient(adminUrl, async (admin) => {
    const found = await admin.query("select from pg_database where datname = $1", [name]);
    if (found.rowCount === 0) await admin.query(`create database ${admin.escapeIdentifier(name)}`);
  });
  await withClient(url, (client) => client.query("create extension if not exists pgcrypto"));
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
