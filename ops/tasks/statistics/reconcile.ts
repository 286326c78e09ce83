import { openPool } from "../../../shared/adapters/postgres/pool.ts";
import { provinsi } from "../../../shared/penduduk/provinsi.ts";
import type { Platform } from "../../../shared/runtime/platform.ts";
import {
  type ProvinceDrift,
  reconcileStatistics,
  verdict,
} from "../../../workers/statistics/reconcile/reconcile.ts";
import { registryCounts } from "../../../workers/statistics/reconcile/registry_counts.ts";

/** Prints how registry and statistics compare; answers 1 unless they agree in every province. */
export async function compare(platform: Platform, options: CompareOptions): Promise<0 | 1> {
  const { print, show, waitMs, signal } = options;
  const reader = openPool(await platform.databaseUrl("reader"), {
    max: 1,
    name: "reconcile",
    statementMs: STATEMENT_MS,
  });
  try {
    const drifts = await reconcileStatistics({
      registry: () => registryCounts(reader),
      eventLog: await platform.eventLog(),
      store: await platform.statisticsStore(),
      waitMs,
      signal,
      onLook: (told) => show(() => `${told} provinces compared`),
    });
    for (const line of tableOf(drifts)) print(line);
    return drifts.every((drift) => verdict(drift) === "agrees") ? 0 : 1;
  } finally {
    await reader.end();
  }
}

/** One line for each province that has anything to tell, and what follows from it. */
export function tableOf(drifts: readonly ProvinceDrift[]): readonly string[] {
  const rows = drifts.filter((drift) =>
    drift.registry !== 0 || drift.statistics !== 0 || verdict(drift) !== "agrees"
  )
    .map((drift) => [
      `${drift.kode} ${provinsi(drift.kode).nama}`,
      ...[drift.registry, drift.statistics].map(written),
      difference(drift),
    ]);
  const widths = [28, 13, 13, 0];
  const lines = [["province", "registry", "statistics", "difference"], ...rows].map((cells) =>
    cells.map((cell, i) => i === 0 || i === 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))
      .join("  ")
      .trimEnd()
  );
  return [...lines, "", ...conclusion(drifts)];
}

function conclusion(drifts: readonly ProvinceDrift[]): readonly string[] {
  const differ = drifts.filter((drift) => verdict(drift) === "differs").length;
  const unknown = drifts.filter((drift) => verdict(drift) === "unknown").length;
  if (differ > 0) {
    return [
      `${differ} provinces differ: replay dead letters (deno task dlq list --group statistics), else rebuild (deno task statistics rebuild)`,
    ];
  }
  if (unknown > 0) {
    return [
      `${unknown} provinces cannot be told, for too much is on its way: look at the outbox and the lag, or give more time (--wait)`,
    ];
  }
  return ["Registry and statistics agree in every province"];
}

function difference(drift: ProvinceDrift): string {
  const { low, high } = drift;
  if (low === high) return low === 0 ? "0" : signed(low);
  return `${signed(low)} to ${signed(high)}`;
}

function signed(number: number): string {
  return number > 0 ? `+${written(number)}` : written(number);
}

function written(number: number): string {
  return number.toLocaleString("en");
}

export interface CompareOptions {
  readonly print: (line: string) => void;
  /** Takes the line that tells how far it is. */
  readonly show: (line: () => string) => void;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** Counting 285 million residents takes minutes. */
const STATEMENT_MS = 600_000;
