import { stderr, stdout } from "node:process";
import { join } from "node:path";
import { buildBaseline } from "./baseline/build.ts";
import { toBenchmarks } from "./benchmarks.ts";
import { describeMachine } from "./machine/machine.ts";
import { meter } from "./machine/meter.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { startPart } from "./ours/part.ts";
import { chosen, limitOf, secondsOf } from "./plan.ts";
import { report } from "./report.ts";
import { clock, runScenarios } from "./run_scenarios.ts";
import { Samples } from "./samples.ts";
import { scenariosFor } from "./scenarios.ts";
import { startServers } from "./servers/servers.ts";
import { targetsFor } from "./targets.ts";

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
    const code = await measure(parsed.options, folder, stop.signal);
    await Deno.remove(folder, { recursive: true });
    return code;
  } catch (error) {
    complain(`Logs and data are left in ${folder}`);
    if (stop.signal.aborted) return 130;
    throw error;
  }
}

async function measure(options: Options, folder: string, stop: AbortSignal): Promise<number> {
  const { baseline: source, quick, only } = options;
  const baseline = await buildBaseline(source, say);
  if (!baseline) say(`Not compared: the baseline is not at "${source}", see --baseline`);
  const scenarios = chosen(scenariosFor(options), options);
  say(`Takes about ${clock(secondsOf(scenarios))}, at most ${clock(limitOf(scenarios, options))}`);
  const begun = performance.now();
  const servers = await startServers(folder);
  try {
    const samples = new Samples();
    const failed = await runScenarios({
      ...{ scenarios, say, stop },
      limitSeconds: limitOf(scenarios, options) - (performance.now() - begun) / 1000,
      async contextOf({ scenario: { name }, effort: { rounds } }, signal) {
        const own = join(folder, name);
        await Deno.mkdir(own);
        return {
          ...{ quick, servers, baseline, meter, say, signal, samples, rounds },
          folder: own,
          startPart: (part, variables) => startPart(part, variables, own),
        };
      },
    });
    const result = {
      rows: samples.rows(),
      targets: targetsFor({ ...options, scenarios: scenarios.map(({ scenario }) => scenario.name) }),
      failed,
    };
    if (!quick && only === undefined) {
      const circumstances = { machine: await describeMachine(servers), at: new Date() };
      await Deno.writeTextFile("BENCHMARKS.md", toBenchmarks(result, circumstances));
      await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", "BENCHMARKS.md"] }).output();
    }
    const { text, code } = report(result);
    print(text);
    say(`Took ${clock((performance.now() - begun) / 1000)}`);
    return code;
  } finally {
    await servers.end();
  }
}

const STOPS = ["SIGINT", "SIGTERM"] as const;

function say(sentence: string): void {
  stderr.write(`${sentence}\n`);
}

function print(text: string): number {
  stdout.write(text);
  return 0;
}

function complain(sentence: string): number {
  say(sentence);
  return 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
