import { dateTime, number, t } from "../texts/texts.ts";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { Page } from "../ui/page.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { Breakdown } from "./breakdown.tsx";
import { type LiveStatistics, useLiveStatistics } from "./live_statistics.ts";
import { ProvinceTable } from "./province_table.tsx";
import { cohorts, type Row, toRows } from "./rows.ts";
import { TileMap } from "./tile_map.tsx";
import { TrendCard } from "./trend_card.tsx";

export function StatisticsPage() {
  const { live, again } = useLiveStatistics();
  return (
    <Page title={t("stats.title")}>
      {live.kind === "loading" && (
        <div class="card">
          <Skeleton rows={12} />
        </div>
      )}
      {live.kind === "failed" && <FailureNotice failure={live.failure} again={again} />}
      {live.kind === "shown" && <Shown live={live} />}
    </Page>
  );
}

function Shown({ live }: { live: LiveStatistics }) {
  const rows = toRows(live.provinces);
  return (
    <>
      <Totals live={live} rows={rows} />
      {live.total === 0 && <p class="notice" role="status">{t("stats.empty")}</p>}
      <TrendCard />
      <div class="columns columns-even">
        <div>
          <TileMap rows={rows} />
          <Breakdown id="sex" title={t("stats.sex")} parts={bySex(rows)} />
          {live.total > 0 && <Breakdown id="cohort" title={t("stats.cohort")} parts={byCohort(rows)} />}
        </div>
        <div>
          <ProvinceTable rows={rows} />
        </div>
      </div>
    </>
  );
}

function Totals({ live, rows }: { live: LiveStatistics; rows: readonly Row[] }) {
  const residents = rows.reduce((sum, { penduduk }) => sum + penduduk, 0);
  const stream = { connecting: "stats.connecting", live: "stats.live", paused: "stats.paused" } as const;
  return (
    <dl class="totals">
      <div class="total-main">
        <dt>
          {t("stats.total")} <span class={`stream stream-${live.stream}`}>{t(stream[live.stream])}</span>
        </dt>
        <dd id="total">{number(live.total)}</dd>
      </div>
      <div>
        <dt>{t("stats.rate")}</dt>
        <dd>+{number(live.perMinute)}</dd>
      </div>
      <div>
        <dt>{t("stats.share")}</dt>
        <dd>{number(live.total / residents, { style: "percent", maximumSignificantDigits: 3 })}</dd>
      </div>
      <div>
        <dt>{t("stats.asOf")}</dt>
        <dd class="total-time">{live.asOf === null ? t("stats.asOf.none") : dateTime(live.asOf)}</dd>
      </div>
    </dl>
  );
}

function bySex(rows: readonly Row[]) {
  return (["perempuan", "laki-laki"] as const).map((sex) => ({
    name: t(`sex.${sex}`),
    count: rows.reduce((sum, { jenisKelamin }) => sum + jenisKelamin[sex], 0),
  }));
}

function byCohort(rows: readonly Row[]) {
  return cohorts(rows).map(([decade, count]) => ({
    name: t("stats.cohort.decade", { from: decade, to: String(Number(decade) + 9) }),
    count,
  }));
}
