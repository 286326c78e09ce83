import type { Figures } from "./figures.ts";

/** All that the operator needs at night, in some twenty lines of 80 columns. */
export function screen(figures: Figures, problems: readonly string[]): string {
  const { perSecond, p99Seconds, outbox, lag, breakers } = figures;
  const rows: (readonly [string, string])[] = [
    ...figures.parts.map(({ url, state, dependencies }) =>
      ["part", [`${url} ${state}`, ...wrong(dependencies)].join(", ")] as const
    ),
    ["revision", list(figures.revisions.map((revision) => revision.slice(0, 12)))],
    ["requests", `${rate(perSecond.requests)}, ${rate(perSecond.failed)} of them failed`],
    ["registered", `${rate(perSecond.registered)}, P99 ${milliseconds(p99Seconds.register)}`],
    ["relayed", rate(perSecond.relayed)],
    [
      "counted",
      `${rate(perSecond.counted)}, P99 ${milliseconds(p99Seconds.statistics)} after the registration`,
    ],
    ["SMS accepted", `${rate(perSecond.sms)}, P99 ${milliseconds(p99Seconds.sms)} after the registration`],
    [
      "outbox",
      `${told(outbox.rows)} rows, oldest ${told(outbox.oldestSeconds)} s, ${told(outbox.parked)} parked`,
    ],
    ["lag", list(Object.entries(lag).map(([group, value]) => `${group} ${told(value)}`))],
    ["dead letters", told(figures.deadLetters)],
    ["breakers", list(Object.entries(breakers).map(([origin, state]) => `${origin} ${state}`))],
    ["degraded", figures.degraded.length === 0 ? "nothing" : figures.degraded.join(", ")],
    ["audit", `${told(figures.auditUnwritten)} lines wait`],
    ["alerts", alertsIn(figures.alerts)],
  ];
  const table = rows.map(([title, text]) => `${title.padEnd(13)} ${text}`);
  const verdict = problems.length === 0 ? ["All is well"] : problems.map((problem) => `! ${problem}`);
  return [...table, "", ...verdict, ""].join("\n");
}

function alertsIn(alerts: Figures["alerts"]): string {
  if (alerts.kind !== "asked") return alerts.kind;
  const words = alerts.alerts.map(({ name, state }) => state === "firing" ? name : `${name} (pending)`);
  return words.length === 0 ? "none" : words.join(", ");
}

function wrong(dependencies: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(dependencies).filter(([, state]) => state !== "ok")
    .map(([name, state]) => `${name} ${state}`);
}

function rate(perSecond: number): string {
  return `${perSecond.toFixed(1)}/s`;
}

function milliseconds(seconds: number | undefined): string {
  return seconds === undefined ? "–" : `${Math.round(seconds * 1000)} ms`;
}

/** "–" for what no part told. */
function told(value: number | undefined): string {
  return value === undefined ? "–" : value.toLocaleString("en", { maximumFractionDigits: 1 });
}

function list(words: readonly string[]): string {
  return words.length === 0 ? "–" : words.join(", ");
}
