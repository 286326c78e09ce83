import { parseKodeProvinsi, provinsi } from "../../../shared/penduduk/provinsi.ts";
import wilayah from "../../../shared/penduduk/wilayah.json" with { type: "json" };

/**
 * Synthetic residents without end, none twice. Regencies come up as often as people live there, half are women, ages
 * thin out towards 90, and every name and address is invented. The same random numbers give the same residents.
 *
 * Nobody has these NIKs: their serials are 9000–9999. A serial counts the people of one sex born on one day in one
 * district, a few dozen in the largest, so that no real one comes near. Two runs of 10,000 with different seeds share a
 * NIK about once in 10,000 pairs of runs; the second is refused and reported as a conflict.
 */
export function* residents(random: () => number): Generator<Resident, never> {
  const seen = new Set<string>();
  while (true) {
    const resident = draw(random);
    if (seen.has(resident.body.nik)) continue;
    seen.add(resident.body.nik);
    yield resident;
  }
}

function draw(random: () => number): Resident {
  const from = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const digits = (value: number, length: number) => String(value).padStart(length, "0");
  const name = () => capitalised(Array.from({ length: from(2, 3) }, () => SYLLABLES[from(0, LAST)]).join(""));

  const { kode, nama, provinsi } = pickRegency(random());
  const born = new Date(YOUNGEST - AGE_SPAN_DAYS * (1 - Math.sqrt(1 - random())) * DAY_MS);
  const day = born.getUTCDate() + (random() < 0.5 ? 40 : 0);
  const nik = kode + digits(from(1, 99), 2) + digits(day, 2) + digits(born.getUTCMonth() + 1, 2) +
    digits(born.getUTCFullYear() % 100, 2) + digits(from(9000, 9999), 4);
  const rtRw = `RT ${digits(from(1, 20), 3)}/RW ${digits(from(1, 15), 3)}`;
  return {
    kode: provinsi.kode,
    body: {
      nik,
      nama: Array.from({ length: from(1, 3) }, name).join(" "),
      alamat: `Jalan ${name()} ${from(1, 200)}, ${rtRw}, ${nama}`,
      provinsi: provinsi.nama,
    },
  };
}

/** Fixed and not "today", so that one seed means the same residents on every day. */
const YOUNGEST = Date.UTC(2025, 11, 31);
const DAY_MS = 86_400_000;
const AGE_SPAN_DAYS = 90 * 365;

const SYLLABLES =
  "ba da di du ga gi ja ka ki la li lo ma mi mu na ni no ra ri ro sa si su ta ti tu wa wi ya yo".split(" ");
const LAST = SYLLABLES.length - 1;

const TOTAL = wilayah.kabupatenKota.reduce((sum, { penduduk }) => sum + penduduk, 0);
let below = 0;
const REGENCIES = wilayah.kabupatenKota.map(({ kode, nama, penduduk }): Regency => {
  const kodeProvinsi = parseKodeProvinsi(kode.slice(0, 2));
  if (!kodeProvinsi) throw new Error(`Find no province for the regency "${kode}"`);
  below += penduduk;
  return { kode, nama, provinsi: provinsi(kodeProvinsi), upTo: below / TOTAL };
});

function pickRegency(share: number): Regency {
  const found = REGENCIES.find(({ upTo }) => share < upTo);
  if (!found) throw new RangeError(`Pick a regency by the share "${share}" is not possible`);
  return found;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

export interface Resident {
  /** The province by its code, for counting. */
  readonly kode: string;
  /** As POST /penduduk takes it. */
  readonly body: {
    readonly nik: string;
    readonly nama: string;
    readonly alamat: string;
    readonly provinsi: string;
  };
}

interface Regency {
  readonly kode: string;
  readonly nama: string;
  readonly provinsi: { readonly kode: string; readonly nama: string };
  /** The share of all residents who live in this regency or one before it. */
  readonly upTo: number;
}
