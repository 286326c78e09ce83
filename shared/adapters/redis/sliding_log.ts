import type { RatelimitConfig } from "@upstash/ratelimit";

/**
 * An algorithm for @upstash/ratelimit: exactly `limit` requests in any rolling window of `windowMs`, to the
 * millisecond. It keeps the instants of the accepted requests, `limit` of them at most; a refused request leaves no
 * trace, so that a client which knocks too early does not lengthen its own wait. The package's own sliding window
 * lets twice the limit through in the worst rolling window.
 *
 * The clock is the store's: several edge instances share one log, and clocks of their own would disagree.
 */
export function slidingLog({ store, limit, windowMs, now }: SlidingLogOptions): RatelimitConfig["limiter"] {
  return () => ({
    async limit(_context, key, rate = 1) {
      if (rate !== 1) throw new RangeError(`Take one request at a time, not "${rate}"`);
      const taken = toTaken(await store.eval(SLIDING_LOG, [key], [limit, windowMs]));
      return {
        success: taken.allowed,
        limit,
        remaining: taken.remaining,
        reset: now() + taken.resetMs,
        pending: Promise.resolve(),
      };
    },
    getRemaining: () => Promise.reject(new Error("Look at a budget without taking from it is not offered")),
    resetTokens: () => Promise.reject(new Error("Give a budget back is not offered: only time does")),
  });
}

/**
 * Answers {allowed 0 or 1, remaining, milliseconds until the budget grows}. The list runs from the newest instant to
 * the oldest, and each is pushed and popped once, so that the cost of a call does not depend on the limit. Popping ends
 * at the first instant that is still live: after the clock was set back too few requests pass, never too many.
 * TIME inside a script needs the replication by effects that Redis has had as its default since 5.0.
 */
export const SLIDING_LOG = `
local key, limit, window = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local oldest = redis.call('LINDEX', key, -1)
while oldest and tonumber(oldest) <= now - window do
  redis.call('RPOP', key)
  oldest = redis.call('LINDEX', key, -1)
end
local blocking = redis.call('LINDEX', key, limit - 1)
if blocking then return {0, 0, tonumber(blocking) + window - now} end
local used = redis.call('LPUSH', key, now)
redis.call('PEXPIRE', key, window)
return {1, limit - used, tonumber(oldest or now) + window - now}
`;

/** The same decision as the script, on instants from the oldest to the newest; changes `log`. */
export function takeFromLog(log: number[], now: number, limit: number, windowMs: number): Taken {
  const live = log.findIndex((instant) => instant > now - windowMs);
  log.splice(0, live < 0 ? log.length : live);
  const blocking = log[log.length - limit];
  if (blocking !== undefined) return { allowed: false, remaining: 0, resetMs: blocking + windowMs - now };
  log.push(now);
  return { allowed: true, remaining: limit - log.length, resetMs: (log[0] ?? now) + windowMs - now };
}

/** An unreadable answer is a broken store, never a permission. */
function toTaken(answer: unknown): Taken {
  const [allowed, remaining, resetMs]: unknown[] = Array.isArray(answer) ? answer : [];
  if ((allowed !== 0 && allowed !== 1) || typeof remaining !== "number" || typeof resetMs !== "number") {
    throw new TypeError("Read the rate-limit store's answer failed: it is not three numbers");
  }
  return { allowed: allowed === 1, remaining, resetMs };
}

/**
 * Where the logs are kept. Runs the script in one step against all other calls, by the store's own clock.
 * The signature is a part of @upstash/redis' `Redis`, which therefore is such a store.
 */
export interface RateLimitStore {
  eval(script: string, keys: string[], args: number[]): Promise<unknown>;
}

export interface Taken {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly resetMs: number;
}

export interface SlidingLogOptions {
  readonly store: RateLimitStore;
  readonly limit: number;
  readonly windowMs: number;
  /** Unix milliseconds: the package wants the reset as an instant, while the store answers a duration. */
  readonly now: () => number;
}
