import { type KodeProvinsi, parseKodeProvinsi, PROVINSI } from "../../../shared/penduduk/provinsi.ts";
import type { EventLog } from "../../../shared/ports/event_log.ts";
import type { StatisticsStore } from "../../../shared/ports/statistics_store.ts";
import { sleep } from "../../../shared/resilience/backoff.ts";
import type { RegistryCounts } from "./registry_counts.ts";

/**
 * Compares registry and statistics, province by province, while events are on their way. Each look bounds how far the
 * counts may be off: by what the registry held before and after, and by all that was on its way. A count that is off stays
 * off by the same number, so that the bounds of several looks narrow one another down. Ends when every province is told
 * exactly, or after `waitMs`.
 */
export async function reconcileStatistics(context: ReconcileContext): Promise<readonly ProvinceDrift[]> {
  const { now = () => performance.now(), waitMs, pauseMs = 250, signal, onLook = () => {} } = context;
  const deadline = now() + waitMs;
  let drifts: ReadonlyMap<KodeProvinsi, ProvinceDrift> = new Map();
  for (;;) {
    signal.throwIfAborted();
    drifts = narrow(drifts, await look(context));
    const told = [...drifts.values()].filter(({ low, high }) => low === high).length;
    onLook(told);
    if (told === drifts.size || now() >= deadline) return [...drifts.values()];
    await sleep(pauseMs, signal);
  }
}

/**
 * What is known of a province: the statistics count between `low` and `high` residents too many, and below 0 too few.
 * `registry` and `statistics` are the counts as last read, which what was on its way keeps apart as well.
 */
export interface ProvinceDrift {
  readonly kode: KodeProvinsi;
  readonly registry: number;
  readonly statistics: number;
  readonly low: number;
  readonly high: number;
}

export function verdict({ low, high }: ProvinceDrift): "agrees" | "differs" | "unknown" {
  if (low > 0 || high < 0) return "differs";
  return low === high ? "agrees" : "unknown";
}

async function look({ registry, eventLog, store }: ReconcileContext): Promise<readonly ProvinceDrift[]> {
  const before = await registry();
  // After the registry: what was in neither its outbox nor, now, in the lag, is counted.
  const lags = await eventLog.lag("pendaftaran-events", "statistics-group");
  const underWay = before.outbox + lags.reduce((sum, { lag }) => sum + lag, 0);
  const { provinces } = await store.read();
  const after = await registry();
  const counted = new Map(provinces.map(({ kode, jumlah }) => [kode, jumlah]));
  return provincesOf(before, after, [...counted.keys()]).map((kode) => {
    const statistics = counted.get(kode) ?? 0;
    const [was, is] = [before.provinces.get(kode) ?? NOBODY, after.provinces.get(kode) ?? NOBODY];
    return {
      kode,
      registry: is.registered - is.cancelled,
      statistics,
      low: statistics - (is.registered - was.cancelled + underWay),
      high: statistics - (was.registered - is.cancelled - underWay),
    };
  });
}

function narrow(
  drifts: ReadonlyMap<KodeProvinsi, ProvinceDrift>,
  seen: readonly ProvinceDrift[],
): ReadonlyMap<KodeProvinsi, ProvinceDrift> {
  return new Map(seen.map((drift) => {
    const earlier = drifts.get(drift.kode) ?? drift;
    const [low, high] = [Math.max(earlier.low, drift.low), Math.min(earlier.high, drift.high)];
    // The count was changed by other means than events, as by a rebuild: what was known is void.
    return [drift.kode, low > high ? drift : { ...drift, low, high }];
  }));
}

function provincesOf(before: RegistryCounts, after: RegistryCounts, counted: readonly KodeProvinsi[]) {
  const codes = [
    ...PROVINSI.map(({ kode }) => kode),
    ...before.provinces.keys(),
    ...after.provinces.keys(),
    ...counted,
  ];
  return [...new Set(codes)].map((text) => {
    const kode = parseKodeProvinsi(text);
    if (!kode) throw new Error(`Registry holds the unknown province "${text}"`);
    return kode;
  }).sort();
}

export interface ReconcileContext {
  /** Counts it as it is now. */
  readonly registry: () => Promise<RegistryCounts>;
  readonly eventLog: Pick<EventLog, "lag">;
  readonly store: Pick<StatisticsStore, "read">;
  /** How long to look again, until all is told. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly now?: () => number;
  /** Between two looks; 250 unless told. */
  readonly pauseMs?: number;
  /** Told, after each look, of how many provinces all is known. */
  readonly onLook?: (told: number) => void;
}

const NOBODY = { registered: 0, cancelled: 0 };
