import fc from "fast-check";
import { isNik, type JenisKelamin, type Nik } from "./nik.ts";
import { PROVINSI } from "./provinsi.ts";

/** A NIK that nobody has: no subdistrict sees 9,900 births in one day. */
export interface SyntheticNik {
  readonly text: string;
  /** yyyy-mm-dd */
  readonly tanggalLahir: string;
  readonly jenisKelamin: JenisKelamin;
  readonly kodeWilayah: string;
}

/** Births of the 99 years before `today`: older ones read as people born in this century. */
export function syntheticNik(today: Date): fc.Arbitrary<SyntheticNik> {
  return fc.record({
    provinsi: fc.constantFrom(...PROVINSI),
    rest: digits(4),
    days: fc.nat({ max: 99 * 365 }),
    jenisKelamin: fc.constantFrom<JenisKelamin>("laki-laki", "perempuan"),
    serial: fc.integer({ min: 9900, max: 9999 }),
  }).map(({ provinsi, rest, days, jenisKelamin, serial }) => {
    const tanggalLahir = new Date(today.getTime() - days * 86_400_000).toISOString().slice(0, 10);
    const [year = "", month = "", day = ""] = tanggalLahir.split("-");
    const shown = String(Number(day) + (jenisKelamin === "perempuan" ? 40 : 0)).padStart(2, "0");
    const kodeWilayah = provinsi.kode + rest;
    const text = `${kodeWilayah}${shown}${month}${year.slice(2)}${serial}`;
    return { text, tanggalLahir, jenisKelamin, kodeWilayah };
  });
}

export function toNik(text: string): Nik {
  if (!isNik(text)) throw new Error("Expect 16 digits");
  return text;
}

/** Names that `parseNama` accepts, with the letters and marks that hurt. */
export function acceptableNama(): fc.Arbitrary<string> {
  const letter = fc.constantFrom(...LATIN);
  const other = fc.constantFrom(..."'’‘ʼʻ.,- \u0301\u0323\u00a0");
  const characters = fc.array(fc.oneof({ weight: 4, arbitrary: letter }, other), { maxLength: 98 });
  return fc.tuple(letter, characters).map(([first, rest]) => first + rest.join(""));
}

/** Any code units: lone surrogates, controls and unassigned characters included. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  return fc.array(fc.nat({ max: 0xffff }), { maxLength }).map((units) => String.fromCharCode(...units));
}

/** Every letter of the blocks from Basic Latin to Latin Extended Additional, and of the presentation forms. */
const LATIN = [[0x41, 0x24f], [0x1e00, 0x1eff], [0x2c60, 0x2c7f], [0xa720, 0xa7ff], [0xfb00, 0xfb06], [
  0xff21,
  0xff5a,
]]
  .flatMap(([from = 0, to = 0]) =>
    Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i))
  )
  .filter((char) => /^[\p{LC}&&\p{Script=Latin}]$/v.test(char));

function digits(length: number): fc.Arbitrary<string> {
  return fc.nat({ max: 10 ** length - 1 }).map((number) => String(number).padStart(length, "0"));
}
