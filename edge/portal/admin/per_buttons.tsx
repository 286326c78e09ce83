import { PER, type Per } from "../../../shared/ports/trend.ts";
import { t } from "../texts/texts.ts";

/** By what a trend is shown. */
export function PerButtons({ per, onChange }: { per: Per; onChange: (per: Per) => void }) {
  return (
    <div class="segments" role="group" aria-label={t("trend.per")}>
      {PER.map((choice) => (
        <button
          key={choice}
          type="button"
          aria-pressed={per === choice}
          onClick={() => onChange(choice)}
        >
          {t(`trend.${choice}`)}
        </button>
      ))}
    </div>
  );
}
