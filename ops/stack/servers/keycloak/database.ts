// @ts-types="@types/pg"
import pg from "pg";

/** Makes Keycloak's own role and database, unless they are there, and says whether the database was. */
export async function ensureDatabase(
  adminUrl: string,
  { name, password }: DatabaseOptions,
): Promise<"new" | "old"> {
  return await withClient(adminUrl, async (client) => {
    const role = client.escapeIdentifier(name);
    const roles = await client.query("select from pg_roles where rolname = $1", [name]);
    if (roles.rowCount === 0) await client.query(`create role ${role} login`);
    await client.query(`alter role ${role} password ${client.escapeLiteral(password)}`);
    return await createDatabase(client, name);
  });
}

/** An empty database in the place of the present one, which stays as `<name>_previous` until the next time. */
export async function replaceDatabase(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const [present, previous] = [client.escapeIdentifier(name), client.escapeIdentifier(`${name}_previous`)];
    await client.query(`drop database if exists ${previous} with (force)`);
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
      [name],
    );
    await client.query(`alter database ${present} rename to ${previous}`);
    await createDatabase(client, name);
  });
}

/** For Java; the URL has no password. */
export function jdbcUrl(adminUrl: string, name: string): string {
  const { host } = new URL(adminUrl);
  return `jdbc:postgresql://${host}/${encodeURIComponent(name)}?sslmode=disable`;
}

/** For its owner alone: whoever reads it has the passwords' hashes. */
async function createDatabase(client: pg.Client, name: string): Promise<"new" | "old"> {
  const found = await client.query("select from pg_database where datname = $1", [name]);
  if (found.rowCount !== 0) return "old";
  const identifier = client.escapeIdentifier(name);
  await client.query(`create database ${identifier} owner ${identifier}`);
  await client.query(`revoke all on database ${identifier} from public`);
  return "new";
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 60_000,
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

interface DatabaseOptions {
  /** Of the role and of the database. */
  readonly name: string;
  readonly password: string;
}
