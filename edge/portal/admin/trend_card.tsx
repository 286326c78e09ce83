import { useEffect, useState } from "preact/hooks";
import type { Trend } from "../../../shared/http/schemas/trend.ts";
import type { Per } from "../../../shared/ports/trend.ts";
import { number, t } from "../texts/texts.ts";
import { useAnswer } from "../ui/answer.ts";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { bucketName } from "./bucket_name.ts";
import { PerButtons } from "./per_buttons.tsx";
import { TrendChart } from "./trend_chart.tsx";

/** Registrations of the whole country over the last hours or days. */
export function TrendCard() {
  const [per, setPer] = useState<Per>("hour");
  const { answer, again } = useAnswer<Trend>(`/stats/trend?per=${per}`);
  useEffect(() => {
    const timer = setTimeout(again, REFRESH_MS);
    return () => clearTimeout(timer);
  }, [answer]);
  return (
    <section class="card" aria-labelledby="trend">
      <div class="card-head">
        <h2 id="trend">{t("trend.title")}</h2>
        <PerButtons per={per} onChange={setPer} />
      </div>
      {answer === undefined && <Skeleton rows={4} />}
      {answer && answer.kind !== "ok" && <FailureNotice failure={answer} again={again} />}
      {answer?.kind === "ok" && (
        <>
          <TrendChart trend={answer.body} />
          <p class="note">{t("trend.zone")}</p>
          <TrendTable trend={answer.body} />
        </>
      )}
    </section>
  );
}

/** The stream moves the totals at once; a bar may take its time. */
const REFRESH_MS = 15_000;

function TrendTable({ trend: { per, trend } }: { trend: Trend }) {
  const newestFirst = trend.toReversed();
  return (
    <details class="more">
      <summary>{t("trend.table")}</summary>
      <table class="table">
        <caption class="visually-hidden">{t(`trend.reach.${per}`)}</caption>
        <thead>
          <tr>
            <th scope="col">{t(`trend.time.${per}`)}</th>
            <th scope="col" class="number">{t("stats.count")}</th>
          </tr>
        </thead>
        <tbody>
          {newestFirst.map(({ mulai, jumlah }, place) => (
            <tr key={mulai}>
              <th scope="row">
                {bucketName(mulai, per)} {place === 0 && <span class="muted">({t("trend.now")})</span>}
              </th>
              <td class="number">{number(jumlah)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
