import { distance } from "fastest-levenshtein";
import wilayah from "./wilayah.json" with { type: "json" };

/** The two digits of one of the 38 provinces (Kepmendagri 300.2.2-2430/2025). */
export type KodeProvinsi = string & { readonly __brand: "KodeProvinsi" };

export interface Provinsi {
  readonly kode: KodeProvinsi;
  /** The official name. */
  readonly nama: string;
  /** Residents (Kepmendagri 300.2.2-2138/2025). */
  readonly penduduk: number;
}

const codes: ReadonlySet<string> = new Set(wilayah.provinsi.map(({ kode }) => kode));

/** By rising code. */
export const PROVINSI: readonly Provinsi[] = wilayah.provinsi.map(({ kode, nama, penduduk }) => {
  if (!isKodeProvinsi(kode)) throw new Error(`Find no province with the code "${kode}"`);
  return { kode, nama, penduduk };
});

const byCode: ReadonlyMap<KodeProvinsi, Provinsi> = new Map(PROVINSI.map((entry) => [entry.kode, entry]));

export function provinsi(kode: KodeProvinsi): Provinsi {
  const found = byCode.get(kode);
  if (!found) throw new Error(`Find no province with the code "${kode}"`);
  return found;
}

export function parseKodeProvinsi(text: string): KodeProvinsi | undefined {
  return isKodeProvinsi(text) ? text : undefined;
}

export type ParsedProvinsi =
  | { readonly kind: "provinsi"; readonly kode: KodeProvinsi }
  /** `suggestion` is the official name of the nearest province, when one is near. */
  | { readonly kind: "unknown"; readonly suggestion: string | undefined };

/** Reads an official name, a common name or a code, in any case, spacing and punctuation. */
export function parseProvinsi(text: string): ParsedProvinsi {
  if (text.length > LONGEST) return { kind: "unknown", suggestion: undefined };
  const key = toKey(text);
  const kode = byName.get(key);
  return kode ? { kind: "provinsi", kode } : { kind: "unknown", suggestion: nearest(key) };
}

/** Longer than any name with prefix and spacing; keeps the comparison of hostile text cheap. */
const LONGEST = 100;

const COMMON_NAMES: Readonly<Record<string, readonly string[]>> = {
  "11": ["NAD", "Nanggroe Aceh Darussalam", "DI Aceh", "Daerah Istimewa Aceh"],
  "12": ["Sumut"],
  "13": ["Sumbar"],
  "16": ["Sumsel"],
  "19": ["Babel", "Bangka Belitung", "Kep Babel", "Kep Bangka Belitung"],
  "21": ["Kepri", "Kep Riau"],
  "31": ["Jakarta", "DKI", "DKI Jakarta", "DKJ", "DK Jakarta", "Daerah Khusus Jakarta", "Jakarta Raya"],
  "32": ["Jabar"],
  "33": ["Jateng"],
  "34": ["Yogyakarta", "DIY", "DI Yogyakarta", "Jogjakarta", "DI Jogjakarta", "Yogya", "Jogja"],
  "35": ["Jatim"],
  "52": ["NTB"],
  "53": ["NTT"],
  "61": ["Kalbar"],
  "62": ["Kalteng"],
  "63": ["Kalsel"],
  "64": ["Kaltim"],
  "65": ["Kaltara"],
  "71": ["Sulut"],
  "72": ["Sulteng"],
  "73": ["Sulsel"],
  "74": ["Sultra"],
  "76": ["Sulbar"],
  "82": ["Malut"],
  "92": ["Pabar", "Irian Jaya Barat"],
  "93": ["Papsel"],
  "94": ["Papteng"],
  "95": ["Papeg"],
  "96": ["PBD"],
};

const byName: ReadonlyMap<string, KodeProvinsi> = new Map(
  PROVINSI.flatMap(({ kode, nama }) =>
    [kode, nama, ...(COMMON_NAMES[kode] ?? [])].map((name) => [toKey(name), kode] as const)
  ),
);

/** "Prov. D.K.I. Jakarta" and "dki jakarta" have one key; Sumatra is as usual a spelling as Sumatera. */
function toKey(name: string): string {
  return name.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "")
    .replace(/^pro[vp](insi)?/, "").replace("sumatra", "sumatera");
}

/** One slip in four letters is a misspelling; more is another word. */
function nearest(key: string): string | undefined {
  let best: { readonly kode: KodeProvinsi; readonly slips: number } | undefined;
  for (const [name, kode] of byName) {
    const slips = distance(key, name);
    const allowed = Math.floor(Math.max(key.length, name.length) / 4);
    if (slips <= allowed && slips < (best?.slips ?? Infinity)) best = { kode, slips };
  }
  return best && provinsi(best.kode).nama;
}

function isKodeProvinsi(text: string): text is KodeProvinsi {
  return codes.has(text);
}
