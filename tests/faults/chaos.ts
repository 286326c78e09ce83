import { stderr, stdout } from "node:process";
import { freshSeed, seededRandom } from "../../ops/tasks/simulate/random.ts";
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
  const folder = await Deno.makeTempDir({ prefix: "chaos-" });
  const code = await run(options, faults, folder);
  if (code === 0) await Deno.remove(folder, { recursive: true });
  else print(`Logs and data are left in ${folder}\n`);
  return code;
}

async function run(options: Options, faults: readonly Fault[], folder: string): Promise<number> {
  const { on, seed, rate } = options;
  print(
    `seed ${seed}, ${rate} residents a second, on ${on === "stack" ? "real servers" : "embedded servers"}\n`,
  );
  const system = await startSystem({ on, folder });
  const stop = () => void system.end().finally(() => Deno.exit(130));
  for (const signal of STOPS) Deno.addSignalListener(signal, stop);
  try {
    const possible = faults.filter((fault) => {
      const reason = fault.impossible?.(system);
      if (reason !== undefined) print(`left out: ${fault.name}, because ${reason}\n`);
      return reason === undefined;
    });
    print(`${HEADING}\n`);
    const report = await runChaos(system, {
      seed,
      perSecond: rate,
      steps: steps(options, possible),
      show: (broken) => print(`${brokenLine(broken)}\n`),
    });
    print(toText(report));
    return report.verdict.problems.length === 0 && report.drainedMs !== undefined ? 0 : 1;
  } finally {
    for (const signal of STOPS) Deno.removeSignalListener(signal, stop);
    await system.end();
  }
}

function* steps(options: Options, faults: readonly Fault[]): Generator<readonly Fault[]> {
  const { seed, quick, hours, fault } = options;
  const begun = performance.now();
  const chosen = fault === undefined ? faults : faults.filter(({ name }) => name === fault);
  const random = seededRandom(seed + 1);
  do {
    const round = fault === undefined ? schedule(faults, { random, quick }) : [chosen];
    const left: string[] = [];
    for (const step of round) {
      if (!quick || performance.now() < QUICK_MS) yield step;
      else left.push(...step.flatMap(({ name, essential }) => essential && step.length === 1 ? [name] : []));
    }
    if (left.length > 0) print(`left out for lack of time: ${left.join(", ")}\n`);
  } while (performance.now() < begun + hours * 3_600_000);
}

const STOPS = ["SIGINT", "SIGTERM"] as const;

/** From the start of the process: leaves more than a minute to drain and to compare. */
const QUICK_MS = 220_000;

function print(text: string): number {
  stdout.write(text);
  return 0;
}

function complain(sentence: string): number {
  stderr.write(`${sentence}\n`);
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
