import wilayah from "./wilayah.json" with { type: "json" };

/** The name of the regency or city of four digits, also of those whose code was retired; undefined when unknown. */
export function namaWilayah(kode: string): string | undefined {
  return byCode.get(kode);
}

const byCode: ReadonlyMap<string, string> = new Map(
  [...wilayah.kabupatenKotaLama, ...wilayah.kabupatenKota].map(({ kode, nama }) => [kode, nama]),
);
