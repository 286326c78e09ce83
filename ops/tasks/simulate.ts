import { stderr, stdout } from "node:process";
import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import { sleep } from "../../shared/resilience/backoff.ts";
import { SimulationFailed } from "./simulate/edge_client.ts";
import { type Options, parseOptions, USAGE } from "./simulate/options.ts";
import { startProgress } from "./simulate/progress.ts";
import { freshSeed } from "./simulate/random.ts";
import { toText } from "./simulate/report_text.ts";
import { simulate } from "./simulate/run.ts";

const INTERRUPTED = 130;

Deno.exitCode = await main(Deno.args);

async function main(args: readonly string[]): Promise<number> {
  const secret = DEVELOPMENT_SECRETS["GOV_SIMULASI_SECRET"] ?? "";
  const parsed = parseOptions(args, { secret, seed: freshSeed(Date.now()) });
  if (parsed.kind === "options") return await run(parsed.options);
  if (parsed.kind === "help") stdout.write(USAGE);
  else stderr.write(`${parsed.sentence}\n`);
  return parsed.kind === "help" ? 0 : 1;
}

async function run(options: Options): Promise<number> {
  const stop = new AbortController();
  // The second Ctrl-C does not wait for the requests under way.
  const onInterrupt = () => stop.signal.aborted ? Deno.exit(INTERRUPTED) : stop.abort();
  Deno.addSignalListener("SIGINT", onInterrupt);
  const progress = startProgress((text) => stderr.write(text), stderr.isTTY);
  try {
    const world = { fetch, now: () => performance.now(), sleep, stop: stop.signal, show: progress.show };
    const report = await simulate(options, world);
    progress.end();
    stdout.write(options.json ? `${JSON.stringify(report)}\n` : toText(report));
    if (report.stopped) return INTERRUPTED;
    return report.agrees ? 0 : 1;
  } catch (error) {
    progress.end();
    if (!(error instanceof SimulationFailed)) throw error;
    stderr.write(`${error.message}\n`);
    return 1;
  } finally {
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
}
