import { parseNik } from "../../../shared/penduduk/nik.ts";
import { parseProvinsi } from "../../../shared/penduduk/provinsi.ts";
import { parseAlamat, parseNama } from "../../../shared/penduduk/text.ts";
import type { RegistrationInput } from "./queue.ts";

export const FIELDS = ["nik", "nama", "alamat", "provinsi"] as const;
export type Field = typeof FIELDS[number];
/** What is wrong, in Indonesian, as the service would say it. */
export type FieldErrors = Readonly<Partial<Record<Field, string>>>;

export const EMPTY: RegistrationInput = { nik: "", nama: "", alamat: "", provinsi: "" };

/** Every wrong field by the rules that the service itself holds. */
export function check(input: RegistrationInput, today: Date): FieldErrors {
  const errors: Partial<Record<Field, string>> = {};
  for (const field of FIELDS) {
    const detail = input[field].trim() === "" ? "Wajib diisi" : checkField(field, input[field], today);
    if (detail !== undefined) errors[field] = detail;
  }
  return errors;
}

export function checkField(field: Field, text: string, today: Date): string | undefined {
  if (field === "provinsi") {
    const parsed = parseProvinsi(text);
    if (parsed.kind === "provinsi") return undefined;
    const hint = parsed.suggestion ? `; mungkin maksud Anda "${parsed.suggestion}"` : "";
    return `Provinsi tidak dikenal${hint}`;
  }
  const parsed = {
    nik: () => parseNik(text, today),
    nama: () => parseNama(text),
    alamat: () => parseAlamat(text),
  }
    [field]();
  return parsed.kind === "invalid" ? parsed.detail : undefined;
}

/** As people paste it: with spaces, dots or hyphens between its groups. */
export function withoutSeparators(nik: string): string {
  return nik.replace(/[\s.\-]/g, "");
}

/** Whether the beginning of a NIK can still become one, so that a slip is told before all is typed. */
export function checkNikSoFar(text: string, today: Date): string | undefined {
  if (text === "") return undefined;
  if (/[^0-9]/.test(text) || text.length > LENGTH) return parseDetail(text, today);
  // The shortest completion that is right in all that was not typed yet.
  const completed = COMPLETIONS.map((completion) => text + completion.slice(text.length));
  const wrong = completed.map((nik) => parseDetail(nik, today));
  return wrong.every((detail) => detail !== undefined) ? wrong[0] : undefined;
}

const LENGTH = 16;
/** By one of these every possible beginning can be completed: 2 only to 21, a leap day to one of two years a decade. */
const COMPLETIONS = ["31", "32"].flatMap((region) =>
  ["01", "10", "20", "30", "41", "50", "60", "70"].flatMap((day) =>
    ["01", "10"].flatMap((month) => ["00", "02"].map((year) => `${region}0101${day}${month}${year}0001`))
  )
);

function parseDetail(nik: string, today: Date): string | undefined {
  const parsed = parseNik(nik, today);
  return parsed.kind === "invalid" ? parsed.detail : undefined;
}
