import type { PoolClient } from "../../../shared/adapters/postgres/pool.ts";
import type { JenisKelamin } from "../../../shared/penduduk/nik.ts";
import { parseKodeProvinsi } from "../../../shared/penduduk/provinsi.ts";
import type { RegistryCount, ResidentCount } from "../../../shared/ports/statistics_store.ts";
import { dayOf, PER, type Per, TREND_REACH, type TrendCount } from "../../../shared/ports/trend.ts";
import type { RebuildContext } from "./rebuild.ts";

/** Counts all residents that the snapshot sees, a page of ids after the other, so that progress can be told. */
export async function countRegistry(
  snapshot: Pick<PoolClient, "query">,
  { signal, onProgress = () => {} }: Pick<RebuildContext, "signal" | "onProgress">,
  pageRows = 100_000,
): Promise<Census> {
  const counts = new Map<string, ResidentCount>();
  const trend = new Map<string, TrendCount>();
  let [records, unknown] = [0, 0];
  for (let after: string | undefined = FIRST; after !== undefined;) {
    signal.throwIfAborted();
    const { rows }: { rows: CountRow[] } = await snapshot.query<CountRow>(PAGE, [after, pageRows]);
    for (const row of rows) {
      records += row.jumlah;
      const count = toCount(row);
      if (!count) {
        unknown += row.jumlah;
        continue;
      }
      add(counts, `${count.kode} ${count.jenisKelamin} ${count.kohort}`, count);
      for (const part of trendOf(count, row.hour)) {
        add(trend, `${part.kode} ${part.per} ${part.bucket}`, part);
      }
    }
    onProgress({ step: "counting", records });
    after = rows[0]?.last;
  }
  return { residents: [...counts.values()], trend: [...trend.values()], unknown };
}

function add<C extends { readonly jumlah: number }>(counts: Map<string, C>, key: string, count: C): void {
  counts.set(key, { ...count, jumlah: count.jumlah + (counts.get(key)?.jumlah ?? 0) });
}

function trendOf({ kode, jumlah }: ResidentCount, hour: number | null): readonly TrendCount[] {
  if (hour === null) return [];
  const buckets: Record<Per, number> = { hour, day: dayOf(hour) };
  return PER.map((per) => ({ kode, per, bucket: buckets[per], jumlah }));
}

function toCount({ kode: text, jenis_kelamin, kohort, jumlah }: CountRow): ResidentCount | undefined {
  if (jenis_kelamin === null || kohort === null) return undefined;
  const kode = parseKodeProvinsi(text);
  if (!kode) throw new Error(`Registry holds the unknown province "${text}"`);
  return { kode, jenisKelamin: jenis_kelamin, kohort, jumlah };
}

export interface Census extends RegistryCount {
  /** Rows from before sex and cohort stood in clear. */
  readonly unknown: number;
}

interface CountRow {
  readonly kode: string;
  readonly jenis_kelamin: JenisKelamin | null;
  readonly kohort: number | null;
  /** Of the registration; null when no trend reaches so far back. */
  readonly hour: number | null;
  readonly jumlah: number;
  /** The last id of the page. */
  readonly last: string;
}

const FIRST = "00000000-0000-0000-0000-000000000000";
const PAGE = `
  with page as materialized (
    select id, kode_provinsi, jenis_kelamin, kohort,
      case when created_at > now() - make_interval(days => ${TREND_REACH.day})
        then floor(extract(epoch from created_at) / 3600)::int
      end as hour
    from penduduk where id > $1 order by id limit $2
  )
  select kode_provinsi as kode, jenis_kelamin, kohort, hour, count(*)::int as jumlah,
    (select id from page order by id desc limit 1) as last
  from page group by kode_provinsi, jenis_kelamin, kohort, hour`;
