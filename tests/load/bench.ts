import { stderr, stdout } from "node:process";
import { join } from "node:path";
import { buildBaseline } from "./baseline/build.ts";
import { type Circumstances, toBenchmarks } from "./benchmarks.ts";
import { describeMachine } from "./machine/machine.ts";
import { meter } from "./machine/meter.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { startPart } from "./ours/part.ts";
import { report } from "./report.ts";
import type { Context, Row } from "./scenario.ts";
import { scenariosFor } from "./scenarios.ts";
import { startServers } from "./servers/servers.ts";

/** `deno task bench`: answers the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const names = scenariosFor({ connections: [] }).map(({ name }) => name);
  const parsed = parseOptions(args, names);
  if (parsed.kind === "help") return print(USAGE);
  if (parsed.kind === "wrong") return complain(parsed.sentence);
  const folder = await Deno.makeTempDir({ prefix: "bench-" });
  const stop = new AbortController();
  for (const signal of STOPS) Deno.addSignalListener(signal, () => stop.abort());
  try {
    const { rows, circumstances } = await measure(parsed.options, folder, stop.signal);
    if (!parsed.options.quick && parsed.options.only === undefined) {
      await Deno.writeTextFile("BENCHMARKS.md", toBenchmarks(rows, circumstances));
      await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", "BENCHMARKS.md"] }).output();
    }
    await Deno.remove(folder, { recursive: true });
    const { text, code } = report(rows);
    print(text);
    return code;
  } catch (error) {
    complain(`Logs and data are left in ${folder}`);
    if (stop.signal.aborted) return 130;
    throw error;
  }
}

async function measure(options: Options, folder: string, signal: AbortSignal): Promise<Measured> {
  const { baseline: source, quick, only, rounds = FULL_ROUNDS } = options;
  const say = (sentence: string) => void stderr.write(`${sentence}\n`);
  const baseline = await buildBaseline(source, say);
  if (!baseline) say(`Not compared: the baseline is not at "${source}", see --baseline`);
  const servers = await startServers(folder);
  try {
    const rows: Row[] = [];
    for (const { name, quickRounds = 1, run } of scenariosFor(options)) {
      if (only && !only.includes(name)) continue;
      if (quick && performance.now() > LAST_START_MS) {
        say(`Left out for lack of time: ${name}`);
        continue;
      }
      const own = join(folder, name);
      await Deno.mkdir(own);
      const context: Context = {
        ...{ quick, servers, baseline, meter, say, signal },
        rounds: options.rounds ?? (quick ? quickRounds : FULL_ROUNDS),
        folder: own,
        startPart: (part, variables) => startPart(part, variables, own),
      };
      rows.push(...await run(context));
    }
    const machine = await describeMachine(servers);
    return { rows, circumstances: { machine, rounds, at: new Date(), compared: baseline !== undefined } };
  } finally {
    await servers.end();
  }
}

interface Measured {
  readonly rows: readonly Row[];
  readonly circumstances: Circumstances;
}

const FULL_ROUNDS = 5;
/** Since the start of this process, with --quick. */
const LAST_START_MS = 270_000;

const STOPS = ["SIGINT", "SIGTERM"] as const;

function print(text: string): number {
  stdout.write(text);
  return 0;
}

function complain(sentence: string): number {
  stderr.write(`${sentence}\n`);
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
