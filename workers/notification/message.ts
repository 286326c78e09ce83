import type { Personal } from "../../shared/events/sealed.ts";
import { maskNik } from "../../shared/penduduk/nik.ts";
import { type KodeProvinsi, provinsi } from "../../shared/penduduk/provinsi.ts";

export type NikMode = "masked" | "full";

/**
 * The text for the officer: always one segment (160 septets) of the GSM 7-bit basic set (3GPP TS 23.038), because one
 * character outside of it turns the message into UCS-2, with 70 characters a segment.
 */
export function smsText({ nik, nama }: Personal, kode: KodeProvinsi, mode: NikMode): string {
  const end = ` (${mode === "full" ? nik : maskNik(nik)}) dari ${provinsi(kode).nama}`;
  return START + shorten(toGsm(nama), SEGMENT - START.length - end.length) + end;
}

const START = "Pendaftaran Baru: ";

/** Septets. No text here has characters of the extension table, which take two, so a character is a septet. */
const SEGMENT = 160;

function shorten(name: string, room: number): string {
  return name.length <= room ? name : `${name.slice(0, room - 3).trimEnd()}...`;
}

/** Marks that the basic set lacks are dropped, other letters replaced; what nothing replaces becomes "?". */
function toGsm(text: string): string {
  return Array.from(text, (char) => BASIC.has(char) ? char : replace(char)).join("");
}

function replace(char: string): string {
  const plain = char.normalize("NFKD").replace(/\p{M}/gu, "");
  return Array.from(plain, (part) => BASIC.has(part) ? part : REPLACEMENTS.get(part) ?? "?").join("");
}

const BASIC: ReadonlySet<string> = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);

/** The apostrophes and the letters of names that no decomposition reaches. */
const REPLACEMENTS: ReadonlyMap<string, string> = new Map([
  ...["’", "‘", "ʼ", "ʻ"].map((apostrophe) => [apostrophe, "'"] as const),
  ["Đ", "D"],
  ["đ", "d"],
  ["Ð", "D"],
  ["ð", "d"],
  ["Ħ", "H"],
  ["ħ", "h"],
  ["ı", "i"],
  ["Ł", "L"],
  ["ł", "l"],
  ["Œ", "OE"],
  ["œ", "oe"],
  ["Þ", "Th"],
  ["þ", "th"],
  ["ẞ", "SS"],
]);
