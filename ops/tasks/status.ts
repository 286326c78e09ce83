import { stderr, stdout } from "node:process";
import { readVariable } from "../../shared/config/environment.ts";
import { sleep } from "../../shared/resilience/backoff.ts";
import { parseOptions, USAGE, WrongOption } from "./status/options.ts";
import { run } from "./status/run.ts";

/** `deno task status`: one screen on how the system is. Answers the exit code, see USAGE. */
async function main(args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => stop.abort());
  try {
    const options = parseOptions(args, readVariable("PROMETHEUS_URL"));
    if (options.help) {
      stdout.write(USAGE);
      return 0;
    }
    const { signal } = stop;
    const print = (text: string) => void stdout.write(text);
    return await run(options, { fetch, now: () => performance.now(), sleep, signal, print });
  } catch (error) {
    if (stop.signal.aborted) return 0;
    if (!(error instanceof WrongOption)) throw error;
    stderr.write(`Cannot show the status: ${error.message}\n`);
    return 2;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
