import { dashboardText } from "../grafana/dashboard.ts";
import { DASHBOARDS } from "../grafana/dashboards.ts";
import { rulesText } from "../prometheus/rules.ts";

/** `deno task monitoring`: writes Prometheus' rules and Grafana's dashboards as ops/slo.ts and their sources say. */
export const GENERATED: readonly Generated[] = [
  { path: "ops/prometheus/rules.yml", text: rulesText },
  ...DASHBOARDS.map((dashboard) => ({
    path: `ops/grafana/${dashboard.uid}.json`,
    text: () => dashboardText(dashboard),
  })),
];

interface Generated {
  readonly path: string;
  readonly text: () => string;
}

if (import.meta.main) { for (const { path, text } of GENERATED) await Deno.writeTextFile(path, text()); }
