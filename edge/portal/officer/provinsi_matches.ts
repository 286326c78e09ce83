import { parseProvinsi, PROVINSI, type Provinsi } from "../../../shared/penduduk/provinsi.ts";

/** The provinces that a typed text may mean, the likeliest first: all of them for an empty one. */
export function provinsiMatches(text: string): readonly Provinsi[] {
  const typed = text.trim().toLowerCase();
  if (typed === "") return PROVINSI;
  const parsed = parseProvinsi(text);
  const meant = PROVINSI.filter(({ kode, nama }) =>
    parsed.kind === "provinsi" ? kode === parsed.kode : nama === parsed.suggestion
  );
  const begins = PROVINSI.filter(({ nama }) => nama.toLowerCase().startsWith(typed));
  const word = PROVINSI.filter(({ nama }) => ` ${nama.toLowerCase()}`.includes(` ${typed}`));
  const code = PROVINSI.filter(({ kode }) => kode.startsWith(typed));
  const known = parsed.kind === "provinsi" ? meant : [];
  const sure = [...known, ...begins, ...word, ...code];
  return [...new Set(sure.length > 0 ? sure : meant)];
}
