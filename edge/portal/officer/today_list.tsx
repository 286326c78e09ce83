import type { Penduduk } from "../../../shared/penduduk/penduduk.ts";
import { t, timeOfDay } from "../texts/texts.ts";

/** The person's own registrations: the service has no list of them, so this browser keeps one. */
export function TodayList(
  { today, onShow }: { today: readonly Penduduk[]; onShow: (taken: Penduduk) => void },
) {
  return (
    <section class="card" aria-labelledby="today">
      <div class="card-head">
        <h2 id="today">{t("today.title")}</h2>
        <span class="count digits">{today.length}</span>
      </div>
      {today.length === 0 ? <p class="muted">{t("today.empty")}</p> : (
        <ul class="list">
          {today.map((taken) => (
            <li key={taken.id}>
              <button type="button" class="list-row list-button" onClick={() => onShow(taken)}>
                <span class="visually-hidden">{t("today.show")}</span>
                <span class="list-name">{taken.nama}</span>
                <span class="muted">{taken.provinsi}</span>
                <span class="muted digits">{timeOfDay(taken.createdAt)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <p class="note">{t("today.note")}</p>
    </section>
  );
}
