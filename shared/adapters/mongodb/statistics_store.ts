import type { Collection, Db } from "mongodb";
import { MongoServerError } from "mongodb";
import { parseKodeProvinsi } from "../../penduduk/provinsi.ts";
import type { Applied, CountableBatch, Statistics, StatisticsStore } from "../../ports/statistics_store.ts";
import type { Mongo } from "./connect.ts";
import { EventLedger, type LedgerDocument } from "./event_ledger.ts";
import { ProvinceCounters, type ProvinceDocument } from "./province_counters.ts";

/**
 * Counters in MongoDB: `province-stats`, one document for each province, and `processed-events`, the ledger of what
 * was counted. Exactly once in effect without transactions: an event is claimed in the ledger, then counted by one
 * conditional update of its province. A call rejects with the driver's error; `apply` may be repeated after any. The
 * connection stays the caller's.
 */
export async function openMongoStatisticsStore(
  mongo: Mongo,
  { ledgerDays = 31, leaseMs = 120_000, onStep = () => {} }: MongoStatisticsStoreOptions = {},
): Promise<StatisticsStore> {
  const provinces = mongo.db.collection<ProvinceDocument>(PROVINCES);
  const claims = mongo.db.collection<LedgerDocument>(LEDGER);
  const counters = new ProvinceCounters(provinces);
  const ledger = new EventLedger(claims, counters, () => onStep("take over"));

  await forgetAfter(mongo.db, claims, ledgerDays);
  await counters.prepare();
  // Twice as long as the ledger: a mark must outlive the entries whose offsets it explains.
  await counters.forgetMarks(new Date(mongo.now() - 2 * ledgerDays * DAY_MS));
  return {
    apply,
    read: () => read(provinces),
    check: (signal) => mongo.check(signal),
    close: () => Promise.resolve(),
  };

  async function apply({ epoch: name, partition, events }: CountableBatch): Promise<Applied> {
    if (events.length === 0) return { counted: 0, repeated: 0 };
    const epoch = toFieldName(name);
    const stream = `${epoch}:${partition}`;
    const now = mongo.now();
    await onStep("claim");
    const claim = { epoch, stream, from: new Date(now), until: new Date(now + leaseMs) };
    const owned = Map.groupBy(await ledger.claim(events, claim), ({ kode }) => kode);
    await onStep("load");
    await counters.load(stream, [...owned.keys()]);
    // Half of the lease, so that clocks of several servers may differ by the other half.
    const before = new Date(now + leaseMs / 2);
    const counts = await settled([...owned].map(async ([kode, events]) => {
      await onStep("count");
      return await counters.count(stream, kode, events, before);
    }));
    await onStep("answer");
    const counted = counts.reduce((sum, count) => sum + count, 0);
    return { counted, repeated: events.length - counted };
  }
}

export const PROVINCES = "province-stats";
export const LEDGER = "processed-events";

export interface MongoStatisticsStoreOptions {
  /**
   * Days for which a counted event is remembered; 31 unless told. Must be more than the days for which the event log
   * keeps records, and than the outbox of a stopped system may wait: what comes again later counts again.
   */
  readonly ledgerDays?: number;
  /** How long an event that was claimed and not counted belongs to a topic that is gone; 2 minutes unless told. */
  readonly leaseMs?: number;
  /** Called before each step. Tests crash there. */
  readonly onStep?: (step: ApplyStep) => void | Promise<void>;
}

export type ApplyStep = "claim" | "take over" | "load" | "count" | "answer";

async function read(provinces: Collection<ProvinceDocument>): Promise<Statistics> {
  const found = await provinces.find({ jumlah: { $gt: 0 } }, { projection: { tanda: 0 }, sort: { _id: 1 } })
    .toArray();
  const instants = found.flatMap(({ asOf }) => asOf?.getTime() ?? []);
  return {
    provinces: found.map(({ _id, jumlah, jenisKelamin, kohort }) => {
      const kode = parseKodeProvinsi(_id);
      if (kode === undefined) throw new Error(`Read the counter of the unknown province "${_id}"`);
      return { kode, jumlah, jenisKelamin, kohort };
    }),
    asOf: instants.length > 0 ? new Date(Math.max(...instants)) : undefined,
  };
}

/** Sets how long the ledger remembers, also where it was made with another number of days. */
async function forgetAfter(db: Db, claims: Collection<LedgerDocument>, days: number): Promise<void> {
  const key = { until: 1 } as const;
  const expireAfterSeconds = days * DAY_MS / 1_000;
  try {
    await claims.createIndex(key, { expireAfterSeconds });
  } catch (error) {
    if (!(error instanceof MongoServerError) || !INDEX_DIFFERS.has(error.code)) throw error;
    await db.command({ collMod: LEDGER, index: { keyPattern: key, expireAfterSeconds } });
  }
}

/** Waits for all, so that nothing runs on after a rejection. */
async function settled<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/** The names of streams are field names, in which a dot would part. */
function toFieldName(epoch: string): string {
  return encodeURIComponent(epoch).replaceAll(".", "%2E");
}

const DAY_MS = 86_400_000;

/** IndexOptionsConflict, IndexKeySpecsConflict. */
const INDEX_DIFFERS = new Set<unknown>([85, 86]);
