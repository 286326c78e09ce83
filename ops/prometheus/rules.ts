import { stringify } from "yaml";
import { burnRateAlerts, burnRateRecordings } from "./burn_rates.ts";
import { CAUSE_ALERTS } from "./cause_alerts.ts";
import type { Alert } from "./rule.ts";

export const ALERTS: readonly Alert[] = [...burnRateAlerts(), ...CAUSE_ALERTS];

/** The text of rules.yml, as Prometheus reads it. */
export function rulesText(): string {
  const groups = [
    { name: "service-levels", interval: "30s", rules: burnRateRecordings() },
    { name: "alerts", interval: "30s", rules: ALERTS.map(toRule) },
  ];
  return HEAD + stringify({ groups }, { lineWidth: 0 });
}

/** As Prometheus' rule file and `promtool test rules` name its parts. */
export function annotationsOf(
  { summary, runbook }: Alert,
): Readonly<Record<"summary" | "runbook_url", string>> {
  return { summary, runbook_url: `${RUNBOOKS}${runbook}` };
}

function toRule(alert: Alert) {
  return {
    alert: alert.alert,
    expr: alert.expr,
    ...(alert.for !== undefined && { for: alert.for }),
    labels: { severity: alert.severity },
    annotations: annotationsOf(alert),
  };
}

/** Where the pages of ops/runbooks/ are to be read at night; yours is another place. */
export const RUNBOOKS = "https://layanan.kependudukan.example/runbooks/";

const HEAD = "# Made by `deno task monitoring` from ops/slo.ts and ops/prometheus/: change those.\n";
