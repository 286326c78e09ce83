import { existsSync, statfsSync } from "node:fs";

/**
 * Makes a folder for the files of databases, in memory where there is room. On a disk the thousand small files of one
 * cluster, and the three hundred of each test's database, cost more processor time than the statements of most tests.
 * Deno opens what is below /dev to a process with all rights alone: not for what a process with fewer shall open.
 */
export function makeDatabaseFolder(): Promise<string> {
  const prefix = "kependudukan-test-";
  return Deno.makeTempDir(hasRoom(MEMORY) ? { dir: MEMORY, prefix } : { prefix });
}

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= ENOUGH_BYTES;
}

const MEMORY = "/dev/shm";

/** A whole run keeps some 1 GiB; a container gives 64 MiB unless told otherwise. */
const ENOUGH_BYTES = 4 * 2 ** 30;
