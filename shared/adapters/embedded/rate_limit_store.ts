import { getLogger } from "@logtape/logtape";
import { type RateLimitStore, SLIDING_LOG, takeFromLog, type Taken } from "../redis/sliding_log.ts";

const log = getLogger(["kependudukan", "rate-limit"]);

/**
 * The logs of one limiter in this process' memory: at most `subjects`, each gone one window after its last accepted
 * request. Full, it refuses subjects it does not know until the next log expires: to forget a known one instead
 * would give it a fresh budget, and whoever sends from many addresses could empty every log that way. Give each
 * limiter a store of its own, so that a flood of addresses at the login takes no place from users who are signed in.
 */
export class EmbeddedRateLimitStore implements RateLimitStore {
  /** By rising expiry, since a subject moves to the end with every accepted request. */
  readonly #logs = new Map<string, number[]>();
  readonly #now: () => number;
  readonly #subjects: number;
  #full = false;

  /** `now` answers milliseconds from any origin; by default a clock that nobody sets back. */
  constructor({ now = () => performance.now(), subjects = 100_000 }: EmbeddedRateLimitStoreOptions = {}) {
    this.#now = now;
    this.#subjects = subjects;
  }

  /** Runs the sliding log in one step, this being the only thread; no other script is known. */
  eval(script: string, keys: string[], args: number[]): Promise<unknown> {
    const [key] = keys;
    const [limit, windowMs] = args;
    if (script !== SLIDING_LOG || key === undefined || limit === undefined || windowMs === undefined) {
      return Promise.reject(new Error("Run a script other than the sliding log is not possible in memory"));
    }
    const { allowed, remaining, resetMs } = this.#take(key, limit, windowMs);
    return Promise.resolve([allowed ? 1 : 0, remaining, resetMs]);
  }

  /** Subjects that are held in memory. */
  get size(): number {
    return this.#logs.size;
  }

  #take(key: string, limit: number, windowMs: number): Taken {
    const now = this.#now();
    const known = this.#logs.get(key);
    if (!known) {
      const expiresInMs = this.#makeRoom(now, windowMs);
      if (expiresInMs !== undefined) return { allowed: false, remaining: 0, resetMs: expiresInMs };
    }
    const instants = known ?? [];
    const taken = takeFromLog(instants, now, limit, windowMs);
    if (taken.allowed) {
      this.#logs.delete(key);
      this.#logs.set(key, instants);
    }
    return taken;
  }

  /** Drops the expired logs; milliseconds until the next one expires when there is no room even so. */
  #makeRoom(now: number, windowMs: number): number | undefined {
    let nextMs = 0;
    for (const [key, instants] of this.#logs) {
      nextMs = (instants.at(-1) ?? now) + windowMs - now;
      if (nextMs > 0) break;
      this.#logs.delete(key);
    }
    const full = this.#logs.size >= this.#subjects;
    if (full && !this.#full) {
      log.error("Rate-limit store is full and refuses new subjects {subjects}", { subjects: this.#subjects });
    }
    this.#full = full;
    return full ? nextMs : undefined;
  }
}

export interface EmbeddedRateLimitStoreOptions {
  readonly now?: () => number;
  /** At a limit of 100, a full store of 100,000 takes about 100 MB. */
  readonly subjects?: number;
}
