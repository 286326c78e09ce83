import { CallWindow } from "./call_window.ts";
import { untilAborted } from "./until_aborted.ts";

/**
 * Bounds the calls in flight to another side by what it gets done, and not by their number alone: `n` in flight to one
 * that completes `rate` a second wait for `n / rate` seconds (Little's law), wherever on the way they wait, be it in the
 * event loop of this very process. One more is refused when that is longer than `waitMs`.
 *
 * Nothing is estimated while few are in flight, and not before those have been many for a while: what a side can do is
 * seen only while it is busy, and one that idled may get a burst.
 *
 * Only `atOnce` of them are with the other side; the others wait here for their turn, in the order of their coming. So
 * much as keeps it busy is enough: more would take its memory and connections, and wait there instead.
 */
export class InFlight {
  readonly #limits: InFlightLimits;
  readonly #now: () => number;
  readonly #waiting = new Set<PromiseWithResolvers<void>>();
  #completed: CallWindow;
  /** Those that wait included. */
  #calls = 0;
  #away = 0;
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

  /**
   * Undefined when the call may go now. Else resolves when it is its turn, and rejects with the signal's reason when
   * that comes first: such a call is not to leave again.
   */
  enter(signal: AbortSignal): Promise<void> | undefined {
    if (++this.#calls === FEW) {
      this.#busySince = this.#now();
      this.#firstAt = undefined;
      this.#completed = new CallWindow(SPAN_MS);
    }
    if (this.#away >= (this.#limits.atOnce ?? Infinity)) return this.#turn(signal);
    this.#away++;
    return undefined;
  }

  /** Each that entered leaves; one that was given up shows nothing of the other side's pace. */
  leave(completed: boolean): void {
    this.#calls--;
    this.#passOn();
    if (!completed) return;
    const now = this.#now();
    this.#firstAt ??= now;
    this.#completed.add(false, now);
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const turn = Promise.withResolvers<void>();
    this.#waiting.add(turn);
    try {
      await untilAborted(turn.promise, signal);
    } catch (error) {
      this.#calls--;
      if (!this.#waiting.delete(turn)) this.#passOn();
      throw error;
    }
  }

  /** A place is free: the first who waits has it. */
  #passOn(): void {
    const [first] = this.#waiting;
    if (!first) {
      this.#away--;
      return;
    }
    this.#waiting.delete(first);
    first.resolve();
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
  /** Calls at most that are with the other side; all of them unless told. */
  readonly atOnce?: number;
}

/** So many are never refused for their wait. */
const FEW = 32;
const SPAN_MS = 1_000;
/** A window of whole tenths holds this much on average. */
const SEEN_MS = 950;
const LEARN_MS = 200;
