import { type Slo, SLOS } from "../slo.ts";
import type { Alert, Recording } from "./rule.ts";

/**
 * Alerts on how fast the budget of 30 days burns, over a long window, so that a hiccup wakes nobody, and a short one, so
 * that the alarm ends when the trouble does. Windows and factors are those of the SRE Workbook, chapter 5
 * (https://sre.google/workbook/alerting-on-slos/). A factor that would need more than all to be bad is left out.
 */
export function burnRateAlerts(): readonly Alert[] {
  return SLOS.flatMap((slo: Slo) =>
    SEVERITIES.flatMap(({ severity, windows }) => {
      const burning = windows
        .filter(({ factor }) => factor * slo.budget < 1)
        .map(({ long, short, factor }) => {
          const limit = Number((factor * slo.budget).toPrecision(6));
          const over = (window: string) => `${nameFor(window)}{slo="${slo.name}"} > ${limit}`;
          return `(${over(long)} and ${over(short)})`;
        });
      if (burning.length === 0) return [];
      return [{
        alert: `${pascal(slo.name)}${severity === "page" ? "Burning" : "Leaking"}`,
        expr: burning.join(" or "),
        severity,
        summary: `Not kept: ${slo.says}`,
        runbook: slo.runbook,
      }];
    })
  );
}

/** The share of bad events over each window, so that alerts and dashboards read the same numbers. */
export function burnRateRecordings(): readonly Recording[] {
  return [...WINDOWS].flatMap((window) =>
    SLOS.map(({ name, bad }) => ({ record: nameFor(window), labels: { slo: name }, expr: bad(window) }))
  );
}

/** The recorded share of bad events over a window. */
export function nameFor(window: string): string {
  return `slo:bad_ratio:rate${window}`;
}

/** Two percent of the budget in an hour, or five in six, wake somebody; ten in three days can wait for the morning. */
const SEVERITIES = [
  {
    severity: "page",
    windows: [{ long: "1h", short: "5m", factor: 14.4 }, { long: "6h", short: "30m", factor: 6 }],
  },
  {
    severity: "ticket",
    windows: [{ long: "1d", short: "2h", factor: 3 }, { long: "3d", short: "6h", factor: 1 }],
  },
] as const;

const WINDOWS = new Set(
  SEVERITIES.flatMap(({ windows }) => windows.flatMap(({ short, long }) => [short, long])),
);

function pascal(name: string): string {
  return name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
}
