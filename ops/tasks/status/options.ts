import { parseArgs } from "node:util";
import type { Addresses } from "./look.ts";

export const USAGE = `deno task status [URL...] [--watch] [--json] [--seconds N]
    One screen on how the system is: health, rates, percentiles, outbox, lag, dead letters, breakers. It asks each part
    twice, N seconds (2) apart. Without URLs: \`deno task dev\` on port 8000, or the edge's operators' port 9000, and the
    workers on 8001 to 8005, whichever are there. Where PROMETHEUS_URL is set, Prometheus tells its alerts. --watch goes on until Ctrl-C; --json prints one line of JSON a look.

Exit codes: 0 all is well, 1 something is not, 2 wrong use.
`;

/** Reads the command line of `deno task status`, and PROMETHEUS_URL; throws `WrongOption` with a sentence. */
export function parseOptions(args: readonly string[], prometheusUrl?: string): Options {
  const { values, positionals } = parse(args);
  const seconds = Number(values.seconds ?? "2");
  if (!(seconds > 0 && seconds <= 3_600)) {
    throw new WrongOption(`Option "--seconds" takes a number up to 3600, not "${values.seconds}"`);
  }
  const urls = positionals.map(parseAddress);
  return {
    help: values.help ?? false,
    addresses: urls.length > 0 ? { urls, named: true } : { urls: HERE, named: false },
    watch: values.watch ?? false,
    json: values.json ?? false,
    seconds,
    prometheus: prometheusUrl ? parseAddress(prometheusUrl) : undefined,
  };
}

function parseAddress(text: string): string {
  if (URL.parse(text)?.protocol.match(/^https?:$/)) return text.replace(/\/+$/, "");
  throw new WrongOption(`"${text}" is no address: give it as http://host:port`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    if (error instanceof TypeError) throw new WrongOption(error.message.split(". ")[0]);
    throw error;
  }
}

export class WrongOption extends Error {
  override readonly name = "WrongOption";
}

export interface Options {
  readonly help: boolean;
  readonly addresses: Addresses;
  readonly watch: boolean;
  readonly json: boolean;
  /** Between two looks. */
  readonly seconds: number;
  /** Undefined where there is none to ask for its alerts. */
  readonly prometheus: string | undefined;
}

const OPTIONS = {
  watch: { type: "boolean" },
  json: { type: "boolean" },
  seconds: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

const HERE = [8000, 9000, 8001, 8002, 8003, 8004, 8005].map((port) => `http://127.0.0.1:${port}`);
