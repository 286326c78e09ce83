import { type KodeProvinsi, parseKodeProvinsi, PROVINSI } from "./provinsi.ts";
import type { Invalid } from "./text.ts";

/**
 * Nomor Induk Kependudukan (PP 37/2007 article 37): six digits of the region of first registration, six of the date
 * of birth (women: day + 40), four of a serial from 0001. A person keeps it for ever, also when the region is split.
 *
 * SIAK alone issues it, since 2004 (Keppres 88/2004), and no province code was retired since: the 38 of today are all.
 * 54 (Timor Timur) ended in 1999 (TAP MPR V/1999), and the numbers of SIMDUK before SIAK, such as 10 for Jawa Barat,
 * were replaced by new ones: both are refused.
 */
export type Nik = string & { readonly __brand: "Nik" };

export type JenisKelamin = "laki-laki" | "perempuan";

export type ParsedNik = ({ readonly kind: "nik"; readonly nik: Nik } & NikFacts) | Invalid;

/** What the digits themselves say. */
export interface NikFacts {
  /** The six digits of the region of first registration. */
  readonly kodeWilayah: string;
  /** The province of first registration, by the code of its day. */
  readonly kodeProvinsi: KodeProvinsi;
  /** yyyy-mm-dd */
  readonly tanggalLahir: string;
  readonly tahunLahir: number;
  readonly jenisKelamin: JenisKelamin;
}

export function parseNik(text: string, today: Date): ParsedNik {
  if (!isNik(text)) return invalid("NIK harus tepat 16 angka 0-9");
  const kodeWilayah = text.slice(0, 6);
  const kodeProvinsi = parseKodeProvinsi(text.slice(0, 2));
  if (!kodeProvinsi) return invalid("Dua angka pertama NIK bukan kode provinsi yang pernah diterbitkan");
  const day = Number(text.slice(6, 8));
  const perempuan = day > 40;
  const tanggalLahir = birthDate(text.slice(10, 12), text.slice(8, 10), perempuan ? day - 40 : day, today);
  if (!tanggalLahir) return invalid("Angka ke-7 sampai ke-12 NIK bukan tanggal lahir yang mungkin");
  if (text.endsWith("0000")) return invalid("Nomor urut NIK (empat angka terakhir) tidak pernah 0000");
  return {
    kind: "nik",
    nik: text,
    kodeWilayah,
    kodeProvinsi,
    tanggalLahir,
    tahunLahir: Number(tanggalLahir.slice(0, 4)),
    jenisKelamin: perempuan ? "perempuan" : "laki-laki",
  };
}

/** What `parseNik` accepts, for clients that check before they send (JSON Schema's `pattern`). */
export const NIK_PATTERN = nikPattern();

/** The form alone: for a number that was parsed before it was stored or sent. */
export function isNik(text: string): text is Nik {
  return /^[0-9]{16}$/.test(text);
}

/** Leaves what tells two people of one list apart; hides the birth date and most of region and serial. */
export function maskNik(nik: Nik): string {
  return `${nik.slice(0, 3)}***********${nik.slice(-2)}`;
}

/** Two digits of a year mean the newest century whose date is not after today; undefined when no century has it. */
function birthDate(year: string, month: string, day: number, today: Date): string | undefined {
  const latest = easternmostDate(today);
  const century = Number(latest.slice(0, 2));
  for (const hundreds of [century, century - 1]) {
    const date = `${hundreds}${year}-${month}-${String(day).padStart(2, "0")}`;
    if (date <= latest && isCalendarDate(date)) return date;
  }
  return undefined;
}

/** A child born this morning in Jayapura (UTC+9) is registered while it is still yesterday in UTC. */
function easternmostDate(now: Date): string {
  return new Date(now.getTime() + 9 * 3_600_000).toISOString().slice(0, 10);
}

/** `Date` carries an impossible day over into the next month instead of refusing it. */
function isCalendarDate(date: string): boolean {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  const counted = new Date(Date.UTC(year, month - 1, day));
  return counted.getUTCMonth() === month - 1 && counted.getUTCDate() === day;
}

// The days of women begin at 41. A 29 February of either century is a leap day when its year is divisible by four:
// 2000 was a leap year.
function nikPattern(): string {
  const births = [
    "(?:[04][1-9]|[1256][0-9]|[37][01])(?:0[13578]|1[02])[0-9]{2}",
    "(?:[04][1-9]|[1256][0-9]|[37]0)(?:0[469]|11)[0-9]{2}",
    "(?:[04][1-9]|[15][0-9]|[26][0-8])02[0-9]{2}",
    "(?:29|69)02(?:[02468][048]|[13579][26])",
  ];
  const serial = "(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})";
  const kode = PROVINSI.map((provinsi) => provinsi.kode).join("|");
  return `^(?:${kode})[0-9]{4}(?:${births.join("|")})${serial}$`;
}

function invalid(detail: string): Invalid {
  return { kind: "invalid", detail };
}
