import wilayah from "../../shared/penduduk/wilayah.json" with { type: "json" };
import measured from "./measured.json" with { type: "json" };

/** Registrations a second that a part takes, from what one costs and the processes that it has. */
export function capacityOf({ cpuMs, processes, cpu, threads }: PartSize): number {
  return processes * Math.min(cpu, threads) * BUSY_PERCENT * 10 / cpuMs;
}

/** Processes that a rate needs: at least two, so that one may fail. */
export function processesFor(perSecond: number, part: Omit<PartSize, "processes">): number {
  return Math.max(2, Math.ceil(perSecond / capacityOf({ ...part, processes: 1 })));
}

/** GB to be stored, before copies. */
export function storageGb(residents: number, perDay: number): Storage {
  const { resident, smsLedger, statisticsLedger, event } = measured.bytes;
  return {
    postgres: residents * resident * INDEX_AIR / GB,
    mongodb: (residents * smsLedger + perDay * LEDGER_DAYS * statisticsLedger) / GB,
    kafka: perDay * LOG_DAYS * event / GB,
  };
}

/**
 * Registrations a second of one province whose SMS keep up: those to one officer go one after the other, and every
 * officer of the province is told of each, so that more officers make it no faster.
 */
export function smsPerSecondOfProvince(smsMs: number = measured.smsMs): number {
  return 1_000 / smsMs;
}

/** The province with the largest part of the country's residents. */
export function largestProvince(): { readonly nama: string; readonly share: number } {
  const { provinsi } = wilayah;
  const all = provinsi.reduce((sum, { penduduk }) => sum + penduduk, 0);
  const { nama, penduduk } = provinsi.reduce((a, b) => a.penduduk >= b.penduduk ? a : b);
  return { nama, share: penduduk / all };
}

/** Registrations a second of the whole country up to which the SMS of every province keep up. */
export function smsPerSecond(): number {
  return smsPerSecondOfProvince() / largestProvince().share;
}

export const DAY = 86_400;
export const RESIDENTS = 285_000_000;
export const BIRTHS_A_DAY = 13_000;

/** Registrations a second. */
export const RATES: Readonly<Record<"births" | "peak" | "target" | "campaign", number>> = {
  births: BIRTHS_A_DAY / DAY,
  peak: 50 * BIRTHS_A_DAY / DAY,
  target: 1_000,
  campaign: RESIDENTS / (30 * DAY),
};

/** How much of its CPU a part may use: the rest is for the moment in which one of its processes is away. */
export const BUSY_PERCENT = 60;
/** Over indexes that are filled at random, against a table that was just filled. */
const INDEX_AIR = 1.4;
const LEDGER_DAYS = 31;
const LOG_DAYS = 30;
const GB = 1e9;

export interface PartSize {
  /** CPU milliseconds of one registration. */
  readonly cpuMs: number;
  readonly processes: number;
  /** That each process may use. */
  readonly cpu: number;
  /** CPUs that one process can use: a Deno process has one thread for our code, and some for connections. */
  readonly threads: number;
}

export interface Storage {
  readonly postgres: number;
  readonly mongodb: number;
  readonly kafka: number;
}
