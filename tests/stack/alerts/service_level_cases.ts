import { SLOS } from "../../../ops/slo.ts";
import type { AlertCase, Series } from "./cases.ts";

const MINUTES = 30;
/** Events a minute. */
const ALL = 100_000;

/** Each service level with so many bad of 100,000 a minute that its slowest window counts as burning, and fewer. */
export const SERVICE_LEVEL_CASES: Readonly<Record<string, AlertCase>> = {
  ...cases("EdgeAvailability", budgetOf("edge-availability"), (bad) => requests("GET", "/stats", bad)),
  ...cases("RegisterErrors", budgetOf("register-errors"), (bad) => requests("POST", "/penduduk", bad)),
  ...cases("RegisterP50", budgetOf("register-p50"), (bad) => registrations("0.05", bad)),
  ...cases("RegisterP95", budgetOf("register-p95"), (bad) => registrations("0.15", bad)),
  ...cases("RegisterP99", budgetOf("register-p99"), (bad) => registrations("0.3", bad)),
  ...cases("StatisticsLag", budgetOf("statistics-lag"), (bad) => effects("statistics-group", "2", bad)),
  ...cases("SmsAccepted", budgetOf("sms-accepted"), (bad) => effects("notification-group", "3", bad)),
};

/** The alerts take effect at 6 and at once the budget. */
function cases(name: string, budget: number, seriesWith: (bad: number) => Series): Record<string, AlertCase> {
  const at = (factor: number) => seriesWith(Math.round(factor * budget * ALL));
  const leaking = { fires: at(1.1), quiet: at(0.9), labels: { slo: sloOf(name) }, atMinute: MINUTES };
  const burning = { fires: at(6.6), quiet: at(5.4), labels: { slo: sloOf(name) }, atMinute: MINUTES };
  return { [`${name}Leaking`]: leaking, ...(6.6 * budget < 1 && { [`${name}Burning`]: burning }) };
}

function sloOf(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

function budgetOf(name: typeof SLOS[number]["name"]): number {
  return SLOS.find((slo) => slo.name === name)?.budget ?? NaN;
}

function requests(method: string, route: string, bad: number): Series {
  const series = (status: number) =>
    `http_server_request_duration_seconds_count{service="edge",method="${method}",route="${route}",status="${status}"}`;
  return { [series(503)]: growing(bad), [series(201)]: growing(ALL - bad) };
}

function registrations(bound: string, slow: number): Series {
  const labels = 'service="edge",method="POST",route="/penduduk",status="201"';
  return histogram("http_server_request_duration_seconds", labels, bound, slow);
}

function effects(group: string, bound: string, slow: number): Series {
  return histogram("event_effect_age_seconds", `group="${group}"`, bound, slow);
}

function histogram(name: string, labels: string, bound: string, over: number): Series {
  return {
    [`${name}_bucket{${labels},le="${bound}"}`]: growing(ALL - over),
    [`${name}_count{${labels}}`]: growing(ALL),
  };
}

function growing(perMinute: number): string {
  return `0+${perMinute}x${MINUTES}`;
}
