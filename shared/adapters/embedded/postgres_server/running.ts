import { join } from "node:path";

/**
 * The URL of the embedded server that runs on this data folder, for commands beside `deno task dev`; undefined when none
 * runs. Holds the password: not for logs.
 */
export async function runningPostgres(dataDir: string): Promise<string | undefined> {
  try {
    const password = await Deno.readTextFile(join(dataDir, "password"));
    const pidFile = await Deno.readTextFile(join(dataDir, "cluster", "postmaster.pid"));
    // https://www.postgresql.org/docs/18/storage-file-layout.html: the fourth line is the port.
    const port = pidFile.split("\n")[3];
    return `postgres://kependudukan:${password}@127.0.0.1:${port}/kependudukan?sslmode=disable`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
