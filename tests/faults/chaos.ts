import { cp } from "node:fs/promises";
import { join } from "node:path";
import { stderr, stdout } from "node:process";
import { freshSeed, seededRandom } from "../../ops/tasks/simulate/random.ts";
import { untilAborted } from "../../shared/resilience/until_aborted.ts";
import type { Fault } from "./faults/fault.ts";
import { faultsOf } from "./faults/faults.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { brokenLine, HEADING, toText } from "./report.ts";
import { runChaos } from "./run.ts";
import { schedule } from "./schedule.ts";
import { startSystem } from "./system/system.ts";

/** `deno task chaos`: answers the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args, freshSeed(Date.now()));
  if (parsed.kind === "help") return print(USAGE);
  if (parsed.kind === "wrong") return complain(parsed.sentence);
  const { options } = parsed;
  const faults = faultsOf(options.on);
  const names = faults.map(({ name }) => name);
  if (options.fault === "list") return print(`${names.join("\n")}\n`);
  if (options.fault !== undefined && !names.includes(options.fault)) {
    return complain(`Fault "${options.fault}" is unknown: --fault list prints their names`);
  }
  return await inFolder(options, (folder, interrupted) => run(options, faults, folder, interrupted));
}

/** Lends a folder that is gone in the end, however the work ends; when something is wrong, its logs are kept. */
async function inFolder({ on, seed }: Options, work: Work): Promise<number> {
  const interrupted = interruption();
  const folder = await Deno.makeTempDir({ prefix: "chaos-" });
  const keepLogs = async () => {
    const kept = join(".artifacts", `chaos-${on}-${seed}`);
    await cp(join(folder, "logs"), kept, { recursive: true });
    print(`Logs are in ${kept}\n`);
  };
  try {
    const code = await work(folder, interrupted);
    if (code !== 0) await keepLogs();
    return code;
  } catch (error) {
    if (error instanceof Interrupted) return complain(error.message, 130);
    complain(error instanceof Error ? error.stack ?? error.message : String(error));
    await keepLogs();
    return 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Aborts when the person stops the run, or a part of it failed where nobody waits: then too, all must be ended first. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => interrupted.abort(new Interrupted(`Stopped by ${signal}`)));
  }
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    interrupted.abort(event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    interrupted.abort(event.error);
  });
  return interrupted.signal;
}

async function run(
  options: Options,
  faults: readonly Fault[],
  folder: string,
  interrupted: AbortSignal,
): Promise<number> {
  const { on, seed, rate } = options;
  print(
    `seed ${seed}, ${rate} residents a second, on ${on === "stack" ? "real servers" : "embedded servers"}\n`,
  );
  await using system = await startSystem({ on, folder, interrupted });
  const possible = faults.filter((fault) => {
    const reason = fault.impossible?.(system);
    if (reason !== undefined) print(`left out: ${fault.name}, because ${reason}\n`);
    return reason === undefined;
  });
  print(`${HEADING}\n`);
  const running = runChaos(system, {
    seed,
    perSecond: rate,
    steps: steps(options, possible),
    show: (broken) => print(`${brokenLine(broken)}\n`),
  });
  const report = await untilAborted(running, interrupted);
  print(toText(report));
  return report.verdict.problems.length === 0 ? 0 : 1;
}

function* steps(options: Options, faults: readonly Fault[]): Generator<readonly Fault[]> {
  const { on, seed, quick, hours, fault } = options;
  const end = quick ? QUICK_MS[on] : hours > 0 ? performance.now() + hours * 3_600_000 : Infinity;
  const late = quick ? LATE_MS : end;
  const inTime = (what?: "always") => performance.now() < (what === "always" ? late : end);
  const random = seededRandom(seed + 1);
  const chosen = faults.filter(({ name }) => name === fault);
  do {
    if (fault !== undefined) yield chosen;
    else {
      const leaveOut = ({ name }: Fault) => print(`left out: ${name}, because time is up\n`);
      yield* schedule(faults, { random, quick, inTime, leaveOut });
    }
  } while (hours > 0 && inTime());
}

/** From the start of the process until no more is begun but what a short run has always. */
const QUICK_MS = { embedded: 90_000, stack: 150_000 };

/** The same, on a slow machine, for what a short run has always: leaves a minute and a half for what comes after. */
const LATE_MS = 200_000;

class Interrupted extends Error {
  override readonly name = "Interrupted";
}

type Work = (folder: string, interrupted: AbortSignal) => Promise<number>;

function print(text: string): number {
  stdout.write(text);
  return 0;
}

function complain(sentence: string, code = 1): number {
  stderr.write(`${sentence}\n`);
  return code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
