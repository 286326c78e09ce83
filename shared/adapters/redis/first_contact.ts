import { getLogger } from "@logtape/logtape";
import { Unusable } from "../../resilience/reach.ts";
import type { RateLimitStore } from "./sliding_log.ts";

/**
 * Tries once, at the start of a process, whether a remote store can be used. One that is away does not hold up the
 * start: the limiter counts in the process until it comes, so an edge can serve without it. One that no waiting will
 * mend (wrong password, another kind of server) rejects with `Unusable`, for that is the configuration's fault.
 */
export async function firstContact(contact: FirstContact): Promise<void> {
  const { variable, check, explain } = contact;
  try {
    await check(AbortSignal.timeout(FIRST_CONTACT_MS));
  } catch (error) {
    const { useless, reason } = explain(error);
    if (useless) throw new Unusable(useless, reason, { cause: error });
    log.warn("Rate-limit store of {variable} is away at the start, counting in this process: {reason}", {
      variable,
      reason,
    });
  }
}

/** The longest that a start waits for the store, in milliseconds. */
export const FIRST_CONTACT_MS = 2_000;

/** A store outside of this process. */
export interface RemoteStore extends RateLimitStore {
  /** Rejects when the store does not answer before the signal aborts. */
  check(signal: AbortSignal): Promise<void>;
  close(): void;
}

export interface FirstContact {
  /** The variable that names the store. */
  readonly variable: string;
  readonly check: (signal: AbortSignal) => Promise<void>;
  readonly explain: (error: unknown) => Explanation;
}

export interface Explanation {
  /** The variable that must be changed, when nothing else helps. */
  readonly useless?: string;
  /** Goes on from "REDIS_URL …" when it is useless; without secrets. */
  readonly reason: string;
}

const log = getLogger(["kependudukan", "rate-limit"]);
