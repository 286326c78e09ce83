import { useEffect, useRef, useState } from "preact/hooks";
import type { Per } from "../../../shared/ports/trend.ts";
import { place } from "../place.ts";
import { t } from "../texts/texts.ts";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { Page } from "../ui/page.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { chosenProvinces, comparisonOf, FEWEST, MOST } from "./chosen_provinces.ts";
import { ComparisonTable } from "./comparison_table.tsx";
import { ComparisonTrends } from "./comparison_trends.tsx";
import { useLiveStatistics } from "./live_statistics.ts";
import { PerButtons } from "./per_buttons.tsx";
import { type Row, toRows } from "./rows.ts";

/** Two to five provinces side by side; which ones stands in the address. */
export function ComparisonPage() {
  const { live, again } = useLiveStatistics();
  return (
    <Page title={t("compare.title")} lead={t("compare.lead")}>
      {live.kind === "loading" && (
        <div class="card">
          <Skeleton rows={12} />
        </div>
      )}
      {live.kind === "failed" && <FailureNotice failure={live.failure} again={again} />}
      {live.kind === "shown" && <Comparison rows={toRows(live.provinces)} />}
    </Page>
  );
}

function Comparison({ rows }: { rows: readonly Row[] }) {
  const named = useNamed(rows);
  const chosen = chosenProvinces(rows, named);
  const [per, setPer] = useState<Per>("day");
  return (
    <>
      <Choice rows={rows} chosen={chosen} />
      {chosen.length < FEWEST ? <p class="notice" role="status">{t("compare.few")}</p> : (
        <>
          <ComparisonTable rows={chosen} />
          <section class="card" aria-labelledby="trends">
            <div class="card-head">
              <h2 id="trends">{t("trend.title")}</h2>
              <PerButtons per={per} onChange={setPer} />
            </div>
            <ComparisonTrends codes={chosen.map(({ kode }) => kode)} per={per} />
          </section>
        </>
      )}
    </>
  );
}

/** What the address names, or for as long as it names nothing those that came first: counts that move change no choice. */
function useNamed(rows: readonly Row[]): string | undefined {
  const first = useRef(chosenProvinces(rows, undefined).map(({ kode }) => kode).join(","));
  return place.value.id ?? first.current;
}

function Choice({ rows, chosen }: { rows: readonly Row[]; chosen: readonly Row[] }) {
  const select = useRef<HTMLSelectElement>(null);
  const [added, setAdded] = useState("");
  const others = rows.filter(({ kode }) => !chosen.some((row) => row.kode === kode))
    .toSorted((a, b) => a.provinsi.localeCompare(b.provinsi));
  const full = chosen.length >= MOST;
  const show = (codes: readonly string[]) => location.hash = comparisonOf(codes);
  useEffect(() => setAdded(""), [chosen.length]);
  return (
    <section class="card" aria-labelledby="chosen">
      <h2 id="chosen">{t("compare.chosen")}</h2>
      <ul class="chips">
        {chosen.map(({ kode, provinsi }) => (
          <li key={kode} class="chip">
            {provinsi}
            <button
              type="button"
              aria-label={t("compare.remove", { provinsi })}
              onClick={() => {
                show(chosen.flatMap((row) => row.kode === kode ? [] : [row.kode]));
                // The button goes, and the focus with it.
                select.current?.focus();
              }}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      <form
        class="add-row"
        onSubmit={(event) => {
          event.preventDefault();
          if (added !== "" && !full) show([...chosen.map(({ kode }) => kode), added]);
        }}
      >
        <div class="field">
          <label for="add">{t("compare.add")}</label>
          <select
            id="add"
            ref={select}
            value={added}
            aria-describedby={full ? "add-full" : undefined}
            onChange={(event) => setAdded(event.currentTarget.value)}
          >
            <option value="">{t("compare.add.none")}</option>
            {others.map(({ kode, provinsi }) => <option key={kode} value={kode}>{provinsi}</option>)}
          </select>
        </div>
        <button type="submit" class="button button-plain" disabled={full || added === ""}>
          {t("compare.add.button")}
        </button>
      </form>
      {full && <p class="note" id="add-full">{t("compare.full", { count: MOST })}</p>}
    </section>
  );
}
