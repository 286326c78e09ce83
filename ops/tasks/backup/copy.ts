import { join } from "node:path";
import type { Pool } from "../../../shared/adapters/postgres/pool.ts";

/**
 * Copies the folder of an embedded PostgreSQL while it runs, by PostgreSQL's own low-level backup:
 * https://www.postgresql.org/docs/18/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP. What the copy starts with is
 * the database as it was at the end of this. Answers the number of files. `to` must not exist.
 */
export async function backUp({ pool, from, to }: Backup): Promise<number> {
  await Deno.mkdir(to, { mode: 0o700 });
  const client = await pool.connect();
  try {
    // Keeps the log of what changes meanwhile; it goes with this connection.
    await client.query("select pg_create_physical_replication_slot('backup', true, true)");
    await client.query("select pg_backup_start('deno task backup', fast => true)");
    const [source, target] = [join(from, "cluster"), join(to, "cluster")];
    let files = await copyFolder(source, target, "");
    const { rows: [label] } = await client.query<{ labelfile: string }>(
      "select labelfile from pg_backup_stop(false)",
    );
    if (!label) throw new Error("Cannot end the backup: PostgreSQL gives no label");
    await keep(join(target, "backup_label"), label.labelfile, source);
    files += await copyFolder(join(source, "pg_wal"), join(target, "pg_wal"), "pg_wal");
    await Deno.copyFile(join(from, "password"), join(to, "password"));
    return files;
  } finally {
    client.release(true);
  }
}

async function copyFolder(source: string, target: string, path: string): Promise<number> {
  await Deno.mkdir(target, { recursive: true, mode: 0o700 });
  await giveTo(target, await Deno.stat(source));
  let files = 0;
  for await (const { name, isDirectory } of Deno.readDir(source)) {
    const [inner, to] = [join(source, name), join(target, name)];
    if (isDirectory) {
      const relative = path === "" ? name : `${path}/${name}`;
      files += EMPTY.has(relative) ? await makeEmpty(inner, to) : await copyFolder(inner, to, relative);
    } else if (!LEFT_OUT.test(name)) {
      files += await copyFile(inner, to);
    }
  }
  return files;
}

/** A file that is gone when its turn comes was not needed: the log tells that it went. */
async function copyFile(source: string, target: string): Promise<0 | 1> {
  try {
    await Deno.copyFile(source, target);
    await giveTo(target, await Deno.stat(source));
    return 1;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

async function makeEmpty(source: string, target: string): Promise<0> {
  await Deno.mkdir(target, { mode: 0o700 });
  await giveTo(target, await Deno.stat(source));
  return 0;
}

async function keep(path: string, text: string, like: string): Promise<void> {
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  await giveTo(path, await Deno.stat(like));
}

/** To the account that PostgreSQL runs as, where that is not ours. */
async function giveTo(path: string, { uid, gid }: Deno.FileInfo): Promise<void> {
  if (Deno.uid() === 0) await Deno.chown(path, uid, gid);
}

interface Backup {
  /** Of a superuser. */
  readonly pool: Pool;
  /** The server's folder. */
  readonly from: string;
  readonly to: string;
}

/** Made anew at each start, or copied last. */
const EMPTY = new Set([
  ...[
    "pg_wal",
    "pg_replslot",
    "pg_dynshmem",
    "pg_notify",
    "pg_serial",
    "pg_snapshots",
    "pg_stat_tmp",
    "pg_subtrans",
  ],
]);
const LEFT_OUT = /^(postmaster\.(pid|opts)|pg_internal\.init.*|pgsql_tmp.*|backup_label.*)$/;
