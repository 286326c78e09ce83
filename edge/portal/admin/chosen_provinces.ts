import type { Row } from "./rows.ts";

/** Fewer are no comparison, more do not stand side by side. */
export const FEWEST = 2;
export const MOST = 5;

/** The provinces that an address names (`32,31`), each once; those with most registrations where it names none. */
export function chosenProvinces(rows: readonly Row[], named: string | undefined): readonly Row[] {
  if (named === undefined) {
    return rows.toSorted((a, b) => b.jumlah - a.jumlah || b.penduduk - a.penduduk).slice(0, PRESET);
  }
  const codes = [...new Set(named.split(","))];
  return codes.flatMap((code) => rows.filter(({ kode }) => kode === code)).slice(0, MOST);
}

/** The address of a comparison, which can be kept and sent. */
export function comparisonOf(codes: readonly string[]): string {
  return `#/perbandingan/${codes.join(",")}`;
}

const PRESET = 3;
