import * as z from "zod";
import type { FieldError } from "../http/problem.ts";
import { type JenisKelamin, type Nik, NIK_PATTERN, parseNik } from "./nik.ts";
import { type KodeProvinsi, type ParsedProvinsi, parseProvinsi } from "./provinsi.ts";
import { ALAMAT_LONGEST, type Invalid, NAMA_LONGEST, parseAlamat, parseNama } from "./text.ts";
import { nikWarnings, type Warning, WARNING_CODES } from "./warning.ts";

/** A resident as registered: what is stored, and what the event needs. */
export interface DataPenduduk {
  readonly nik: Nik;
  readonly nama: string;
  readonly alamat: string;
  /** The province registered in, not that of the NIK. */
  readonly kode: KodeProvinsi;
  readonly jenisKelamin: JenisKelamin;
  readonly tahunLahir: number;
}

export type ParsedPenduduk =
  | { readonly kind: "penduduk"; readonly penduduk: DataPenduduk; readonly warnings: readonly Warning[] }
  /** Every wrong field at once, each named once. */
  | { readonly kind: "invalid"; readonly errors: readonly FieldError[] };

export function parsePenduduk(value: unknown, today: Date): ParsedPenduduk {
  const legible = Legible.safeParse(value);
  if (!legible.success) {
    return { kind: "invalid", errors: [{ field: "body", detail: "Harus berupa objek JSON" }] };
  }
  const errors = PendudukInput.safeParse(value).error?.issues.flatMap(fieldErrors) ?? [];
  const nik = parseNik(legible.data.nik, today);
  const nama = parseNama(legible.data.nama);
  const alamat = parseAlamat(legible.data.alamat);
  const provinsi = readProvinsi(legible.data.provinsi);
  for (const [field, parsed] of Object.entries({ nik, nama, alamat, provinsi })) {
    const named = errors.some((error) => error.field === field);
    if (parsed.kind === "invalid" && !named) errors.push({ field, detail: parsed.detail });
  }
  const right = nik.kind === "nik" && nama.kind === "text" && alamat.kind === "text" &&
    provinsi.kind === "provinsi";
  if (!right || errors.length > 0) return { kind: "invalid", errors };
  const { kode } = provinsi;
  const { jenisKelamin, tahunLahir } = nik;
  return {
    kind: "penduduk",
    penduduk: { nik: nik.nik, nama: nama.text, alamat: alamat.text, kode, jenisKelamin, tahunLahir },
    warnings: nikWarnings(nik, kode),
  };
}

const text = () =>
  z.string({ error: ({ input }) => input === undefined ? "Wajib diisi" : "Harus berupa teks" });

/** The shape of a registration; `parsePenduduk` adds what each text must be. */
export const PendudukInput = z.strictObject({
  nik: text().meta({
    description: "Nomor Induk Kependudukan: tepat 16 angka. Contoh ini sintetis",
    format: "nik",
    pattern: NIK_PATTERN,
    example: "3171014108909999",
  }),
  nama: text().meta({
    description: `Nama dalam huruf Latin, paling banyak ${NAMA_LONGEST} karakter`,
    format: "nama",
    example: "Warga Sintetis",
  }),
  alamat: text().meta({
    description: `Alamat, paling banyak ${ALAMAT_LONGEST} karakter`,
    format: "alamat",
    example: "Jl. Contoh No. 1, RT 001/RW 002",
  }),
  provinsi: text().meta({
    description: "Provinsi pendaftaran: nama resmi, nama umum atau kode dua angka",
    format: "provinsi",
    example: "DKI Jakarta",
  }),
}).meta({ id: "PendudukInput", description: "Data pendaftaran satu penduduk" });

/** A resident as answered. */
export const Penduduk = z.object({
  id: z.uuid().meta({ description: "Nomor pendaftaran", example: "0190a6f2-7c1e-7b4a-9d2e-3f5a6b7c8d9e" }),
  nik: z.string().meta({
    description: "NIK; disamarkan bila peran Anda tidak boleh melihatnya. Contoh ini sintetis",
    example: "3171014108909999",
  }),
  nama: z.string().meta({ description: "Nama", example: "Warga Sintetis" }),
  alamat: z.string().meta({ description: "Alamat", example: "Jl. Contoh No. 1, RT 001/RW 002" }),
  provinsi: z.string().meta({ description: "Nama resmi provinsi", example: "Daerah Khusus Ibukota Jakarta" }),
  kode: z.string().meta({ description: "Kode provinsi, dua angka", example: "31" }),
  createdAt: z.iso.datetime().meta({ description: "Waktu pendaftaran", example: "2026-11-22T12:00:00.000Z" }),
  warnings: z.array(z.object({
    code: z.enum(WARNING_CODES).meta({
      description: "Kode tetap untuk program",
      example: "PROVINSI_BERBEDA",
    }),
    detail: z.string().meta({
      description: "Penjelasan",
      example: "Provinsi pada NIK berbeda dengan provinsi pendaftaran",
    }),
  })).meta({ description: "Hal yang perlu diperiksa petugas; pendaftaran tetap diterima" }),
}).meta({ id: "Penduduk", description: "Penduduk terdaftar" });
export type Penduduk = z.infer<typeof Penduduk>;

/** Reads what is text even when the rest is not, so that every wrong field is found in one go. */
const Legible = z.object({
  nik: z.string().catch(""),
  nama: z.string().catch(""),
  alamat: z.string().catch(""),
  provinsi: z.string().catch(""),
});

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code !== "unrecognized_keys") return [{ field: issue.path.join("."), detail: issue.message }];
  // The name is the client's text: cut, so that an answer is never much longer than the question.
  return issue.keys.map((key) => ({ field: key.slice(0, 64), detail: "Tidak dikenal; hapus field ini" }));
}

function readProvinsi(text: string): Extract<ParsedProvinsi, { kind: "provinsi" }> | Invalid {
  const parsed = parseProvinsi(text);
  if (parsed.kind === "provinsi") return parsed;
  if (text.trim() === "") return { kind: "invalid", detail: "Wajib diisi" };
  const hint = parsed.suggestion ? `; mungkin maksud Anda "${parsed.suggestion}"` : "";
  return { kind: "invalid", detail: `Provinsi tidak dikenal${hint}` };
}
