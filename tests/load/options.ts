import { parseArgs } from "node:util";

/** Reads the command line of `deno task bench`. */
export function parseOptions(args: readonly string[], scenarios: readonly string[]): Parsed {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
    if (values.help) return { kind: "help" };
    const only = values.only?.split(",");
    const unknown = only?.find((name) => !scenarios.includes(name));
    if (unknown !== undefined) {
      return wrong(`Option "--only" takes some of ${scenarios.join(", ")}, not "${unknown}"`);
    }
    const rounds = values.rounds === undefined ? undefined : whole(values.rounds);
    if (values.rounds !== undefined && (rounds === undefined || rounds > 99)) {
      return wrong('Option "--rounds" takes a whole number from 1 to 99');
    }
    const connections = values.connections.split(",").map(whole).filter((number) => number !== undefined);
    if (connections.length !== values.connections.split(",").length) {
      return wrong('Option "--connections" takes whole numbers from 1 to 9999, with commas between');
    }
    const { quick, baseline } = values;
    return { kind: "run", options: { quick, baseline, only, rounds, connections } };
  } catch (error) {
    if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      return wrong(error.message.split(". ")[0] ?? error.message);
    }
    throw error;
  }
}

export interface Options {
  readonly quick: boolean;
  /** Folder of the baseline's sources. */
  readonly baseline: string;
  /** Names of scenarios; all when undefined. */
  readonly only: readonly string[] | undefined;
  /** Turns of each contender; undefined leaves it to the scenario. */
  readonly rounds: number | undefined;
  /** Of the registration. */
  readonly connections: readonly number[];
}

export type Parsed =
  | { readonly kind: "run"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly sentence: string };

export const USAGE = `Measures the system, the baseline and the raw limits on the same real servers.

  deno task bench [--quick] [--only NAMES] [--rounds N] [--connections N,N] [--baseline FOLDER]

  --quick        at most 5 minutes instead of 25; BENCHMARKS.md stays as it is
  --only         these scenarios alone, with commas between; BENCHMARKS.md stays as it is
  --rounds       turns of each contender (most have 3, with --quick 1)
  --connections  of the registration (100,256,1000)
  --baseline     sources of what is compared with (../shared/baseline)

Says first how long it takes. A scenario that fails is told and the others go on. Exit code 1 when a target of
tests/load/targets.ts is missed or was not measured, or when a scenario failed.
`;

function whole(text: string): number | undefined {
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined;
}

function wrong(sentence: string): Parsed {
  return { kind: "wrong", sentence };
}

const OPTIONS = {
  quick: { type: "boolean", default: false },
  only: { type: "string" },
  rounds: { type: "string" },
  connections: { type: "string", default: "100,256,1000" },
  baseline: { type: "string", default: "../shared/baseline" },
  help: { type: "boolean", short: "h", default: false },
} as const;
