import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { run, type RunOptions } from "../../../ops/deploy/run.ts";

/** Puts `POST /penduduk` under load for some seconds over so many connections, by wrk with penduduk.lua. */
export async function putUnderLoad(options: LoadOptions): Promise<Load> {
  const { url, connections, seconds, tokens, provinces, first, signal } = options;
  const args = [
    ...["--threads", "1", "--connections", String(connections), "--duration", `${seconds}s`],
    ...["--timeout", "30s", "--script", SCRIPT, url, "--", tokens ?? "-", provinces, String(first)],
  ];
  return await runWrk(args, { withinMs: seconds * 1000 + 60_000, signal });
}

/** Runs wrk, whose script prints its result as `readOutput` reads it. */
export async function runWrk(args: readonly string[], options: RunOptions): Promise<Load> {
  const ran = await run(await findWrk(), args, options);
  if (ran.kind === "ended" && ran.code === 0) return readOutput(ran.stdout);
  // Wrong arguments are told of on standard output.
  throw new Error(`Run wrk failed: ${ran.kind === "ended" ? (ran.stderr || ran.stdout).trim() : ran.kind}`);
}

export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** File of access tokens, one a line; without it nobody logs in. */
  readonly tokens: string | undefined;
  /** File of provinces, code and name a line. */
  readonly provinces: string;
  /** Number of the first person: two loads with other numbers register other people. */
  readonly first: number;
  readonly signal: AbortSignal;
}

export interface Load {
  /** Requests that were answered by less than 400. */
  readonly succeeded: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly errorPercent: number;
  readonly socketErrors: number;
}

/** Reads what `done` of penduduk.lua prints, in microseconds. A load of which nothing was served is none. */
export function readOutput(output: string): Load {
  const line = /^RESULT (.*)$/m.exec(output)?.[1];
  if (line === undefined) throw new Error("wrk printed no result");
  const result = Result.parse(JSON.parse(line));
  const succeeded = result.requests - result.status;
  const socketErrors = result.connect + result.read + result.write + result.timeout;
  if (succeeded === 0) {
    throw new Error(`None of ${result.requests} requests was served, and ${socketErrors} connections failed`);
  }
  return {
    succeeded,
    perSecond: succeeded / (result.us / 1e6),
    p50Ms: result.p50 / 1000,
    p95Ms: result.p95 / 1000,
    p99Ms: result.p99 / 1000,
    errorPercent: 100 * (result.status + socketErrors) / Math.max(1, result.requests + socketErrors),
    socketErrors,
  };
}

const count = z.int().nonnegative();
const Result = z.object({
  ...{ requests: count, us: count, p50: count, p95: count, p99: count },
  ...{ status: count, connect: count, read: count, write: count, timeout: count },
});

/** Installed, or fetched from Debian once without being installed. */
async function findWrk(): Promise<string> {
  const folder = resolve(Deno.env.get("STACK_DIR") || ".stack", "tools/wrk");
  const found = ["/usr/bin/wrk", join(folder, "usr/bin/wrk")].find((path) => existsSync(path));
  if (found !== undefined) return found;
  await Deno.mkdir(folder, { recursive: true });
  const fetch = "apt-get -qq download wrk && dpkg-deb -x wrk_*.deb . && rm wrk_*.deb";
  const ran = await run("/bin/sh", ["-c", fetch], { cwd: folder });
  if (ran.kind === "ended" && ran.code === 0) return join(folder, "usr/bin/wrk");
  throw new Error('Cannot find or fetch wrk: run "apt-get install wrk"');
}

const SCRIPT = join(import.meta.dirname ?? "", "penduduk.lua");
