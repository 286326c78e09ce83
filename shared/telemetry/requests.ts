import { Histogram, type Registry } from "prom-client";
import type { RequestObserver } from "../http/app.ts";
import { seriesOf } from "./series.ts";

/** Rate, errors and duration of requests, by route and by the caller's role. */
export function observeRequests(registry: Registry): RequestObserver {
  const requests = new Histogram({
    name: "http_server_request_duration_seconds",
    help: "Time to answer a request",
    labelNames: LABELS,
    buckets: [...REQUEST_SECONDS],
    registers: [registry],
  });
  const series = seriesOf(LABELS, (values) => requests.labels(...values), 2_000);
  return ({ service, method, route, role, status, seconds }) =>
    series({
      service,
      // A client may invent methods.
      method: METHODS.has(method) ? method : "other",
      route,
      role,
      status: String(status),
    }).observe(seconds);
}

/** The bounds of ops/slo.ts are among them, so that these are counted and not estimated. */
export const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 0.5, 1, 2.5, 10] as const;

const LABELS = ["service", "method", "route", "role", "status"] as const;
/** RFC 9110, 9.3, and PATCH (RFC 5789). */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]);
