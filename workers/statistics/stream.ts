import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import type { AppEnv } from "../../shared/http/app.ts";
import { Problem } from "../../shared/http/problem.ts";
import type { StatisticsStore } from "../../shared/ports/statistics_store.ts";
import { sleep } from "../../shared/resilience/backoff.ts";
import { type Change, StatisticsFeed } from "./feed.ts";
import { readStore } from "../../shared/http/read_store.ts";

/**
 * Handles `GET /stats/stream`: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)
 * until the caller's token expires or is no longer good, the process shuts down, or the client is gone or takes nothing
 * for 5 seconds.
 */
export function statisticsStream(
  { store, isStillGood, shutdown, now }: StreamContext,
): (c: Context<AppEnv>) => Promise<Response> {
  const feed = new StatisticsFeed(store);
  return async function statisticsStream(c) {
    if (feed.followers >= STREAMS) {
      throw new Problem("OVERLOADED", "Terlalu banyak aliran statistik terbuka; coba lagi sebentar lagi");
    }
    const end = new AbortController();
    const signal = AbortSignal.any([end.signal, shutdown, c.req.raw.signal]);
    const changes = feed.follow(signal);
    // Before the status is sent, so that a store that is away is 503.
    let step = await readStore(c, changes.next()).catch((error) => {
      end.abort();
      throw error;
    });
    void watchToken(() => isStillGood(c), signal).finally(() => end.abort());
    const expiry = setTimeout(() => end.abort(), lifetimeMs(c.var.caller.expiresAt, now()));
    c.header("x-accel-buffering", "no"); // nginx and its kin would keep the events back
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => end.abort());
      try {
        while (!step.done && await taken(send(stream, step.value), signal)) step = await changes.next();
      } finally {
        clearTimeout(expiry);
        await changes.return();
      }
    });
  };
}

export interface StreamContext {
  readonly store: Pick<StatisticsStore, "read">;
  /** Whether the caller would be let in again now. */
  readonly isStillGood: (c: Context<AppEnv>) => Promise<boolean>;
  readonly shutdown: AbortSignal;
  readonly now: () => Date;
}

/** Open at once in this process. */
const STREAMS = 200;
const TAKE_MS = 5_000;
const DAY_MS = 86_400_000;
/** An answer of the provider is kept for 10 seconds, so that a stream ends 15 seconds after a logout at the latest. */
const WATCH_MS = 5_000;

/** Resolves when the token is no longer good, or nobody can tell, or the signal aborts. */
async function watchToken(isStillGood: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  do await sleep(WATCH_MS, signal); while (!signal.aborted && await isStillGood());
}

/** Bounded, since a timer beyond 2^31 milliseconds would fire at once. */
function lifetimeMs(expiresAt: Date, now: Date): number {
  return Math.min(expiresAt.getTime() - now.getTime(), DAY_MS);
}

async function send(stream: SSEStreamingApi, change: Change | "quiet"): Promise<void> {
  if (change === "quiet") await stream.write(": masih tersambung\n\n");
  else await stream.writeSSE({ event: "stats", ...change });
}

/** Whether the client took what was sent: not when the stream ends first, nor when it is too slow. */
async function taken(sent: Promise<void>, signal: AbortSignal): Promise<boolean> {
  const done = new AbortController();
  const late = sleep(TAKE_MS, AbortSignal.any([signal, done.signal])).then(() => false);
  try {
    return await Promise.race([sent.then(() => true), late]);
  } finally {
    done.abort();
  }
}
