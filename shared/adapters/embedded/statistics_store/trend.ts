import { parseKodeProvinsi } from "../../../penduduk/provinsi.ts";
import type { CountableEvent } from "../../../ports/statistics_store.ts";
import { bucketOf, firstBucket, PER, type Per, type TrendCount } from "../../../ports/trend.ts";
import type { Pool } from "../../postgres/pool.ts";

/** The columns `hour` and `day` of the batch from which `moveTrend` counts. */
export function trendValues(events: readonly CountableEvent[]): readonly (readonly number[])[] {
  return PER.map((per) => events.map(({ registeredAt }) => bucketOf(per, registeredAt)));
}

/** Counts, as a part of the statement that moves the counters, what these count by the same rule. */
export function moveTrend(table: string, generation: "served" | "next"): string {
  return `
    insert into ${table} as trend (kode, per, bucket, jumlah)
    select kode, part.per, part.bucket, sum(change)
    from fresh join batch on batch.id = fresh.event_id
      join statistics_generation on state = '${generation}' and (seq is null or seq > cut)
      cross join lateral (values ('hour', hour), ('day', day)) as part (per, bucket)
    group by kode, part.per, part.bucket
    order by kode collate "C", part.per collate "C", part.bucket
    on conflict (kode, per, bucket) do update set jumlah = trend.jumlah + excluded.jumlah`;
}

export async function readTrend(pool: Pool, per: Per, first: number): Promise<readonly TrendCount[]> {
  const { rows } = await pool.query<TrendRow>(READ, [per, first]);
  return rows.map(({ kode: code, bucket, jumlah }) => {
    const kode = parseKodeProvinsi(code);
    if (kode === undefined) throw new Error(`Read the trend of the unknown province "${code}"`);
    return { kode, per, bucket, jumlah: Number(jumlah) };
  });
}

/** Forgets what no trend reaches any more. */
export async function forgetTrend(pool: Pool, now = new Date()): Promise<void> {
  for (const per of PER) {
    await pool.query("delete from statistics_trend where per = $1 and bucket < $2", [
      per,
      firstBucket(per, now),
    ]);
  }
}

const READ =
  "select kode, bucket, jumlah from statistics_trend where per = $1 and bucket >= $2 and jumlah <> 0";

interface TrendRow {
  readonly kode: string;
  readonly bucket: number;
  /** A bigint, which pg hands over as text. */
  readonly jumlah: string;
}
