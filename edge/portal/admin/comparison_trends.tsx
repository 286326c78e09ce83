import { useEffect, useState } from "preact/hooks";
import type { Trend } from "../../../shared/http/schemas/trend.ts";
import type { Per } from "../../../shared/ports/trend.ts";
import { ask, type Failure } from "../api/client.ts";
import { t } from "../texts/texts.ts";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { highest, TrendChart } from "./trend_chart.tsx";

/** One chart a province, all on one scale. */
export function ComparisonTrends({ codes, per }: { codes: readonly string[]; per: Per }) {
  const { trends, failure, again } = useTrends(codes, per);
  if (failure) return <FailureNotice failure={failure} again={again} />;
  if (trends === undefined) return <Skeleton rows={6} />;
  const most = Math.max(1, ...trends.map(highest));
  return (
    <>
      <ul class="trends">
        {trends.map((trend) => (
          <li key={trend.kode}>
            <h3>{trend.provinsi}</h3>
            <TrendChart trend={trend} most={most} />
          </li>
        ))}
      </ul>
      <p class="note">{t("compare.scale")} {t("trend.zone")}</p>
    </>
  );
}

/** All of them or none: charts of different moments would not compare. The last ones stay until the next are there. */
function useTrends(codes: readonly string[], per: Per): Trends & { again: () => void } {
  const [state, setState] = useState<Trends>({ trends: undefined, failure: undefined });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    const questions = codes.map((kode) =>
      ask<Trend>(`/stats/trend?per=${per}&provinsi=${kode}`, { signal: stop.signal })
    );
    void Promise.all(questions).then((answers) => {
      if (stop.signal.aborted) return;
      const failure = answers.find((answer) => answer.kind !== "ok");
      const trends = answers.flatMap((answer) => answer.kind === "ok" ? [answer.body] : []);
      setState(failure ? { trends: undefined, failure } : { trends, failure });
    });
    return () => stop.abort();
  }, [codes.join(), per, round]);
  return { ...state, again: () => setRound(round + 1) };
}

interface Trends {
  readonly trends: readonly Trend[] | undefined;
  readonly failure: Failure | undefined;
}
