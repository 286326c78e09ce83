import type { OwnEntry } from "../../../shared/http/schemas/own_registrations.ts";
import { number, t, timeOfDay } from "../texts/texts.ts";
import { FailureNotice } from "../ui/failure_notice.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import type { Today } from "./today.ts";

/** The person's own registrations of today; each leads to its receipt. */
export function TodayList({ today, onShow }: { today: Today; onShow: (taken: OwnEntry) => void }) {
  const { entries, jumlah, next, failure, known } = today.state.value;
  return (
    <section class="card" aria-labelledby="today">
      <div class="card-head">
        <h2 id="today">{t("today.title")}</h2>
        {known && <span class="count digits">{number(jumlah)}</span>}
      </div>
      {!known && failure === undefined && <Skeleton rows={3} />}
      {known && entries.length === 0 && <p class="muted">{t("today.empty")}</p>}
      {entries.length > 0 && (
        <ul class="list">
          {entries.map((taken) => (
            <li key={taken.id}>
              <button type="button" class="list-row list-button" onClick={() => onShow(taken)}>
                <span class="visually-hidden">{t("today.show")}</span>
                <span class="list-name">{taken.nama}</span>
                <span class="muted digits">{timeOfDay(taken.createdAt)}</span>
                <span class="list-detail muted digits">{taken.nik} · {taken.provinsi}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {!known && failure !== undefined && <p class="muted">{t("today.unknown")}</p>}
      {/* Banners say that there is no network, and that the session ended. */}
      {(failure?.kind === "problem" || failure?.kind === "unreadable") && (
        <FailureNotice
          failure={failure}
          again={() => void today.refresh()}
        />
      )}
      {next !== null && (
        <button type="button" class="button button-plain" onClick={() => void today.more()}>
          {t("today.more")}
        </button>
      )}
      <p class="note">{t("today.note")}</p>
    </section>
  );
}
