import { MEASURES, median } from "./samples.ts";
import type { Measure, Row } from "./scenario.ts";

/** The rows as a table of Markdown: medians, and how each compares with the baseline's in req/s. */
export function toTable(rows: readonly Row[]): string {
  const used = MEASURES.filter((measure) => rows.some(({ measures }) => measures[measure] !== undefined));
  const lines = rows.map((row) => [
    row.name,
    row.contender,
    ...used.map((measure) => format(measure, median(row.measures[measure] ?? []))),
    ratioText(row, rows, "baseline"),
    ratioText(row, rows, "raw"),
    row.note ?? "",
  ]);
  const heading = ["", "", ...used.map((measure) => HEADINGS[measure]), "× baseline", "× raw limit", ""];
  return aligned([heading, ...lines]);
}

/** Of the medians of two contenders in one row; undefined where one of them was not measured. */
export function ratio(
  rows: readonly Row[],
  name: string,
  measure: Measure,
  of: string,
  to: string,
): number | undefined {
  const value = (contender: string) =>
    median(rows.find((row) => row.name === name && row.contender === contender)?.measures[measure] ?? []);
  const [above, below] = [value(of), value(to)];
  return above === undefined || !below ? undefined : above / below;
}

function ratioText({ name, contender }: Row, rows: readonly Row[], to: string): string {
  if (contender === to) return "";
  return ratio(rows, name, "perSecond", contender, to)?.toFixed(2) ?? "";
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
