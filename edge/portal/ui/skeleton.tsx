import { t } from "../texts/texts.ts";

/** Stands where the content will be, as high as it will be, so that nothing jumps. */
export function Skeleton({ rows }: { rows: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">{t("loading")}</span>
      {Array.from({ length: rows }, (_, row) => <span class="skeleton-row" key={row} />)}
    </div>
  );
}
