import type { WarningCode } from "../../../shared/penduduk/warning.ts";
import type { ErrorCode } from "../../../shared/http/problem.ts";
import { language } from "./texts.ts";

/** A sentence of the shared rules or of the edge in the chosen language; as it came where there is no translation. */
export function sentence(indonesian: string): string {
  if (language.value === "id") return indonesian;
  const known = DETAILS[indonesian];
  if (known !== undefined) return known;
  const suggestion = /^Provinsi tidak dikenal; mungkin maksud Anda "(.*)"$/.exec(indonesian)?.[1];
  if (suggestion !== undefined) return `Province not known; did you mean "${suggestion}"?`;
  const longest = /^Paling banyak (\d+) karakter$/.exec(indonesian)?.[1];
  return longest === undefined ? indonesian : `At most ${longest} characters`;
}

export function problemTitle(code: ErrorCode, indonesian: string): string {
  return language.value === "id" ? indonesian : TITLES[code] ?? indonesian;
}

export function warningText(code: WarningCode, indonesian: string): string {
  return language.value === "id" ? indonesian : WARNINGS[code];
}

export const DETAILS: Readonly<Record<string, string>> = {
  "Wajib diisi": "Required",
  "NIK harus tepat 16 angka 0-9": "A NIK has exactly 16 digits 0-9",
  "Dua angka pertama NIK bukan kode provinsi yang pernah diterbitkan":
    "The first two digits of the NIK are no province code that was ever issued",
  "Angka ke-7 sampai ke-12 NIK bukan tanggal lahir yang mungkin":
    "Digits 7 to 12 of the NIK are no possible date of birth",
  "Nomor urut NIK (empat angka terakhir) tidak pernah 0000":
    "The serial of a NIK (its last four digits) is never 0000",
  "Tidak boleh memuat karakter kendali atau karakter yang tidak terlihat":
    "Must not hold control or invisible characters",
  "Tidak boleh hanya berisi tanda baca": "Must not be punctuation only",
  "Hanya boleh memuat huruf Latin, spasi, apostrof, tanda hubung, titik dan koma":
    "May hold only Latin letters, spaces, apostrophes, hyphens, full stops and commas",
  "Hanya boleh memuat huruf, angka, spasi dan tanda baca":
    "May hold only letters, digits, spaces and punctuation",
  "Provinsi tidak dikenal": "Province not known",
  "Nomor ini sudah ada di provinsi ini": "This province has this number already",
};

const WARNINGS: Readonly<Record<WarningCode, string>> = {
  WILAYAH_LAMA: "The regency code of the NIK is no longer in use; the NIK stays valid",
  WILAYAH_TIDAK_DIKENAL: "The regency code of the NIK is not known; check the original document",
  PROVINSI_BERBEDA: "The province in the NIK differs from the province of registration",
};

const TITLES: Readonly<Record<ErrorCode, string>> = {
  INVALID_INPUT: "Data not valid",
  MALFORMED_JSON: "JSON not valid",
  UNAUTHENTICATED: "Sign-in needed",
  NOT_FROM_EDGE: "Not through the service's gate",
  WRONG_CREDENTIALS: "Wrong user name or password",
  FORBIDDEN: "Access denied",
  NOT_FOUND: "Not found",
  METHOD_NOT_ALLOWED: "Method not supported",
  BODY_TOO_SLOW: "Request body too slow",
  NIK_REGISTERED: "NIK already registered",
  IDEMPOTENCY_IN_FLIGHT: "The same request is still being processed",
  REGISTRATION_CANCELLED: "This registration was cancelled",
  NUMBER_TAKEN: "Number already there",
  BODY_TOO_LARGE: "Request body too large",
  UNSUPPORTED_MEDIA_TYPE: "Content type not supported",
  IDEMPOTENCY_KEY_REUSED: "Idempotency-Key used for other data",
  RATE_LIMITED: "Too many requests",
  INTERNAL: "An error on our side",
  UPSTREAM_FAILED: "The service behind did not answer properly",
  STORE_UNAVAILABLE: "Saving failed",
  STORE_UNREADABLE: "Reading failed",
  AUDIT_UNAVAILABLE: "The audit trail cannot be written",
  IDENTITY_UNAVAILABLE: "The identity service is not available",
  UPSTREAM_UNAVAILABLE: "The service behind is not available",
  OVERLOADED: "The service is full",
  UPSTREAM_TIMEOUT: "The service behind is too slow",
};
