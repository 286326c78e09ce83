import { join } from "node:path";
import type { DataDir } from "./data_dir.ts";
import { guard } from "./guard.ts";
import type { Programs } from "./programs.ts";

/** Makes the cluster of a new data folder, all of it or, when killed in between, none. See flush.ts for the disk. */
export async function createCluster(options: ClusterOptions): Promise<void> {
  const { dataDir, user, programs, signal } = options;
  const partial = join(dataDir.root, "cluster.new");
  await Deno.remove(partial, { recursive: true }).catch(ignoreNotFound);
  await Deno.mkdir(partial, { mode: 0o700 });
  // Not in the data folder: the server's account may not reach it by a path.
  const passwordFile = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(passwordFile, dataDir.password);
    await programs.give(partial);
    await programs.give(passwordFile);
    const initdb = programs.start("initdb", partial, [
      ...INITDB,
      `--username=${user}`,
      `--pwfile=${passwordFile}`,
    ], signal);
    const dismissGuard = guard(initdb.pid);
    const { success, stderr } = await initdb.output();
    await dismissGuard();
    signal.throwIfAborted();
    if (!success) {
      throw new Error(`Cannot create the database cluster: ${new TextDecoder().decode(stderr).trim()}`);
    }
  } finally {
    await Deno.remove(passwordFile);
  }
  await Deno.rename(partial, dataDir.cluster);
}

export async function clusterExists(dataDir: DataDir): Promise<boolean> {
  try {
    await Deno.stat(dataDir.cluster);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

interface ClusterOptions {
  readonly dataDir: DataDir;
  readonly user: string;
  readonly programs: Programs;
  readonly signal: AbortSignal;
}

const INITDB = [
  "--encoding=UTF8",
  // Code point order, upper and lower case of all of Unicode, the same on every machine.
  "--locale=C",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--auth=scram-sha-256",
  "--no-instructions",
  "--no-sync",
];
