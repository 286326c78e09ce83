import { stringify } from "yaml";
import { burnRateAlerts, burnRateRecordings } from "./burn_rates.ts";
import { CAUSE_ALERTS } from "./cause_alerts.ts";
import type { Alert } from "./rule.ts";

export const ALERTS: readonly Alert[] = [...burnRateAlerts(), ...CAUSE_ALERTS];

/** The text of rules.yml, as Prometheus reads it. */
export function rulesText(runbooks = RUNBOOKS): string {
  const groups = [
    { name: "service-levels", interval: "30s", rules: burnRateRecordings() },
    { name: "alerts", interval: "30s", rules: ALERTS.map((alert) => toRule(alert, runbooks)) },
  ];
  return HEAD + stringify({ groups }, { lineWidth: 0 });
}

/** As Prometheus' rule file and `promtool test rules` name its parts. */
export function annotationsOf(
  { summary, runbook }: Alert,
  runbooks = RUNBOOKS,
): Readonly<Record<"summary" | "runbook_url", string>> {
  return { summary, runbook_url: `${runbooks}${runbook}` };
}

function toRule(alert: Alert, runbooks: string) {
  return {
    alert: alert.alert,
    expr: alert.expr,
    ...(alert.for !== undefined && { for: alert.for }),
    labels: { severity: alert.severity },
    annotations: annotationsOf(alert, runbooks),
  };
}

/**
 * Where the pages of ops/runbooks/ are to be read at night: `deno task monitoring --runbooks URL` writes another place,
 * such as these files in your repository's browser. As committed, it is the path in this repository.
 */
export const RUNBOOKS = "ops/runbooks/";

const HEAD = "# Made by `deno task monitoring` from ops/slo.ts and ops/prometheus/: change those.\n";
