import { parseArgs } from "node:util";
import type { Ground } from "./system/dependencies.ts";

/** Reads the command line of `deno task chaos`. */
export function parseOptions(args: readonly string[], seed: number): Parsed {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
    if (values.help) return { kind: "help" };
    const on = GROUNDS.find((ground) => ground === values.on);
    if (!on) return wrong(`Option "--on" takes ${GROUNDS.join(" or ")}, not "${values.on}"`);
    const numbers = {
      seed: whole(values.seed ?? String(seed), 999_999_999_999_999),
      rate: whole(values.rate, 1_000),
      hours: values.hours === undefined ? 0 : Number(values.hours),
    };
    if (numbers.seed === undefined) return wrong('Option "--seed" takes a whole number of at most 15 digits');
    if (numbers.rate === undefined) return wrong('Option "--rate" takes a whole number from 1 to 1000');
    if (!(numbers.hours >= 0 && numbers.hours <= 1_000)) {
      return wrong('Option "--hours" takes a number up to 1000');
    }
    return {
      kind: "run",
      options: {
        ...numbers,
        seed: numbers.seed,
        rate: numbers.rate,
        on,
        quick: values.quick,
        fault: values.fault,
      },
    };
  } catch (error) {
    if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      return wrong(error.message.split(". ")[0] ?? error.message);
    }
    throw error;
  }
}

export interface Options {
  readonly on: Ground;
  readonly seed: number;
  /** Residents who come each second. */
  readonly rate: number;
  /** Some minutes: what a short run always has, and of the rest as much as there is time for, chosen by the seed. */
  readonly quick: boolean;
  /** Goes on breaking things for so long; 0 for once through all. */
  readonly hours: number;
  /** Only the one of this name. */
  readonly fault: string | undefined;
}

export type Parsed =
  | { readonly kind: "run"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly sentence: string };

export const USAGE = `Breaks the system under load and checks that nothing was lost and nothing doubled.

  deno task chaos [--quick] [--seed N] [--hours N] [--on embedded|stack] [--fault NAME] [--rate N]

  --quick   two minutes and a half, four on real servers: always the kills, of the rest one of each kind
  --seed    chooses residents, order and what breaks together; a new one each time unless given
  --hours   breaks one thing after the other for so long; a fraction will do
  --on      embedded servers (default), or the real ones with three Kafka brokers, started for the run alone
  --fault   only this one; "list" prints their names
  --rate    residents a second (25)

Exit code 0 when nothing was lost, doubled or wrong.
`;

function whole(text: string, most: number): number | undefined {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= most ? number : undefined;
}

function wrong(sentence: string): Parsed {
  return { kind: "wrong", sentence };
}

const GROUNDS = ["embedded", "stack"] as const;

const OPTIONS = {
  quick: { type: "boolean", default: false },
  seed: { type: "string" },
  hours: { type: "string" },
  on: { type: "string", default: "embedded" },
  fault: { type: "string" },
  rate: { type: "string", default: "25" },
  help: { type: "boolean", short: "h", default: false },
} as const;
