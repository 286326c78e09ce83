import { parseArgs } from "node:util";

export const USAGE =
  `Registers synthetic residents through the edge and checks that every store agrees afterwards.

  deno task simulate [--count 10000] [--concurrency 100] [--url http://127.0.0.1:8000]
                     [--identity <origin of the identity provider, default: --url>]
                     [--operations <origin that serves /reconcile, default: --url>]
                     [--secret <of the client "simulasi", default: the development secret>]
                     [--seed <whole number: the same residents again>] [--json]
`;

/** Reads the command line; the sentence of a wrong one names the option and what it takes. */
export function parseOptions(args: readonly string[], defaults: { secret: string; seed: number }): Parsed {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: OPTIONS,
      strict: true,
      allowPositionals: false,
    });
    if (values.help) return { kind: "help" };
    const url = origin("url", values.url);
    return {
      kind: "options",
      options: {
        count: whole("count", values.count, 1, 1_000_000),
        concurrency: whole("concurrency", values.concurrency, 1, 1000),
        url,
        identity: values.identity === undefined ? url : origin("identity", values.identity),
        operations: values.operations === undefined ? url : origin("operations", values.operations),
        secret: values.secret ?? defaults.secret,
        seed: values.seed === undefined
          ? defaults.seed
          : whole("seed", values.seed, 0, Number.MAX_SAFE_INTEGER),
        json: values.json,
      },
    };
  } catch (error) {
    if (error instanceof WrongOption) return { kind: "wrong", sentence: error.message };
    if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      return { kind: "wrong", sentence: error.message.split(". ")[0] ?? error.message };
    }
    throw error;
  }
}

const OPTIONS = {
  count: { type: "string", default: "10000" },
  concurrency: { type: "string", default: "100" },
  url: { type: "string", default: "http://127.0.0.1:8000" },
  identity: { type: "string" },
  operations: { type: "string" },
  secret: { type: "string" },
  seed: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false, short: "h" },
} as const;

function whole(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new WrongOption(`Option "--${name}" takes a whole number from ${least} to ${most}, not "${text}"`);
}

function origin(name: string, text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text.replace(/\/+$/, "");
  throw new WrongOption(`Option "--${name}" takes a URL that begins with http:// or https://, not "${text}"`);
}

class WrongOption extends Error {}

export type Parsed =
  | { readonly kind: "options"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly sentence: string };

export interface Options {
  /** Residents to register. */
  readonly count: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  readonly url: string;
  readonly identity: string;
  readonly operations: string;
  readonly secret: string;
  readonly seed: number;
  readonly json: boolean;
}
