import { backoffMs, sleep } from "./backoff.ts";

/**
 * Tries again and again, with full jitter between, while nothing else moves on: for what may pass by itself within
 * seconds. Says so when it did not; rejects only when the signal aborts or a heartbeat fails. Unless told, 8 tries over
 * about 8 seconds.
 */
export async function tryInPlace<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  options: InPlaceOptions = {},
): Promise<Tried<T>> {
  const { tries = 8, backoff = ofSeconds, heartbeat = () => Promise.resolve() } = options;
  for (let attempt = 1;; attempt++) {
    try {
      return { kind: "done", value: await work() };
    } catch (error) {
      signal.throwIfAborted();
      if (attempt === tries) return { kind: "exhausted", tries, error };
    }
    const waitMs = backoff(attempt - 1);
    if (waitMs > 0) await sleep(waitMs, signal);
    signal.throwIfAborted();
    await heartbeat();
  }
}

export type Tried<T> =
  | { readonly kind: "done"; readonly value: T }
  /** `error` is that of the last try. */
  | { readonly kind: "exhausted"; readonly tries: number; readonly error: unknown };

export interface InPlaceOptions {
  readonly tries?: number;
  /** Milliseconds to wait after the failed try of this number, from 0. */
  readonly backoff?: (attempt: number) => number;
  /** Called before each further try. */
  readonly heartbeat?: () => Promise<void>;
}

const ofSeconds = (attempt: number) => backoffMs(attempt, { baseMs: 200, capMs: 5_000 });
