import type { Measure, Measures, Row } from "./scenario.ts";

/** Collects what rounds measured, one sample for each measure, into rows. */
export class Samples {
  readonly #rows = new Map<string, Collected>();

  add(name: string, contender: string, { cpuMsByProcess = {}, ...round }: Sample, note?: string): void {
    const key = `${name}\n${contender}`;
    const row = this.#rows.get(key) ?? { name, contender, measures: {}, cpuMsByProcess: {}, note };
    this.#rows.set(key, row);
    row.note ??= note;
    for (const [process, ms] of Object.entries(cpuMsByProcess)) {
      (row.cpuMsByProcess[process] ??= []).push(ms);
    }
    for (const measure of MEASURES) {
      const value = round[measure];
      if (value !== undefined) (row.measures[measure] ??= []).push(value);
    }
  }

  rows(): readonly Row[] {
    return [...this.#rows.values()].map(({ name, contender, measures, cpuMsByProcess, note }) => ({
      ...{ name, contender, measures },
      ...(Object.keys(cpuMsByProcess).length > 0 && { cpuMsByProcess }),
      ...(note !== undefined && { note }),
    }));
  }
}

/** The middle one, or the mean of the two in the middle. */
export function median(samples: readonly number[]): number | undefined {
  const sorted = samples.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** P50, P95 and P99 of durations, each the smallest that so many do not exceed. */
export function percentiles(ms: readonly number[]): Round {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  const [p50Ms, p95Ms, p99Ms] = [at(0.5), at(0.95), at(0.99)];
  return p50Ms === undefined || p95Ms === undefined || p99Ms === undefined ? {} : { p50Ms, p95Ms, p99Ms };
}

/** Half of the range over the median: how far the rounds lie apart. */
export function spread(samples: readonly number[]): number {
  const middle = median(samples) ?? 0;
  return middle === 0 ? 0 : (Math.max(...samples) - Math.min(...samples)) / 2 / middle;
}

export const MEASURES = [
  "perSecond",
  "p50Ms",
  "p95Ms",
  "p99Ms",
  "errorPercent",
  "socketErrors",
  "cpuMs",
  "postgresCpuMs",
  "postgresCpuPercent",
  "memoryMb",
  "lag",
  "drainSeconds",
  "wrong",
] as const satisfies readonly Measure[];

export type Round = Readonly<Partial<Record<Measure, number>>>;

export interface Sample extends Round {
  /** What `cpuMs` consists of, by the names of processes. */
  readonly cpuMsByProcess?: Readonly<Record<string, number>>;
}

interface Collected {
  readonly name: string;
  readonly contender: string;
  readonly measures: { -readonly [M in keyof Measures]: number[] };
  readonly cpuMsByProcess: Record<string, number[]>;
  note: string | undefined;
}
