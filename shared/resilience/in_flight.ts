import { CallWindow } from "./call_window.ts";

/**
 * Bounds the calls in flight to another side by what it gets done, and not by their number alone: `n` in flight to one
 * that completes `rate` a second wait for `n / rate` seconds (Little's law), wherever on the way they wait, be it in the
 * event loop of this very process. One more is refused when that is longer than `waitMs`.
 *
 * Nothing is estimated while few are in flight, and not before those have been many for a while: what a side can do is
 * seen only while it is busy, and one that idled may get a burst.
 */
export class InFlight {
  readonly #limits: InFlightLimits;
  readonly #now: () => number;
  #completed: CallWindow;
  #calls = 0;
  #busySince = 0;
  /** The first to be completed since then. */
  #firstAt: number | undefined;

  constructor(limits: InFlightLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#completed = new CallWindow(SPAN_MS);
  }

  isFull(): boolean {
    if (this.#calls >= this.#limits.most) return true;
    return this.#calls >= FEW && this.#expectedMs(this.#now()) > this.#limits.waitMs;
  }

  enter(): void {
    if (++this.#calls === FEW) {
      this.#busySince = this.#now();
      this.#firstAt = undefined;
      this.#completed = new CallWindow(SPAN_MS);
    }
  }

  /** Each that entered leaves; one that was given up shows nothing of the other side's pace. */
  leave(completed: boolean): void {
    this.#calls--;
    if (!completed) return;
    const now = this.#now();
    this.#firstAt ??= now;
    this.#completed.add(false, now);
  }

  #expectedMs(now: number): number {
    const { calls } = this.#completed.count(now);
    if (calls === 0) return now - this.#busySince;
    // From the first on: many at once are long on their way until the first is answered, whatever the pace behind it.
    const seenMs = now - (this.#firstAt ?? now);
    // Who works in batches completes few at first: that is not his pace.
    const known = seenMs >= (calls < FEW ? SPAN_MS : LEARN_MS);
    return known ? this.#calls * Math.min(seenMs, SEEN_MS) / calls : 0;
  }
}

export interface InFlightLimits {
  /** Calls at most, however fast they are. */
  readonly most: number;
  /** Milliseconds that one more may be expected to take. */
  readonly waitMs: number;
}

/** So many are never refused for their wait. */
const FEW = 32;
const SPAN_MS = 1_000;
/** A window of whole tenths holds this much on average. */
const SEEN_MS = 950;
const LEARN_MS = 200;
