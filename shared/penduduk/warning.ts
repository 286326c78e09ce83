import type { NikFacts } from "./nik.ts";
import type { KodeProvinsi } from "./provinsi.ts";
import { lookUpWilayah } from "./wilayah.ts";

/** What an officer should look at, although the registration was taken. */
export interface Warning {
  readonly code: WarningCode;
  readonly detail: string;
}

export const WARNING_CODES = ["WILAYAH_LAMA", "WILAYAH_TIDAK_DIKENAL", "PROVINSI_BERBEDA"] as const;
export type WarningCode = typeof WARNING_CODES[number];

/** Details name no region: with a masked NIK beside them they would undo the mask. */
const DETAILS = {
  WILAYAH_LAMA: "Kode kabupaten/kota pada NIK sudah tidak dipakai; NIK tetap sah",
  WILAYAH_TIDAK_DIKENAL: "Kode kabupaten/kota pada NIK tidak dikenal; periksa dokumen asli",
  PROVINSI_BERBEDA: "Provinsi pada NIK berbeda dengan provinsi pendaftaran",
} as const satisfies Record<WarningCode, string>;

export function nikWarnings(nik: NikFacts, registeredIn: KodeProvinsi): readonly Warning[] {
  const wilayah = lookUpWilayah(nik.kodeWilayah.slice(0, 4));
  // Someone of Merauke (9101, today 9301) has not moved, whichever of the two provinces is named.
  const home = wilayah.kind === "retired" ? [nik.kodeProvinsi, wilayah.provinsiKini] : [nik.kodeProvinsi];
  const warnings: Warning[] = [];
  if (wilayah.kind === "retired") warnings.push(warning("WILAYAH_LAMA"));
  if (wilayah.kind === "unknown") warnings.push(warning("WILAYAH_TIDAK_DIKENAL"));
  if (!home.includes(registeredIn)) warnings.push(warning("PROVINSI_BERBEDA"));
  return warnings;
}

export function warning(code: WarningCode): Warning {
  return { code, detail: DETAILS[code] };
}
