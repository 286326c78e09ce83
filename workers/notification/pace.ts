import { backoffMs, sleep } from "../../shared/resilience/backoff.ts";

/**
 * The provider's pace, shared by all that is sent to it. After "not now" everybody waits; after several answers that
 * leave it open what happened, one message at a time tries whether the provider is back, so that an outage leaves few
 * messages behind whose fate nobody knows.
 */
export class Pace {
  readonly #now: () => number;
  readonly #random: () => number;
  #opensAt = 0;
  #uncertain = 0;
  #gate: Promise<void> | undefined;

  constructor({ now = () => performance.now(), random = Math.random }: PaceOptions = {}) {
    this.#now = now;
    this.#random = random;
  }

  /** Resolves when a message may be sent, for those who wait in the order of their calls; rejects on abort. */
  async ready(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const waitMs = this.#opensAt - this.#now();
      if (waitMs <= 0) break;
      // One timer for all, as timers of their own would let them go in any order. It is the first one's: when that
      // one leaves, the next looks at the clock again.
      this.#gate ??= sleep(waitMs, signal).finally(() => this.#gate = undefined);
      await unlessAborted(this.#gate, signal);
    }
    if (this.#uncertain >= OUTAGE) this.#closeFor(TRIAL_MS);
  }

  /** Whether a message may be sent now, without waiting and without being the one that tries. */
  isOpen(): boolean {
    return this.#uncertain < OUTAGE && this.#opensAt <= this.#now();
  }

  /** The provider took nothing and said when to come back. */
  throttled(retryAfterMs: number): void {
    // Written so that a number that is none waits too.
    const waitMs = retryAfterMs > SHORTEST_MS ? Math.min(retryAfterMs, LONGEST_MS) : SHORTEST_MS;
    this.#closeFor(waitMs + this.#random() * waitMs);
  }

  /** Nobody knows what the provider did. */
  uncertain(): void {
    this.#uncertain++;
    this.#closeFor(backoffMs(this.#uncertain, BACKOFF, this.#random));
  }

  /** The provider took or refused a message: it is there. */
  answered(): void {
    this.#uncertain = 0;
  }

  #closeFor(ms: number): void {
    this.#opensAt = Math.max(this.#opensAt, this.#now() + ms);
  }
}

/** Resolves with the gate, rejects as soon as the signal aborts. */
function unlessAborted(gate: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    gate.then(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
  });
}

/** Uncertain answers in a row that make an outage of a mishap. */
const OUTAGE = 5;
/** In an outage, one message in so many milliseconds, until the first answer. */
const TRIAL_MS = 1_000;
const SHORTEST_MS = 100;
const LONGEST_MS = 60_000;
const BACKOFF = { baseMs: 50, capMs: 30_000 };

export interface PaceOptions {
  /** Monotonic milliseconds. */
  readonly now?: () => number;
  readonly random?: () => number;
}
