/** Starts a server whose output goes into `log`, for nobody reads it while all goes well. Ends it when disposed. */
export function startProgram(program: string, args: readonly string[], options: ProgramOptions): Program {
  const child = new Deno.Command("sh", {
    args: ["-c", 'log=$1; shift; exec "$@" >"$log" 2>&1', "sh", options.log, program, ...args],
    ...(options.env && { env: options.env }),
    stdin: "null",
  }).spawn();
  let over = false;
  void child.status.then(() => over = true);
  return {
    get over() {
      return over;
    },
    async lastWords() {
      return (await Deno.readTextFile(options.log)).trim().split("\n").slice(-3).join(" ");
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGTERM");
      } catch (error) {
        // It has ended by itself.
        if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
      }
      const killer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await child.status;
      clearTimeout(killer);
    },
  };
}

export interface Program extends AsyncDisposable {
  /** It has ended by itself. */
  readonly over: boolean;
  /** The end of what it printed. */
  lastWords(): Promise<string>;
}

export interface ProgramOptions {
  readonly log: string;
  /** Laid over the environment. */
  readonly env?: Record<string, string>;
}

const STOP_MS = 15_000;
