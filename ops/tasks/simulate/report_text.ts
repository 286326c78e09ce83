import type { Report } from "./report.ts";

/** The report for a person at a terminal. */
export function toText(report: Report): string {
  const { latencyMs, caughtUpSeconds, grown } = report;
  const lines: (readonly [label: string, value: string])[] = [
    [
      "residents",
      `${n(report.created)} of ${n(report.residents)} registered, ${n(report.conflicts)} conflicts`,
    ],
    [
      "requests",
      `${n(report.requests)} in ${report.seconds.toFixed(1)} s, ${n(report.requestsPerSecond)} per second`,
    ],
    ["latency", `P50 ${ms(latencyMs.p50)}, P95 ${ms(latencyMs.p95)}, P99 ${ms(latencyMs.p99)}`],
    ["errors", byCode(report.errors)],
    ["retries", byCode(report.retries)],
    ["caught up", `statistics after ${s(caughtUpSeconds.statistics)}, SMS after ${s(caughtUpSeconds.sms)}`],
  ];
  if (grown) {
    const { registry, events, jumlah, sms } = grown;
    lines.push([
      "grown by",
      `registry ${n(registry)}, events ${n(events)}, statistics ${n(jumlah)}, SMS ${n(sms.sent)}`,
    ]);
  }
  lines.push(["seed", String(report.seed)]);
  const table = lines.map(([label, value]) => `${label.padEnd(11)}${value}`).join("\n");
  return `${table}\n\n${conclusion(report)}\n`;
}

function conclusion({ agrees, stopped, problems }: Report): string {
  if (problems.length > 0) {
    return `Something differs:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`;
  }
  if (agrees) return "Everything agrees: registry, events, statistics and SMS.";
  return stopped ? "Stopped: the stores were not compared." : "The stores were not compared.";
}

function byCode(counts: Readonly<Record<string, number>>): string {
  const all = Object.entries(counts).map(([code, count]) => `${n(count)} ${code}`);
  return all.length === 0 ? "0" : all.join(", ");
}

function n(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function ms(value: number | null): string {
  return value === null ? "–" : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

function s(value: number | null): string {
  return value === null ? "never" : `${value.toFixed(1)} s`;
}
