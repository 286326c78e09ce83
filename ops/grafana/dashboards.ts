import { nameFor } from "../prometheus/burn_rates.ts";
import { REGISTER_SECONDS, SLOS, SMS_SECONDS, STATISTICS_SECONDS } from "../slo.ts";
import type { Dashboard } from "./dashboard.ts";
import { lines, number, percentiles, rates } from "./panels.ts";

const REQUESTS = "http_server_request_duration_seconds";
const REGISTER = 'service="edge",method="POST",route="/penduduk"';
const { p50, p95, p99 } = REGISTER_SECONDS;

const overview: Dashboard = {
  uid: "kependudukan-overview",
  title: "Kependudukan: overview",
  rows: [
    {
      title: "Service levels",
      panels: [
        lines("Bad share in the last hour", "percentunit", nameFor("1h"), "{{slo}}"),
        lines(
          "Budget of 30 days, at the speed of the last 6 hours (1 = just used up)",
          "short",
          SLOS.map(({ name, budget }) => `${nameFor("6h")}{slo="${name}"} / ${Number(budget.toPrecision(6))}`)
            .join(" or "),
          "{{slo}}",
        ),
      ],
    },
    {
      title: "Now",
      panels: [
        number("Requests", "reqps", `sum(rate(${REQUESTS}_count{service="edge"}[1m]))`),
        number("Parts that answer", "short", 'sum(up{job="kependudukan"})'),
        number("Outbox", "short", "max(outbox_rows)"),
        number("Dead letters", "short", "max(dead_letters_open)"),
      ],
    },
    {
      title: "Requests at the edge",
      panels: [
        rates("By route", `${REQUESTS}_count`, "route", 'service="edge"'),
        rates("By role", `${REQUESTS}_count`, "role", 'service="edge"'),
        rates("By status", `${REQUESTS}_count`, "status", 'service="edge"'),
      ],
    },
    {
      title: "Processes",
      panels: [
        lines("CPU", "short", "rate(process_cpu_seconds[1m])", "{{instance}}"),
        lines("Memory", "bytes", 'process_memory_bytes{kind="rss"}', "{{instance}}"),
        lines(
          "Event loop P99",
          "s",
          "histogram_quantile(0.99, sum by (instance, le) (rate(event_loop_delay_seconds_bucket[1m])))",
          "{{instance}}",
        ),
        lines("Versions", "short", "count by (deno) (build_info)", "Deno {{deno}}"),
      ],
    },
  ],
};

const registration: Dashboard = {
  uid: "kependudukan-registration",
  title: "Kependudukan: registration",
  rows: [
    {
      title: "As clients see it",
      panels: [
        {
          ...percentiles("Time to register", REQUESTS, `${REGISTER},status="201"`),
          limit: `P50 ${p50} s, P95 ${p95} s, P99 ${p99} s`,
        },
        rates("Answers", `${REQUESTS}_count`, "status", REGISTER),
      ],
    },
    {
      title: "Batches",
      panels: [
        percentiles("Wait for a lane", "registration_batch_wait_seconds"),
        lines(
          "Registrations in a batch",
          "short",
          "sum(rate(registration_batch_size_sum[1m])) / sum(rate(registration_batch_size_count[1m]))",
          "mean",
        ),
        lines("Lanes at work", "short", "registration_lanes_busy", "{{instance}}"),
        lines("Waiting", "short", "registration_waiting", "{{instance}}"),
      ],
    },
    {
      title: "What it stands on",
      panels: [
        lines(
          "Connections",
          "short",
          "sum by (pool, state) (postgres_pool_connections)",
          "{{pool}} {{state}}",
        ),
        lines(
          "Refused because of the wait",
          "ops",
          "sum(rate(registration_refused_total[1m]))",
          "refused",
        ),
        rates("Introspection", "identity_introspections_total", "answer"),
      ],
    },
  ],
};

const pipeline: Dashboard = {
  uid: "kependudukan-pipeline",
  title: "Kependudukan: pipeline",
  rows: [
    {
      title: "Outbox to event log",
      panels: [
        lines("Rows", "short", "max(outbox_rows)", "outbox"),
        lines("Oldest", "s", "max(outbox_oldest_seconds)", "oldest"),
        lines("Relayed", "ops", "sum(rate(relay_published_total[1m]))", "events"),
        lines("Parked", "short", "max(outbox_parked_rows)", "parked"),
      ],
    },
    {
      title: "Consumers",
      panels: [
        lines("Lag", "short", "sum by (group) (max by (group, partition) (consumer_lag))", "{{group}}"),
        lines(
          "Lag by partition",
          "short",
          "max by (group, partition) (consumer_lag)",
          "{{group}} {{partition}}",
        ),
        {
          ...percentiles("Age when counted", "event_effect_age_seconds", 'group="statistics-group"'),
          limit: `P99 ${STATISTICS_SECONDS} s`,
        },
      ],
    },
    {
      title: "Counted, and not",
      panels: [
        lines("Counted", "ops", "sum(rate(statistics_counted_total[1m]))", "counted"),
        lines("Delivered again", "ops", "sum(rate(statistics_repeated_total[1m]))", "repeated"),
        lines("Dead letters", "short", "max(dead_letters_open)", "open"),
      ],
    },
  ],
};

const notification: Dashboard = {
  uid: "kependudukan-notification",
  title: "Kependudukan: notification",
  rows: [
    {
      title: "SMS",
      panels: [
        rates("What became of them", "sms_total", "outcome"),
        lines(
          "Answers of the provider",
          "ops",
          "sum by (result, code) (rate(sms_sends_total[1m]))",
          "{{result}} {{code}}",
        ),
      ],
    },
    {
      title: "Time",
      panels: [
        {
          ...percentiles("Age when accepted", "event_effect_age_seconds", 'group="notification-group"'),
          limit: `P99 ${SMS_SECONDS} s`,
        },
        percentiles("The provider's answer", "sms_send_seconds"),
        lines(
          "Waiting",
          "short",
          'sum(max by (partition) (consumer_lag{group="notification-group"}))',
          "events",
        ),
      ],
    },
  ],
};

const security: Dashboard = {
  uid: "kependudukan-security",
  title: "Kependudukan: security",
  rows: [
    {
      title: "Refused at the edge",
      panels: [
        rates("401, 403, 429", `${REQUESTS}_count`, "status", 'service="edge",status=~"401|403|429"'),
        rates("Limiters", "edge_limit_verdicts_total", "limiter", 'verdict="refused"'),
        rates("Sign-ins", `${REQUESTS}_count`, "status", 'service="edge",route="/login"'),
      ],
    },
    {
      title: "What trust stands on",
      panels: [
        lines(
          "Age of the provider's keys",
          "s",
          "max by (audience) (identity_keys_age_seconds)",
          "{{audience}}",
        ),
        rates("Tokens asked for", "identity_introspections_total", "answer"),
        lines("Keys degraded", "short", "max(keys_degraded)", "degraded"),
        lines("Limiter alone", "short", "max by (limiter) (edge_limiter_degraded)", "{{limiter}}"),
      ],
    },
    {
      title: "Guards and audit",
      panels: [
        lines("Breakers (2 = open)", "short", "max by (origin) (edge_breaker_state)", "{{origin}}"),
        rates("Audit lines", "audit_lines_total", "sink"),
        lines("Audit failures", "ops", "sum by (sink) (rate(audit_append_failures_total[1m]))", "{{sink}}"),
        lines("Audit lines that wait", "short", "max by (instance) (audit_unwritten)", "{{instance}}"),
      ],
    },
  ],
};

export const DASHBOARDS: readonly Dashboard[] = [overview, registration, pipeline, notification, security];
