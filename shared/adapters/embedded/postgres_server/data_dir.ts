import { randomBytes } from "node:crypto";
import { join } from "node:path";

/**
 * Opens the folder for this process alone; the kernel frees the lock however the process ends. Rejects with
 * `DataDirLocked`.
 */
export async function openDataDir(path: string): Promise<DataDir> {
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  const root = await Deno.realPath(path);
  const lock = await Deno.open(join(root, "lock"), { create: true, write: true, mode: 0o600 });
  try {
    if (!await lock.tryLock(true)) throw new DataDirLocked(path);
    const password = await keptPassword(join(root, "password"));
    return { root, cluster: join(root, "cluster"), password, [Symbol.dispose]: () => lock.close() };
  } catch (error) {
    lock.close();
    throw error;
  }
}

async function keptPassword(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const password = randomBytes(24).toString("base64url");
  // Renamed into place, so that a process killed here leaves no half password.
  await Deno.writeTextFile(`${file}.new`, password, { mode: 0o600 });
  await Deno.rename(`${file}.new`, file);
  return password;
}

/** Another live process uses the data folder. */
export class DataDirLocked extends Error {
  override readonly name = "DataDirLocked";
  constructor(path: string) {
    super(
      `Data folder "${path}" is in use by another running process: stop that one or choose another folder`,
    );
  }
}

export interface DataDir extends Disposable {
  /** Absolute, without symbolic links. */
  readonly root: string;
  /** PostgreSQL's own data directory in it. */
  readonly cluster: string;
  readonly password: string;
}
