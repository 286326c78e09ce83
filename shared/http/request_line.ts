import { getLogger } from "@logtape/logtape";
import type { RequestObserver } from "./app.ts";
import type { Trace } from "../telemetry/trace.ts";

/**
 * A line for each request of a service that failed for a reason of ours, or took longer than 99 of 100 registrations
 * may. The others stand in the metrics, and what people did in the audit.
 */
export function requestLine(service: string): (seen: Parameters<RequestObserver>[0], trace: Trace) => void {
  const log = getLogger(["kependudukan", service, "request"]);
  return ({ method, route, role, status, seconds }, { traceId, spanId }) => {
    if (status < 500 && seconds <= SLOW_SECONDS) return;
    const durationMs = Math.round(seconds * 1e6) / 1e3;
    const said = { method, route, role, status, durationMs, traceId, spanId };
    log.info("Request {method} {route} was answered {status} after {durationMs} ms", said);
  };
}

/** The P99 of ops/slo.ts. */
export const SLOW_SECONDS = 0.3;
