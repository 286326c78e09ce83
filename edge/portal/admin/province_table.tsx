import { useState } from "preact/hooks";
import { number, t, type TextKey } from "../texts/texts.ts";
import { downloadCsv } from "../ui/download.ts";
import { csvRows, type Order, per100k, type Row, sorted } from "./rows.ts";

export function ProvinceTable({ rows }: { rows: readonly Row[] }) {
  const [order, setOrder] = useState<Order>({ by: "jumlah", down: true });
  const most = Math.max(1, ...rows.map(({ jumlah }) => jumlah));
  const press = (by: Order["by"]) =>
    setOrder(by === order.by ? { by, down: !order.down } : { by, down: by !== "provinsi" });
  return (
    <section class="card" aria-labelledby="table">
      <div class="card-head">
        <h2 id="table">{t("stats.table")}</h2>
        <button
          type="button"
          class="button button-plain button-small"
          onClick={() => downloadCsv(fileName(), csvRows(rows))}
        >
          {t("stats.export")}
        </button>
      </div>
      <table class="table">
        <caption class="visually-hidden">{t("stats.table.caption")}</caption>
        <thead>
          <tr>
            {COLUMNS.map(({ by, label, wide }) => (
              <th
                key={by}
                scope="col"
                class={[by === "provinsi" ? "" : "number", wide ? "wide-only" : ""].join(" ")}
                aria-sort={by !== order.by ? "none" : order.down ? "descending" : "ascending"}
              >
                <button type="button" onClick={() => press(by)}>
                  {t(label)}
                  <span class="arrow" aria-hidden="true">
                    {by !== order.by ? "" : order.down ? "↓" : "↑"}
                  </span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(rows, order).map((row) => (
            <tr key={row.kode}>
              <th scope="row">{row.provinsi}</th>
              <td class="number bar-cell">
                <span class="bar" style={{ inlineSize: `${row.jumlah / most * 100}%` }} />
                <span class="bar-value">{number(row.jumlah)}</span>
              </td>
              <td class="number">{number(per100k(row), { maximumSignificantDigits: 3 })}</td>
              <td class="number wide-only">{number(row.jenisKelamin["laki-laki"])}</td>
              <td class="number wide-only">{number(row.jenisKelamin.perempuan)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const COLUMNS: readonly Column[] = [
  { by: "provinsi", label: "stats.province" },
  { by: "jumlah", label: "stats.count" },
  { by: "per100k", label: "stats.per100k" },
  { by: "laki-laki", label: "stats.male", wide: true },
  { by: "perempuan", label: "stats.female", wide: true },
];

interface Column {
  readonly by: Order["by"];
  readonly label: TextKey;
  /** Left out on narrow screens; the export has it. */
  readonly wide?: boolean;
}

function fileName(): string {
  return `statistik-penduduk-${new Date().toISOString().slice(0, 16).replace(":", "")}.csv`;
}
