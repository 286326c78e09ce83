import { getLogger } from "@logtape/logtape";
import { type KodeProvinsi, parseKodeProvinsi } from "../../penduduk/provinsi.ts";
import type { Applied, CountableBatch, Statistics, StatisticsStore } from "../../ports/statistics_store.ts";
import type { Per, TrendCount } from "../../ports/trend.ts";
import { sleep } from "../../resilience/backoff.ts";
import type { Mongo } from "./connect.ts";
import { EventLedger } from "./event_ledger.ts";
import { Generations } from "./generations.ts";
import { joinStreams } from "./join_streams.ts";
import { ProvinceCounters } from "./province_counters.ts";
import { TREND_FIELD } from "./province_document.ts";

/**
 * Counters in MongoDB: `province-stats`, one document for each province, and `processed-events`, the ledger of what
 * was counted. Exactly once in effect without transactions: an event is claimed in the ledger, then counted by a
 * conditional update of its province. A call rejects with the driver's error; `apply` may be repeated after any. The
 * connection stays the caller's.
 */
export async function openMongoStatisticsStore(
  mongo: Mongo,
  options: MongoStatisticsStoreOptions = {},
): Promise<StatisticsStore> {
  const { ledgerDays = 31, leaseMs = 120_000, provincesAtOnce = Infinity, onStep = () => {} } = options;
  const counters = new ProvinceCounters(mongo, {
    atOnce: provincesAtOnce,
    beforeUpdate: () => onStep("count"),
  });
  const ledger = new EventLedger(mongo, counters, () => onStep("take over"));
  const generations = new Generations(mongo);
  await ledger.prepare();
  await counters.prepare();
  const closed = new AbortController();
  const forgetting = everyHour(forget, closed.signal);
  return {
    apply: joinStreams(apply),
    read: () => read(generations),
    readTrend: (per, first) => readTrend(generations, per, first),
    startGeneration: (cut) => generations.start(cut),
    serveGeneration: (generation, registry) => generations.serve(generation, registry),
    check: (signal) => mongo.check(signal),
    async close() {
      closed.abort();
      await forgetting;
    },
  };

  async function forget(): Promise<void> {
    const daysAgo = (days: number) => new Date(mongo.now() - days * DAY_MS);
    await counters.forgetTrends(daysAgo(0));
    while (!await ledger.forget(daysAgo(ledgerDays))) if (closed.signal.aborted) return;
    // Last, and after twice the time: a mark must outlive the entries whose offsets it explains.
    await counters.forgetMarks(daysAgo(2 * ledgerDays));
  }

  async function apply(batches: readonly CountableBatch[]): Promise<readonly Applied[]> {
    const epoch = toFieldName(batches[0]?.epoch ?? "");
    const streamOf = ({ partition }: CountableBatch) => `${epoch}:${partition}`;
    const deliveries = batches.flatMap((batch) => {
      const stream = streamOf(batch);
      return batch.events.map((event) => ({ ...event, stream }));
    });
    if (deliveries.length === 0) return batches.map(() => ({ counted: 0, repeated: 0 }));
    const now = mongo.now();
    await onStep("claim");
    const own = await ledger.claim(deliveries, {
      epoch,
      from: new Date(now),
      until: new Date(now + leaseMs),
    });
    await onStep("load");
    // Half of the lease, so that the clocks of several servers may differ by the other half.
    const countedOf = await counters.count(own, new Date(now + leaseMs / 2));
    await onStep("answer");
    return batches.map((batch) => {
      const counted = countedOf.get(streamOf(batch)) ?? 0;
      return { counted, repeated: batch.events.length - counted };
    });
  }
}

export interface MongoStatisticsStoreOptions {
  /**
   * Days for which a counted event is remembered; 31 unless told. Must be more than the days for which the event log
   * keeps records, and than the outbox of a stopped system may wait: what comes again later counts again.
   */
  readonly ledgerDays?: number;
  /** How long an event that was claimed and not counted stays with a topic that is gone; 2 minutes unless told. */
  readonly leaseMs?: number;
  /** Provinces counted by one command; all unless told. Tests take one, so as to crash between two. */
  readonly provincesAtOnce?: number;
  /** Called before each step. Tests crash there. */
  readonly onStep?: (step: ApplyStep) => void | Promise<void>;
}

export type ApplyStep = "claim" | "take over" | "load" | "count" | "answer";

async function read(generations: Generations): Promise<Statistics> {
  const provinces = await generations.read();
  const instants = provinces.flatMap(({ asOf }) => asOf?.getTime() ?? []);
  return {
    provinces: provinces.filter(({ jumlah }) => jumlah !== 0).map(({ _id, jumlah, jenisKelamin, kohort }) => {
      const kode = toKode(_id);
      // A decade whose last resident was cancelled stays in the document with a zero.
      const inhabited = Object.fromEntries(Object.entries(kohort).filter(([, residents]) => residents !== 0));
      return { kode, jumlah, jenisKelamin, kohort: inhabited };
    }),
    asOf: instants.length > 0 ? new Date(Math.max(...instants)) : undefined,
  };
}

async function readTrend(generations: Generations, per: Per, first: number): Promise<TrendCount[]> {
  const provinces = await generations.readTrend(per);
  return provinces.flatMap(({ _id, [TREND_FIELD[per]]: buckets = {} }) =>
    Object.entries(buckets).filter(([bucket, jumlah]) => Number(bucket) >= first && jumlah !== 0)
      .map(([bucket, jumlah]) => ({ kode: toKode(_id), per, bucket: Number(bucket), jumlah }))
  );
}

/** At once and then once an hour, until the signal aborts. */
async function everyHour(forget: () => Promise<void>, closed: AbortSignal): Promise<void> {
  while (!closed.aborted) {
    try {
      await forget();
    } catch (error) {
      log.warn("Cannot forget what is old: {error}", { error: error instanceof Error ? error.name : "" });
    }
    await sleep(HOUR_MS, closed);
  }
}

function toKode(id: string): KodeProvinsi {
  const kode = parseKodeProvinsi(id);
  if (kode === undefined) throw new Error(`Read the counter of the unknown province "${id}"`);
  return kode;
}

/** The names of streams are field names, in which a dot would part. */
function toFieldName(epoch: string): string {
  return encodeURIComponent(epoch).replaceAll(".", "%2E");
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const log = getLogger(["kependudukan", "statistics"]);
