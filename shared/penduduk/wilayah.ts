import { type KodeProvinsi, parseKodeProvinsi } from "./provinsi.ts";
import wilayah from "./wilayah.json" with { type: "json" };

export type Wilayah =
  | { readonly kind: "current" }
  /** Renumbered when its province was split: the code lives on in NIKs only. */
  | { readonly kind: "retired"; readonly provinsiKini: KodeProvinsi }
  | { readonly kind: "unknown" };

/** Looks up the four digits of a regency or city (Kepmendagri 300.2.2-2430/2025). */
export function lookUpWilayah(kode: string): Wilayah {
  return byCode.get(kode) ?? { kind: "unknown" };
}

const codeByName = new Map(wilayah.kabupatenKota.map(({ kode, nama }) => [nama, kode]));

/** The decrees give a regency a new code and keep its name: by the name it is found again. */
const retired = wilayah.kabupatenKotaLama.map(({ kode, nama }): [string, Wilayah] => {
  const provinsiKini = parseKodeProvinsi(codeByName.get(nama)?.slice(0, 2) ?? "");
  if (!provinsiKini) throw new Error(`Find no province for the retired regency "${kode}"`);
  return [kode, { kind: "retired", provinsiKini }];
});

const byCode: ReadonlyMap<string, Wilayah> = new Map([
  ...retired,
  ...wilayah.kabupatenKota.map(({ kode }): [string, Wilayah] => [kode, { kind: "current" }]),
]);
