import type { Panel } from "./dashboard.ts";

/** One number, as it is now. */
export function number(title: string, unit: string, expr: string): Panel {
  return { title, kind: "number", unit, queries: [{ expr, legend: title }] };
}

/** Lines over time, one for each series; `legend` names a label in braces. */
export function lines(title: string, unit: string, expr: string, legend: string): Panel {
  return { title, kind: "lines", unit, queries: [{ expr, legend }] };
}

/** P50, P95 and P99 of a histogram. */
export function percentiles(title: string, histogram: string, labels = ""): Panel {
  return {
    title,
    kind: "lines",
    unit: "s",
    queries: [0.5, 0.95, 0.99].map((quantile) => ({
      expr: `histogram_quantile(${quantile}, sum by (le) (rate(${histogram}_bucket{${labels}}[1m])))`,
      legend: `P${quantile * 100}`,
    })),
  };
}

/** Events a second by a label. */
export function rates(title: string, counter: string, by: string, labels = ""): Panel {
  return lines(title, "ops", `sum by (${by}) (rate(${counter}{${labels}}[1m]))`, `{{${by}}}`);
}
