import { type CallCount, CallWindow } from "./call_window.ts";

/**
 * Stops calling what does not answer, so that it can recover and nobody waits for nothing. Closed, it counts; when half
 * of at least 20 calls within 10 s failed, it is open for about 30 s; then 5 trial calls decide, by majority, whether
 * it closes or is open again. A call that took longer than `slowMs` has failed, whatever came of it.
 *
 * The states are those of resilience4j with a sliding window of time. Unlike there no result can wedge the trials: who
 * enters must settle, and a result from before the last change counts no more.
 */
export class CircuitBreaker {
  readonly #limits: BreakerLimits;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #onChange: (change: BreakerChange) => void;
  #state: State;

  constructor(options: BreakerOptions = {}) {
    const { now = () => performance.now(), random = Math.random, onChange = () => {} } = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#now = now;
    this.#random = random;
    this.#onChange = onChange;
    this.#state = this.#closed();
  }

  /** Asks to make one call. Whoever was let in settles, however the call ends. */
  enter(): Entry {
    const retryAfterMs = this.refusesForMs;
    if (retryAfterMs > 0) return { kind: "refused", retryAfterMs };
    if (this.#state.kind === "open") {
      this.#become({ kind: "half-open", entered: 0, calls: 0, failures: 0 }, NO_CALLS);
    }
    const state = this.#state;
    if (state.kind === "half-open") state.entered++;
    const now = this.#now();
    return { kind: "entered", settle: (result) => this.#settle(state, result, now) };
  }

  /** Milliseconds for which every call will be refused, as far as is known; 0 when the next may be let in. */
  get refusesForMs(): number {
    const state = this.#state;
    if (state.kind === "open") return Math.max(0, state.until - this.#now());
    return state.kind === "half-open" && state.entered >= this.#limits.trials ? TRIALS_MS : 0;
  }

  get state(): BreakerState {
    return this.#state.kind;
  }

  #settle(entered: State, result: CallResult, since: number): void {
    if (entered !== this.#state) return;
    const now = this.#now();
    const slow = now - since > this.#limits.slowMs;
    if (result === "abandoned" && !slow) {
      if (entered.kind === "half-open") entered.entered--;
      return;
    }
    const failed = slow || result === "failed";
    if (entered.kind === "closed") this.#count(entered, failed, now);
    else if (entered.kind === "half-open") this.#judge(entered, failed, now);
  }

  #count({ window }: Closed, failed: boolean, now: number): void {
    window.add(failed, now);
    if (!failed) return;
    const count = window.count(now);
    if (count.calls >= this.#limits.calls && count.failures * 2 >= count.calls) this.#open(count, now);
  }

  #judge(state: HalfOpen, failed: boolean, now: number): void {
    state.calls++;
    if (failed) state.failures++;
    const { trials } = this.#limits;
    if (state.failures * 2 >= trials) this.#open(state, now);
    else if ((state.calls - state.failures) * 2 > trials) this.#become(this.#closed(), state);
  }

  /** A fifth earlier or later, so that many edges do not come back together. */
  #open(count: CallCount, now: number): void {
    const openMs = this.#limits.openMs * (0.8 + 0.4 * this.#random());
    this.#become({ kind: "open", until: now + openMs }, count);
  }

  #closed(): Closed {
    return { kind: "closed", window: new CallWindow(this.#limits.windowMs) };
  }

  #become(state: State, { calls, failures }: CallCount): void {
    this.#state = state;
    this.#onChange({ to: state.kind, calls, failures });
  }
}

export type BreakerState = "closed" | "half-open" | "open";

export type Entry =
  | { readonly kind: "entered"; readonly settle: (result: CallResult) => void }
  | { readonly kind: "refused"; readonly retryAfterMs: number };

/** `abandoned`: the caller went before the answer, which says nothing of the other side unless it was slow. */
export type CallResult = "answered" | "failed" | "abandoned";

export interface BreakerOptions {
  readonly limits?: Partial<BreakerLimits>;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  readonly random?: () => number;
  readonly onChange?: (change: BreakerChange) => void;
}

export interface BreakerChange extends CallCount {
  readonly to: BreakerState;
}

export interface BreakerLimits {
  readonly windowMs: number;
  /** Fewer calls within the window decide nothing. */
  readonly calls: number;
  readonly slowMs: number;
  readonly openMs: number;
  /** Calls that are let through, in all, before it is decided. */
  readonly trials: number;
}

const LIMITS: BreakerLimits = { windowMs: 10_000, calls: 20, slowMs: 5_000, openMs: 30_000, trials: 5 };
/** To wait for while the trials are under way. */
const TRIALS_MS = 1_000;
const NO_CALLS: CallCount = { calls: 0, failures: 0 };

type State = Closed | HalfOpen | { readonly kind: "open"; readonly until: number };
interface Closed {
  readonly kind: "closed";
  readonly window: CallWindow;
}
interface HalfOpen {
  readonly kind: "half-open";
  /** Let in, and not abandoned since. */
  entered: number;
  calls: number;
  failures: number;
}
