import type { ProvinceStatistics, StatisticsList } from "../../../shared/http/schemas/statistics.ts";
import { PROVINSI } from "../../../shared/penduduk/provinsi.ts";

/** A province as counted, with its residents. */
export interface Row extends ProvinceStatistics {
  readonly penduduk: number;
}

export function toRows(provinces: StatisticsList): readonly Row[] {
  return provinces.map((row) => ({ ...row, penduduk: residents.get(row.kode) ?? 0 }));
}

export function per100k({ jumlah, penduduk }: Pick<Row, "jumlah" | "penduduk">): number {
  return penduduk === 0 ? 0 : jumlah / penduduk * 100_000;
}

export const SORTS = {
  provinsi: (row: Row) => row.provinsi,
  jumlah: (row: Row) => row.jumlah,
  per100k: (row: Row) => per100k(row),
  "laki-laki": (row: Row) => row.jenisKelamin["laki-laki"],
  perempuan: (row: Row) => row.jenisKelamin.perempuan,
} as const;

export interface Order {
  readonly by: keyof typeof SORTS;
  readonly down: boolean;
}

/** Alike ones by name. */
export function sorted(rows: readonly Row[], { by, down }: Order): readonly Row[] {
  const key = SORTS[by];
  const compare = (a: Row, b: Row) => {
    const [x, y] = [key(a), key(b)];
    return typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
  };
  return rows.toSorted((a, b) => (down ? -1 : 1) * compare(a, b) || a.provinsi.localeCompare(b.provinsi));
}

/** All decades that occur, rising, with their sums. */
export function cohorts(rows: readonly Row[]): readonly (readonly [decade: string, count: number])[] {
  const sums = new Map<string, number>();
  for (const [decade, count] of rows.flatMap(({ kohort }) => Object.entries(kohort))) {
    sums.set(decade, (sums.get(decade) ?? 0) + count);
  }
  return [...sums].sort(([a], [b]) => a.localeCompare(b));
}

/** As a table for spreadsheets: numbers as they are, columns in the order of the page. */
export function csvRows(rows: readonly Row[]): readonly (readonly (string | number)[])[] {
  const decades = cohorts(rows).map(([decade]) => decade);
  const head = ["kode", "provinsi", "jumlah", "penduduk", "per_100000", "laki_laki", "perempuan"];
  return [
    [...head, ...decades.map((decade) => `lahir_${decade}an`)],
    ...rows.map((row) => [
      ...[row.kode, row.provinsi, row.jumlah, row.penduduk, Number(per100k(row).toFixed(3))],
      ...[row.jenisKelamin["laki-laki"], row.jenisKelamin.perempuan],
      ...decades.map((decade) => row.kohort[decade] ?? 0),
    ]),
  ];
}

const residents: ReadonlyMap<string, number> = new Map(
  PROVINSI.map(({ kode, penduduk }) => [kode, penduduk]),
);
