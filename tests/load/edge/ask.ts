import { join } from "node:path";
import { type Load, runWrk } from "../registration/wrk.ts";

/** Asks for `/protected` for some seconds, by one wrk for each URL, over so many connections in all. */
export async function askFor(options: AskOptions): Promise<Load> {
  const { urls, connections, seconds, tokens, signal } = options;
  const each = String(Math.ceil(connections / urls.length));
  const loads = await Promise.all(urls.map((url) => {
    const args = [
      ...["--threads", "1", "--connections", each, "--duration", `${seconds}s`, "--timeout", "10s"],
      ...["--script", SCRIPT, url, "--", tokens],
    ];
    return runWrk(args, { withinMs: seconds * 1000 + 30_000, signal });
  }));
  return loads.reduce(together);
}

/** Two loads at the same time as one: of percentiles the worse, since the samples are not to be had. */
export function together(a: Load, b: Load): Load {
  return {
    succeeded: a.succeeded + b.succeeded,
    perSecond: a.perSecond + b.perSecond,
    p50Ms: Math.max(a.p50Ms, b.p50Ms),
    p95Ms: Math.max(a.p95Ms, b.p95Ms),
    p99Ms: Math.max(a.p99Ms, b.p99Ms),
    errorPercent: Math.max(a.errorPercent, b.errorPercent),
    socketErrors: a.socketErrors + b.socketErrors,
  };
}

interface AskOptions {
  readonly urls: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** File of access tokens, one a line. */
  readonly tokens: string;
  readonly signal: AbortSignal;
}

const SCRIPT = join(import.meta.dirname ?? "", "protected.lua");
