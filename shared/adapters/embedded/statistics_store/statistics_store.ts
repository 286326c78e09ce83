import { parseKodeProvinsi } from "../../../penduduk/provinsi.ts";
import type { JenisKelamin } from "../../../penduduk/nik.ts";
import {
  type Applied,
  type CountableBatch,
  type CountableEvent,
  kohort,
  type ProvinceCount,
  type Statistics,
  type StatisticsStore,
} from "../../../ports/statistics_store.ts";
import { inStoreSpan } from "../../../telemetry/store_span.ts";
import { tracedBatcher } from "../../../telemetry/traced_batcher.ts";
import { migrate, type MigrationPlan } from "../../postgres/migrate.ts";
import { check, type Pool } from "../../postgres/pool.ts";
import { serveGeneration, startGeneration } from "./generation.ts";
import generations from "./migrations/0004_generations.sql" with { type: "text" };
import trendSql from "./migrations/0005_trend.sql" with { type: "text" };
import roles from "./migrations/0003_roles.sql" with { type: "text" };
import cancellations from "./migrations/0002_cancellations.sql" with { type: "text" };
import sql0001 from "./migrations/0001_statistics.sql" with { type: "text" };
import { keepRetention } from "./retention.ts";
import { moveTrend, readTrend, trendValues } from "./trend.ts";

/**
 * Counters in PostgreSQL. Brings its tables up to date first. The pool stays the caller's: `close` leaves it open.
 * A call rejects with the error of `pg`; `apply` may be repeated after any of them.
 */
export async function openEmbeddedStatisticsStore(
  pool: Pool,
  { ledgerDays = 31 }: EmbeddedStatisticsStoreOptions = {},
): Promise<StatisticsStore> {
  await migrate(pool, STATISTICS);
  const batcher = tracedBatcher(
    "statistics-store",
    "apply batch",
    (batches: readonly CountableBatch[]) => apply(pool, batches),
    LIMITS,
  );
  const closed = new AbortController();
  const retention = keepRetention(pool, ledgerDays, closed.signal);
  return {
    apply: (batch) =>
      inStoreSpan("statistics-store", CALL, (span) => batcher.add({ item: batch, span }, NEVER)),
    read: () => read(pool),
    readTrend: (per, first) => readTrend(pool, per, first),
    startGeneration: (cut) => startGeneration(pool, cut),
    serveGeneration: (generation, registry) => serveGeneration(pool, generation, registry),
    check: (signal) => check(pool, signal),
    async close() {
      closed.abort();
      await retention;
    },
  };
}

export const STATISTICS: MigrationPlan = {
  name: "statistics",
  steps: [
    { id: "0001_statistics", sql: sql0001 },
    { id: "0002_cancellations", sql: cancellations },
    { id: "0003_roles", sql: roles },
    { id: "0004_generations", sql: generations },
    { id: "0005_trend", sql: trendSql },
  ],
};

export interface EmbeddedStatisticsStoreOptions {
  /**
   * Days for which a counted event is remembered; 31 unless told. Must be more than the days for which the event log
   * keeps records (embedded: 30), for an event that comes again after it was forgotten counts again.
   */
  readonly ledgerDays?: number;
}

/** What partitions deliver meanwhile goes into the next statement: several at once only wait for one another's counters. */
const LIMITS = { lanes: 1, batch: 100, queue: 10_000 };

/** Whoever stops waiting applies the batch anew: counted is counted. */
const NEVER = new AbortController().signal;

const CALL = { system: "postgresql", operation: "apply", collection: "statistics" } as const;

/** Batches of several partitions by one statement. Of two events with one id, the first counts. */
async function apply(pool: Pool, batches: readonly CountableBatch[]): Promise<readonly Applied[]> {
  const all = batches.flatMap(({ events }) => events);
  const distinct = new Map(all.toReversed().map((event) => [event.id, event]));
  const fresh = await count(pool, [...distinct.values()]);
  return batches.map(({ events }) => {
    const counted = events.filter(({ id }) => fresh.delete(id)).length;
    return { counted, repeated: events.length - counted };
  });
}

/** Answers the ids of those that were not counted before. */
async function count(pool: Pool, events: readonly CountableEvent[]): Promise<Set<string>> {
  const ids = events.map((event) => event.id);
  if (ids.length === 0) return new Set();
  const { rows: known } = await pool.query<{ id: string }>({
    name: "statistics-apply",
    text: APPLY,
    values: [
      ids,
      events.map((event) => event.kode),
      events.map((event) => event.jenisKelamin),
      events.map((event) => kohort(event.tahunLahir)),
      events.map((event) => event.change),
      events.map((event) => event.seq ?? null),
      ...trendValues(events),
    ],
  });
  return new Set(ids).difference(new Set(known.map(({ id }) => id)));
}

// One statement, hence one transaction: an event is in the ledger if and only if the counters hold it, those of each
// generation by whose cut it is not in the registry's own numbers. Two writers meet in one order, ledger before counters
// and each sorted, so that they wait for one another but never deadlock; an id that another transaction is just
// inserting is waited for, and counted here only when that one is undone.
const APPLY = `
  with batch as (
    select * from unnest(
      $1::text[], $2::text[], $3::text[], $4::smallint[], $5::smallint[], $6::bigint[], $7::int[], $8::int[]
    ) as event (id, kode, jenis_kelamin, kohort, change, seq, hour, day)
  ),
  fresh as (
    insert into statistics_ledger (event_id)
    select id from batch order by id collate "C"
    on conflict (event_id) do nothing
    returning event_id
  ),
  moved as (${move("statistics_counter", "served")}),
  moved_next as (${move("statistics_counter_next", "next")}),
  moved_trend as (${moveTrend("statistics_trend", "served")}),
  moved_trend_next as (${moveTrend("statistics_trend_next", "next")})
  select id from batch where not exists (select from fresh where fresh.event_id = batch.id)`;

function move(counters: string, generation: "served" | "next"): string {
  return `
    insert into ${counters} as counter (kode, jenis_kelamin, kohort, jumlah, moved_at)
    select kode, jenis_kelamin, kohort, sum(change), clock_timestamp()
    from fresh join batch on batch.id = fresh.event_id
      join statistics_generation on state = '${generation}' and (seq is null or seq > cut)
    group by kode, jenis_kelamin, kohort
    order by kode collate "C", jenis_kelamin collate "C", kohort
    on conflict (kode, jenis_kelamin, kohort) do update
    set jumlah = counter.jumlah + excluded.jumlah, moved_at = greatest(counter.moved_at, excluded.moved_at)`;
}

async function read(pool: Pool): Promise<Statistics> {
  const { rows } = await pool.query<CounterRow>(READ);
  const provinces = new Map<string, Tally>();
  let asOf: Date | undefined;
  for (const row of rows) {
    const tally = provinces.get(row.kode) ?? emptyTally(row.kode);
    provinces.set(row.kode, tally);
    const jumlah = Number(row.jumlah);
    if (asOf === undefined || row.moved_at > asOf) asOf = row.moved_at;
    if (jumlah === 0) continue;
    tally.jumlah += jumlah;
    tally.jenisKelamin[row.jenis_kelamin] += jumlah;
    tally.kohort[row.kohort] = (tally.kohort[row.kohort] ?? 0) + jumlah;
  }
  return { provinces: [...provinces.values()].filter(({ jumlah }) => jumlah !== 0), asOf };
}

const READ = "select kode, jenis_kelamin, kohort, jumlah, moved_at from statistics_counter order by kode";

function emptyTally(code: string): Tally {
  const kode = parseKodeProvinsi(code);
  if (kode === undefined) throw new Error(`Read the counter of the unknown province "${code}"`);
  return { kode, jumlah: 0, jenisKelamin: { "laki-laki": 0, perempuan: 0 }, kohort: {} };
}

interface CounterRow {
  readonly kode: string;
  readonly jenis_kelamin: JenisKelamin;
  readonly kohort: number;
  /** A bigint, which pg hands over as text. */
  readonly jumlah: string;
  readonly moved_at: Date;
}

type Tally = Pick<ProvinceCount, "kode"> & {
  jumlah: number;
  readonly jenisKelamin: Record<JenisKelamin, number>;
  readonly kohort: Record<string, number>;
};
