import { getLogger } from "@logtape/logtape";
import { backoffMs, sleep } from "./backoff.ts";

/**
 * Reaches a server at the start of a process: tries again with full jitter until `withinMs` has passed, for the
 * servers of a fleet start in any order. Then, and at once when the attempt rejects with `Unusable`, it rejects with
 * one sentence that names the variable to look at.
 */
export async function reach<T>(target: Target, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { variable, server, withinMs = 60_000, attemptMs = 10_000, signal = new AbortController().signal } =
    target;
  const deadline = performance.now() + withinMs;
  let told: unknown;
  for (let tries = 0;; tries++) {
    const remaining = Math.max(1, deadline - performance.now());
    const ended = AbortSignal.any([signal, AbortSignal.timeout(Math.min(attemptMs, remaining))]);
    try {
      return await attempt(ended);
    } catch (thrown) {
      if (thrown instanceof Unusable) throw thrown;
      signal.throwIfAborted();
      // An attempt that was cut short says less than the one before it.
      const error = ended.aborted && told !== undefined ? told : thrown;
      told = error;
      const wait = backoffMs(tries, { baseMs: 250, capMs: 5_000 });
      const reason = target.explain?.(error) ?? "no answer";
      if (performance.now() + wait >= deadline) {
        throw new Unusable(variable, `names a ${server} that cannot be reached: ${reason}`, { cause: error });
      }
      log.warn("Cannot reach {server} of {variable}, trying again: {reason}", { server, variable, reason });
      await sleep(wait, signal);
    }
  }
}

/** A server that no retry will mend: the sentence begins with the variable that names it. */
export class Unusable extends Error {
  override readonly name = "Unusable";
  constructor(readonly variable: string, sentence: string, options?: ErrorOptions) {
    super(`${variable} ${sentence}`, options);
  }
}

export interface Target {
  /** The configuration variable that names the server. */
  readonly variable: string;
  /** What it is, for people: "Kafka", "MongoDB". */
  readonly server: string;
  readonly withinMs?: number;
  readonly attemptMs?: number;
  readonly signal?: AbortSignal;
  /** The reason in a few words, without secrets and without what the message may quote. */
  readonly explain?: (error: unknown) => string;
}

const log = getLogger(["kependudukan", "start"]);
