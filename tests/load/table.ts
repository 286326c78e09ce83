import { MEASURES, median } from "./samples.ts";
import type { Measure, Row } from "./scenario.ts";

/**
 * The rows as a table of Markdown: medians, and how much each does in a second compared with the baseline and with the
 * raw limit.
 */
export function toTable(rows: readonly Row[]): string {
  const used = MEASURES.filter((measure) => rows.some(({ measures }) => measures[measure] !== undefined));
  const lines = rows.map((row) => [
    row.name,
    row.contender,
    ...used.map((measure) => format(measure, median(row.measures[measure] ?? []))),
    row.contender === "baseline" ? "" : text(ratio(rows, row.name, "perSecond", row.contender, "baseline")),
    text(ofRawLimit(rows, row)),
    row.note ?? "",
  ]);
  const heading = ["", "", ...used.map((measure) => HEADINGS[measure]), "× baseline", "× raw limit", ""];
  return aligned([heading, ...lines]);
}

/** Ours divided by each other contender, wherever both were measured. */
export function toRatios(rows: readonly Row[]): string {
  const lines = rows.filter(({ name, contender }) =>
    contender !== "ours" && rows.some((row) => row.name === name && row.contender === "ours")
  ).map(({ name, contender }) => [
    name,
    contender,
    ...COMPARED.map((measure) => text(ratio(rows, name, measure, "ours", contender))),
    "",
  ]);
  return aligned([["", "ours /", ...COMPARED.map((measure) => HEADINGS[measure]), ""], ...lines]);
}

/** The processes of each contender of a row, and the CPU that one request costs them. */
export function toProcesses(rows: readonly Row[], name: string): string {
  const lines = rows.filter((row) => row.name === name).flatMap(({ contender, cpuMsByProcess = {} }) =>
    Object.entries(cpuMsByProcess).map(([process, ms]) => [
      ...[contender, process, format("cpuMs", median(ms)), ""],
    ])
  );
  return aligned([["", "", HEADINGS.cpuMs, ""], ...lines]);
}

/** Of the medians of two contenders in one row; undefined where one of them was not measured. */
export function ratio(
  rows: readonly Row[],
  name: string,
  measure: Measure,
  of: string,
  to: string,
): number | undefined {
  const [above, below] = [middle(rows, name, of, measure), middle(rows, name, to, measure)];
  return above === undefined || !below ? undefined : above / below;
}

function ofRawLimit(rows: readonly Row[], { name, contender }: Row): number | undefined {
  const [, limit = ""] = RAW_LIMITS.find(([prefix]) => name.startsWith(prefix)) ?? [];
  const [above, below] = [
    middle(rows, name, contender, "perSecond"),
    middle(rows, limit, "raw", "perSecond"),
  ];
  return above === undefined || !below ? undefined : above / below;
}

function middle(rows: readonly Row[], name: string, contender: string, measure: Measure): number | undefined {
  return median(
    rows.find((row) => row.name === name && row.contender === contender)?.measures[measure] ?? [],
  );
}

function text(ratio: number | undefined): string {
  return ratio?.toFixed(2) ?? "";
}

function format(measure: Measure, value: number | undefined): string {
  if (value === undefined) return "";
  const digits = DIGITS[measure] ?? 0;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Words to the left, numbers to the right. */
function aligned([heading = [], ...lines]: readonly (readonly string[])[]): string {
  const words = (column: number) => column < 2 || column === heading.length - 1;
  const widths = heading.map((text, i) =>
    Math.max(3, text.length, ...lines.map((line) => line[i]?.length ?? 0))
  );
  const row = (cells: readonly string[]) =>
    `| ${
      cells.map((cell, i) => words(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)).join(
        " | ",
      )
    } |`;
  const rule = widths.map((width, i) => words(i) ? "-".repeat(width) : `${"-".repeat(width - 1)}:`);
  return [row(heading), `| ${rule.join(" | ")} |`, ...lines.map(row)].join("\n");
}

/** What rows of this beginning are held against: one plain row a transaction, one record of an event's size. */
const RAW_LIMITS = [["registration, ", "PostgreSQL, insert"], ["relay, ", "Kafka, 700 bytes"]] as const;

const COMPARED = ["perSecond", "p95Ms", "p99Ms", "cpuMs", "memoryMb"] as const satisfies readonly Measure[];

const HEADINGS: Readonly<Record<Measure, string>> = {
  perSecond: "per second",
  p50Ms: "P50 ms",
  p95Ms: "P95 ms",
  p99Ms: "P99 ms",
  errorPercent: "errors %",
  socketErrors: "socket errors",
  cpuMs: "CPU ms each",
  postgresCpuMs: "PostgreSQL's",
  postgresCpuPercent: "PostgreSQL % of CPU",
  memoryMb: "PSS MB",
  drainSeconds: "drained s",
  lag: "lag",
  wrong: "wrong",
};

const DIGITS: Readonly<Partial<Record<Measure, number>>> = {
  p50Ms: 1,
  p95Ms: 1,
  p99Ms: 1,
  errorPercent: 2,
  cpuMs: 2,
  postgresCpuMs: 2,
  drainSeconds: 1,
};
