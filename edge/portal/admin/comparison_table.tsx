import { number, t } from "../texts/texts.ts";
import { cohorts, per100k, type Row } from "./rows.ts";
import { TILES } from "./tiles.ts";

/** Each measure a row, each province a column, and a bar for each number by which the row compares. */
export function ComparisonTable({ rows }: { rows: readonly Row[] }) {
  return (
    <section class="card" aria-labelledby="compared">
      <h2 id="compared">{t("compare.table")}</h2>
      <table class="table compare" style={{ "--provinces": rows.length }}>
        <thead>
          <tr>
            <th scope="col">{t("compare.measure")}</th>
            {rows.map(({ kode, provinsi }) => (
              <th key={kode} scope="col" class="number">
                <span class="compare-name">{provinsi}</span>
                <abbr class="compare-short" aria-hidden="true">{TILES[kode]?.short}</abbr>
              </th>
            ))}
          </tr>
        </thead>
        {groups(rows).map(({ title, measures }) => (
          <tbody key={title}>
            {title !== "" && (
              <tr class="compare-group">
                <th scope="rowgroup" colSpan={rows.length + 1}>{title}</th>
              </tr>
            )}
            {measures.map((measure) => <MeasureRow key={measure.name} measure={measure} rows={rows} />)}
          </tbody>
        ))}
      </table>
    </section>
  );
}

function MeasureRow({ measure, rows }: { measure: Measure; rows: readonly Row[] }) {
  const { name, value, shown = number } = measure;
  const values = rows.map((row) => value(row));
  const most = Math.max(...values, Number.MIN_VALUE);
  return (
    <tr>
      <th scope="row">{name}</th>
      {rows.map((row, column) => {
        const own = values[column] ?? 0;
        return (
          <td key={row.kode} class="number">
            {shown(own)}
            {measure.part && (
              <span class="compare-part">
                {row.jumlah === 0
                  ? "–"
                  : number(own / row.jumlah, { style: "percent", maximumFractionDigits: 0 })}
              </span>
            )}
            <span class="track" aria-hidden="true">
              <span class="bar" style={{ inlineSize: `${own / most * 100}%` }} />
            </span>
          </td>
        );
      })}
    </tr>
  );
}

interface Measure {
  readonly name: string;
  readonly value: (row: Row) => number;
  readonly shown?: (value: number) => string;
  /** Of the registrations of its province. */
  readonly part?: boolean;
}

function groups(rows: readonly Row[]): readonly { title: string; measures: readonly Measure[] }[] {
  const counts: readonly Measure[] = [
    { name: t("stats.total"), value: ({ jumlah }) => jumlah },
    {
      name: t("stats.per100k"),
      value: per100k,
      shown: (value) => number(value, { maximumSignificantDigits: 2 }),
    },
  ];
  const sexes = (["perempuan", "laki-laki"] as const).map((sex): Measure => ({
    name: t(`sex.${sex}`),
    value: ({ jenisKelamin }) => jenisKelamin[sex],
    part: true,
  }));
  const decades = cohorts(rows).map(([decade]): Measure => ({
    name: t("stats.cohort.decade", { from: decade, to: String(Number(decade) + 9) }),
    value: ({ kohort }) => kohort[decade] ?? 0,
    part: true,
  }));
  return [
    { title: "", measures: counts },
    { title: t("stats.sex"), measures: sexes },
    ...(decades.length > 0 ? [{ title: t("stats.cohort"), measures: decades }] : []),
  ];
}
