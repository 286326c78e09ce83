import type { Context, MiddlewareHandler } from "hono";
import type { AppEnv } from "./app.ts";
import { Problem } from "./problem.ts";

/**
 * Carries how many more milliseconds the caller will wait, counted from the arrival of the request, so that the clocks
 * of two machines need not agree. Like gRPC's `grpc-timeout`. The edge writes it; what a client writes does not pass.
 */
export const DEADLINE_HEADER = "x-request-deadline-ms";

/**
 * Gives a request of an origin its end: when the caller's patience is over, or the origin's own, or when the caller has
 * gone. What waits asks for it by `deadlineOf`. A request that comes too late is refused before anything is begun.
 */
export function boundByDeadline({ capMs = CAP_MS }: { capMs?: number } = {}): MiddlewareHandler<AppEnv> {
  return async function boundByDeadline(c, next) {
    const remainingMs = patienceOf(c, capMs);
    const caller = c.req.raw.signal;
    if (remainingMs <= 0 || caller.aborted) {
      throw new Problem("OVERLOADED", "Permintaan datang setelah waktunya habis; coba lagi sebentar lagi");
    }
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(passed()), remainingMs);
    // `AbortSignal.any` takes three times as long as all of this.
    const leave = () => end.abort(caller.reason);
    caller.addEventListener("abort", leave, { once: true });
    c.set("deadline", end.signal);
    try {
      await next();
    } finally {
      clearTimeout(timer);
      caller.removeEventListener("abort", leave);
    }
  };
}

/** How many milliseconds the caller of an origin waits, from the arrival of the request. */
export function patienceOf(c: Context<AppEnv>, capMs = CAP_MS): number {
  return Math.min(capMs, remainingOf(c.req.header(DEADLINE_HEADER)));
}

/** Aborts when nobody waits for the answer any more. Streams end by other rules: it covers their beginning only. */
export function deadlineOf(c: Context<AppEnv>): AbortSignal {
  return c.get("deadline") ?? c.req.raw.signal;
}

/** The reason of a signal whose time is over; `fetch` and `AbortSignal.timeout` name theirs alike. */
export function passed(): DOMException {
  return new DOMException("Deadline passed", "TimeoutError");
}

/** As long as the edge waits at most; for callers that name no end of their own. */
const CAP_MS = 10_000;

/** Only whole milliseconds count; whatever else stands there says nothing. */
function remainingOf(header: string | undefined): number {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) : Infinity;
}
