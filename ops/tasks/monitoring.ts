import { parseArgs } from "node:util";
import { dashboardText } from "../grafana/dashboard.ts";
import { DASHBOARDS } from "../grafana/dashboards.ts";
import { rulesText } from "../prometheus/rules.ts";

/**
 * `deno task monitoring [--runbooks URL]`: writes Prometheus' rules and Grafana's dashboards as ops/slo.ts and their
 * sources say. The URL, with its slash at the end, is where your people read the pages of ops/runbooks/.
 */
export const GENERATED: readonly Generated[] = [
  { path: "ops/prometheus/rules.yml", text: () => rulesText() },
  ...DASHBOARDS.map((dashboard) => ({
    path: `ops/grafana/${dashboard.uid}.json`,
    text: () => dashboardText(dashboard),
  })),
];

interface Generated {
  readonly path: string;
  readonly text: () => string;
}

if (import.meta.main) {
  const { runbooks } = parseArgs({ args: Deno.args, options: { runbooks: { type: "string" } } }).values;
  for (const { path, text } of GENERATED) await Deno.writeTextFile(path, text());
  if (runbooks !== undefined) await Deno.writeTextFile("ops/prometheus/rules.yml", rulesText(runbooks));
}
