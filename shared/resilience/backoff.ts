/**
 * Milliseconds to wait before try number `attempt` (from 0): full jitter over an exponential ceiling, so that many
 * clients of one failed server do not come back together.
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog.
 */
export function backoffMs(
  attempt: number,
  limits: BackoffLimits = {},
  random: () => number = Math.random,
): number {
  const { baseMs = 100, capMs = 10_000 } = limits;
  return random() * Math.min(capMs, baseMs * 2 ** attempt);
}

/** Resolves after `ms`, or at once when the signal aborts: whoever waits looks at the signal next. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}

export interface BackoffLimits {
  readonly baseMs?: number;
  readonly capMs?: number;
}
