import { REGISTER_SECONDS, SMS_SECONDS, STATISTICS_SECONDS } from "../../slo.ts";
import type { Alerts } from "./alerts.ts";
import { type Exposition, type Labels, select, type Series, sum } from "./exposition.ts";
import type { Look } from "./look.ts";

/** What two looks say of the system: rates and percentiles between them, all else as it was at the second. */
export function figuresOf(before: Look, now: Look, alerts: Alerts): Figures {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000);
  const [old, all] = [metricsOf(before), metricsOf(now)];
  const grown = (name: string, labels?: Labels) =>
    Math.max(0, sum(select(all, name, labels)) - sum(select(old, name, labels))) / seconds;
  const edge = { service: "edge" };
  const failed = (from: Exposition) =>
    sum(select(from, `${REQUESTS}_count`, edge).filter(({ labels }) => labels["status"]?.startsWith("5")));
  const p99 = (name: string, labels: Labels) => percentile(0.99, name, labels, old, all);
  return {
    alerts,
    revisions: [...new Set(select(all, "build_info").flatMap(({ labels: { revision } }) => revision ?? []))],
    parts: now.parts.map(({ url, state, dependencies }) => ({ url, state, dependencies })),
    perSecond: {
      requests: grown(`${REQUESTS}_count`, edge),
      failed: Math.max(0, failed(all) - failed(old)) / seconds,
      registered: grown(`${REQUESTS}_count`, { ...REGISTER, status: "201" }),
      relayed: grown("relay_published_total"),
      counted: grown("statistics_counted_total"),
      sms: grown("sms_sends_total", { result: "sent" }),
    },
    p99Seconds: {
      register: p99(REQUESTS, { ...REGISTER, status: "201" }),
      statistics: p99("event_effect_age_seconds", { group: "statistics-group" }),
      sms: p99("event_effect_age_seconds", { group: "notification-group" }),
    },
    outbox: {
      rows: largest(select(all, "outbox_rows")),
      oldestSeconds: largest(select(all, "outbox_oldest_seconds")),
      parked: largest(select(all, "outbox_parked_rows")),
    },
    lag: lagByGroup(all),
    deadLetters: largest(select(all, "dead_letters_open")),
    breakers: Object.fromEntries(
      select(all, "edge_breaker_state").map(({ labels, value }) => [labels["origin"], BREAKER[value]]),
    ),
    degraded: [
      ...select(all, "edge_limiter_degraded").filter(({ value }) => value > 0)
        .map(({ labels }) => `limiter ${labels["limiter"]}`),
      ...(largest(select(all, "keys_degraded")) ?? 0) > 0 ? ["keys"] : [],
    ],
    auditUnwritten: largest(select(all, "audit_unwritten")),
  };
}

/** One sentence for each thing that somebody has to look at. */
export function problemsOf(figures: Figures): readonly string[] {
  const { parts, p99Seconds, perSecond, outbox, breakers } = figures;
  const slow = (what: string, seconds: number | undefined, limit: number) =>
    seconds !== undefined && seconds > limit
      ? [`${what} take ${seconds.toFixed(2)} s (P99), promised are ${limit} s`]
      : [];
  return [
    ...parts.length === 0 ? ["No part answers"] : [],
    ...parts.filter(({ state }) => state !== "ok").map(({ url, state }) => `${url} is ${state}`),
    ...parts.flatMap(({ url, dependencies }) =>
      Object.entries(dependencies).filter(([, state]) => state !== "ok")
        .map(([name, state]) => `${url}: ${name} is ${state}`)
    ),
    ...perSecond.failed > 0 ? [`${perSecond.failed.toFixed(1)} requests a second fail`] : [],
    ...slow("Registrations", p99Seconds.register, REGISTER_SECONDS.p99),
    ...slow("Statistics", p99Seconds.statistics, STATISTICS_SECONDS),
    ...slow("SMS", p99Seconds.sms, SMS_SECONDS),
    ...(outbox.oldestSeconds ?? 0) > OUTBOX_SECONDS ? ["The outbox does not empty"] : [],
    ...(outbox.parked ?? 0) > 0 ? [`${outbox.parked} events are parked in the outbox`] : [],
    ...(figures.deadLetters ?? 0) > 0 ? [`${figures.deadLetters} dead letters wait`] : [],
    ...Object.entries(breakers).filter(([, state]) => state === "open")
      .map(([origin]) => `The breaker of ${origin} is open`),
    ...figures.degraded.map((what) => `Degraded: ${what}`),
    ...alertsIn(figures.alerts),
  ];
}

function alertsIn(alerts: Alerts): readonly string[] {
  switch (alerts.kind) {
    case "no Prometheus":
      return [];
    case "away":
      return [`Prometheus does not tell its alerts (${alerts.error})`];
    case "asked":
      return alerts.alerts.filter(({ state }) => state === "firing")
        .map(({ name, since, summary, runbook }) => `${name} since ${since}: ${summary} (${runbook})`);
  }
}

function metricsOf({ parts }: Look): Exposition {
  return parts.flatMap(({ metrics }) => metrics);
}

/** Several processes tell the same of what they share. */
function largest(series: readonly Series[]): number | undefined {
  return series.length === 0 ? undefined : Math.max(...series.map(({ value }) => value));
}

function lagByGroup(all: Exposition): Readonly<Record<string, number>> {
  const byPartition = new Map<string, { readonly group: string; readonly value: number }>();
  for (const { labels: { group = "", partition }, value } of select(all, "consumer_lag")) {
    const key = `${group} ${partition}`;
    byPartition.set(key, { group, value: Math.max(value, byPartition.get(key)?.value ?? 0) });
  }
  const lag: Record<string, number> = {};
  for (const { group, value } of byPartition.values()) lag[group] = (lag[group] ?? 0) + value;
  return lag;
}

/** By linear interpolation in the bucket, as Prometheus does; undefined when nothing happened between the looks. */
function percentile(quantile: number, name: string, labels: Labels, old: Exposition, all: Exposition) {
  const bounds = new Map<number, number>();
  for (const [from, sign] of [[all, 1], [old, -1]] as const) {
    for (const { labels: { le = "" }, value } of select(from, `${name}_bucket`, labels)) {
      const bound = Number(le.replace("Inf", "Infinity"));
      bounds.set(bound, (bounds.get(bound) ?? 0) + sign * value);
    }
  }
  const rank = quantile * (bounds.get(Infinity) ?? 0);
  if (!(rank > 0)) return undefined;
  let [lower, below] = [0, 0];
  for (const [bound, count] of [...bounds].toSorted(([a], [b]) => a - b)) {
    if (count >= rank) {
      return bound === Infinity ? lower : lower + (bound - lower) * (rank - below) / (count - below);
    }
    [lower, below] = [bound, count];
  }
  return lower;
}

const REQUESTS = "http_server_request_duration_seconds";
const REGISTER = { service: "edge", method: "POST", route: "/penduduk" } as const;
const BREAKER: Readonly<Record<number, string>> = { 0: "closed", 1: "half-open", 2: "open" };
const OUTBOX_SECONDS = 60;

/** What a part does not tell, because it is not among those that were asked, is left undefined. */
export interface Figures {
  readonly alerts: Alerts;
  /** The commits that run: more than one while a new version is rolled out. */
  readonly revisions: readonly string[];
  readonly parts: readonly {
    readonly url: string;
    readonly state: string;
    readonly dependencies: Readonly<Record<string, string>>;
  }[];
  readonly perSecond: Readonly<
    Record<"requests" | "failed" | "registered" | "relayed" | "counted" | "sms", number>
  >;
  readonly p99Seconds: Readonly<Record<"register" | "statistics" | "sms", number | undefined>>;
  readonly outbox: Readonly<Record<"rows" | "oldestSeconds" | "parked", number | undefined>>;
  readonly lag: Readonly<Record<string, number>>;
  readonly deadLetters: number | undefined;
  readonly breakers: Readonly<Record<string, string | undefined>>;
  readonly degraded: readonly string[];
  readonly auditUnwritten: number | undefined;
}
