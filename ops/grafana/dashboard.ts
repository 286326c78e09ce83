import {
  LegendDisplayMode,
  LegendPlacement,
  VizLegendOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as LinesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";

/** The dashboard as Grafana imports it; the SDK's types hold it to Grafana's schema. */
export function dashboardText(dashboard: Dashboard): string {
  const builder = new DashboardBuilder(dashboard.title)
    .uid(dashboard.uid)
    .tags(["kependudukan"])
    .refresh("30s")
    .time({ from: "now-1h", to: "now" })
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder("prometheus").label("Prometheus").type("prometheus"));
  for (const { title, panels } of dashboard.rows) {
    builder.withRow(new RowBuilder(title));
    for (const panel of panels) builder.withPanel(panelOf(panel, Math.max(6, 24 / panels.length)));
  }
  return JSON.stringify(builder.build(), undefined, 2) + "\n";
}

function panelOf({ title, kind, unit, limit, queries }: Panel, span: number): StatBuilder | LinesBuilder {
  const panel = kind === "number" ? new StatBuilder() : linesPanel();
  panel.title(title).unit(unit).min(0).span(span).height(kind === "number" ? 4 : 8)
    .datasource({ type: "prometheus", uid: "${prometheus}" });
  if (limit !== undefined) panel.description(`Service level: ${limit}`);
  for (const { expr, legend } of queries) {
    panel.withTarget(new DataqueryBuilder().expr(expr).legendFormat(legend));
  }
  return panel;
}

function linesPanel(): LinesBuilder {
  const { List } = LegendDisplayMode;
  const legend = new VizLegendOptionsBuilder().displayMode(List).placement(LegendPlacement.Bottom);
  return new LinesBuilder().lineWidth(1).fillOpacity(8).legend(legend.showLegend(true));
}

export interface Dashboard {
  /** Names the file and Grafana's address of it. */
  readonly uid: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Panel {
  readonly title: string;
  readonly kind: "number" | "lines";
  /** As Grafana names units: "s", "reqps", "percentunit", "short", "bytes". */
  readonly unit: string;
  /** What ops/slo.ts promises, for people. */
  readonly limit?: string;
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
}
