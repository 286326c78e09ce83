import type { Context } from "hono";
import type { AppEnv } from "../../shared/http/app.ts";
import { readQuery } from "../../shared/http/read_query.ts";
import { readStore } from "../../shared/http/read_store.ts";
import { COUNTRY, type Trend, TrendQuery } from "../../shared/http/schemas/trend.ts";
import { provinsi } from "../../shared/penduduk/provinsi.ts";
import type { StatisticsStore } from "../../shared/ports/statistics_store.ts";
import { firstBucket, startOf, TREND_REACH } from "../../shared/ports/trend.ts";

/** Handles `GET /stats/trend?per=hour|day&provinsi=`: the last 48 hours or 90 days, the present one too. */
export function answerTrend(
  store: Pick<StatisticsStore, "readTrend">,
  now: () => Date,
): (c: Context<AppEnv>) => Promise<Response> {
  return async function answerTrend(c) {
    const { per, provinsi: kode } = readQuery(c, TrendQuery);
    const first = firstBucket(per, now());
    const counts = await readStore(c, store.readTrend(per, first));
    const buckets = new Array<number>(TREND_REACH[per]).fill(0);
    for (const count of counts) {
      const place = count.bucket - first;
      // A clock that is ahead of ours has counted for an hour that is still to come.
      if (place < buckets.length && (kode === COUNTRY || count.kode === kode)) {
        buckets[place] = (buckets[place] ?? 0) + count.jumlah;
      }
    }
    return c.json<Trend>({
      provinsi: kode === COUNTRY ? "Indonesia" : provinsi(kode).nama,
      kode,
      per,
      // Below zero for a moment where a cancellation is counted before its registration.
      trend: buckets.map((jumlah, place) => ({
        mulai: startOf(per, first + place),
        jumlah: Math.max(0, jumlah),
      })),
    });
  };
}
