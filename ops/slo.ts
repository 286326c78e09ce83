/**
 * The service levels: what users may expect over 30 days. Alerts (ops/prometheus/), dashboards (ops/grafana/), load tests
 * and `deno task status` read them here and nowhere else.
 */
export const REGISTER_SECONDS = { p50: 0.05, p95: 0.15, p99: 0.3 } as const;
/** Of all requests that reach the edge. */
export const AVAILABILITY = 0.9998;
/** Registrations that fail for a reason of ours. */
export const REGISTER_ERRORS = 0.0002;
/** From a registration to its count, 99 of 100. */
export const STATISTICS_SECONDS = 2;
/** From a registration to the provider's word that it took the SMS, 99 of 100. */
export const SMS_SECONDS = 3;

const REQUESTS = "http_server_request_duration_seconds";
const REGISTRATIONS = 'service="edge",method="POST",route="/penduduk"';

/** Each as the share of events that may be bad, and the expression that says how many were. */
export const SLOS = [
  {
    name: "edge-availability",
    says: "The edge answers without an error of ours",
    budget: 1 - AVAILABILITY,
    bad: share(`${REQUESTS}_count{service="edge",status=~"5.."}`, `${REQUESTS}_count{service="edge"}`),
    runbook: "registration-failing.md",
  },
  {
    name: "register-errors",
    says: "Registrations do not fail for a reason of ours",
    budget: REGISTER_ERRORS,
    bad: share(`${REQUESTS}_count{${REGISTRATIONS},status=~"5.."}`, `${REQUESTS}_count{${REGISTRATIONS}}`),
    runbook: "registration-failing.md",
  },
  ...([["p50", 0.5], ["p95", 0.05], ["p99", 0.01]] as const).map(([percentile, budget]): Slo => ({
    name: `register-${percentile}`,
    says: `A registration takes no longer than ${REGISTER_SECONDS[percentile] * 1000} ms (${percentile})`,
    budget,
    bad: slower(REQUESTS, `${REGISTRATIONS},status="201"`, REGISTER_SECONDS[percentile]),
    runbook: "registration-slow.md",
  })),
  {
    name: "statistics-lag",
    says: `A registration is counted within ${STATISTICS_SECONDS} s (p99)`,
    budget: 0.01,
    bad: slower("event_effect_age_seconds", 'group="statistics-group"', STATISTICS_SECONDS),
    runbook: "effects-late.md",
  },
  {
    name: "sms-accepted",
    says: `The SMS of a registration is accepted within ${SMS_SECONDS} s (p99)`,
    budget: 0.01,
    bad: slower("event_effect_age_seconds", 'group="notification-group"', SMS_SECONDS),
    runbook: "effects-late.md",
  },
] as const satisfies readonly Slo[];

export interface Slo {
  readonly name: string;
  readonly says: string;
  /** The share that may be bad. */
  readonly budget: number;
  /** PromQL: the share that was bad in the last `window`, for instance "5m". */
  readonly bad: (window: string) => string;
  /** A page of ops/runbooks/. */
  readonly runbook: string;
}

function share(bad: string, all: string) {
  return (window: string) => `(sum(rate(${bad}[${window}])) or vector(0)) / sum(rate(${all}[${window}]))`;
}

/** `seconds` must be a bound of the histogram. Prometheus 3 writes whole numbers as "2.0". */
function slower(histogram: string, labels: string, seconds: number) {
  const bound = Number.isInteger(seconds) ? `le=~"${seconds}([.]0)?"` : `le="${seconds}"`;
  return (window: string) =>
    `1 - sum(rate(${histogram}_bucket{${labels},${bound}}[${window}])) / sum(rate(${histogram}_count{${labels}}[${window}]))`;
}
