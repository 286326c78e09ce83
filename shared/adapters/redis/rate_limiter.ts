import { getLogger } from "@logtape/logtape";
import { Ratelimit } from "@upstash/ratelimit";
import type { RateLimiter, Verdict } from "../../ports/rate_limiter.ts";
import { within } from "../../resilience/within.ts";
import { type RateLimitStore, slidingLog } from "./sliding_log.ts";

const log = getLogger(["kependudukan", "rate-limit"]);

/**
 * Exactly `limit` requests of a subject in any rolling window, over all processes that share the store.
 *
 * A store that throws or stays silent for `timeoutMs` is away: this process then counts in `fallback` alone and says
 * so in every verdict, so a subject gets at most `limit` from each process. While it is away one request per second
 * tries it, the others do not wait for it. Without a fallback `take` rejects; nothing ever passes uncounted.
 */
export function openRateLimiter(options: RateLimiterOptions): RateLimiter {
  const { fallback, now = monotonicUnixMs, timeoutMs = 250 } = options;
  const shared = countIn(options.store, options);
  if (!fallback) return { take: (subject) => within(timeoutMs, shared.take(subject)) };

  const alone = countIn(fallback, options);
  let state: StoreState = { kind: "shared" };

  return {
    async take(subject) {
      const probing = state.kind === "away";
      if (state.kind === "away" && now() < state.retryAt) return degraded(await alone.take(subject));
      if (probing) state = { kind: "away", retryAt: now() + PROBE_MS };
      try {
        const verdict = await within(timeoutMs, shared.take(subject));
        if (probing) {
          state = { kind: "shared" };
          log.info("Rate-limit store is back");
        }
        return verdict;
      } catch (error) {
        // The message may hold the command, and with it the subject.
        const reason = error instanceof Error ? error.name : typeof error;
        if (state.kind === "shared") {
          log.error("Rate-limit store is away, this process counts alone {reason}", { reason });
        }
        state = { kind: "away", retryAt: now() + PROBE_MS };
        return degraded(await alone.take(subject));
      }
    },
  };
}

const PROBE_MS = 1000;

function countIn(store: RateLimitStore, options: RateLimiterOptions): RateLimiter {
  const { limit, windowMs, prefix, now = monotonicUnixMs } = options;
  if (!(limit >= 1 && windowMs >= 1)) {
    throw new RangeError(`Limit to "${limit}" in "${windowMs}" ms is not possible`);
  }
  const ratelimit = new Ratelimit({
    redis: NO_REDIS,
    limiter: slidingLog({ store, limit, windowMs, now }),
    prefix,
    // Its memory of refused clients starves an honest one: after a burst it accepts 1 of 120 instead of 100.
    ephemeralCache: false,
    // On a timeout of its own it answers success.
    timeout: 0,
  });
  return {
    async take(subject) {
      const { success, remaining, reset } = await ratelimit.limit(subject);
      return {
        allowed: success,
        limit,
        remaining,
        // From the answer on, since the wait for it has passed already.
        resetMs: Math.max(1, Math.ceil(reset - now())),
        degraded: false,
      };
    },
  };
}

/** The package insists on a client for its own scripts; the sliding log talks to its store by itself. */
const NO_REDIS = {
  evalsha: () => Promise.reject(new Error("Run a script of the package is not possible here")),
  get: () => Promise.reject(new Error("Read a dynamic limit is not possible here")),
  set: () => Promise.reject(new Error("Write a dynamic limit is not possible here")),
};

function degraded(verdict: Verdict): Verdict {
  return { ...verdict, degraded: true };
}

function monotonicUnixMs(): number {
  return performance.timeOrigin + performance.now();
}

export interface RateLimiterOptions {
  readonly store: RateLimitStore;
  /** Counts in this process while the store is away. Leave it out when the store itself is in this process. */
  readonly fallback?: RateLimitStore;
  readonly limit: number;
  readonly windowMs: number;
  /** Sets the subjects of this limiter apart from those of others in the same store. */
  readonly prefix: string;
  readonly timeoutMs?: number;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

type StoreState = { readonly kind: "shared" } | { readonly kind: "away"; readonly retryAt: number };
