import * as z from "zod";
import { type KodeProvinsi, parseKodeProvinsi, PROVINSI } from "../../penduduk/provinsi.ts";
import { PER } from "../../ports/trend.ts";

/** Stands where the code of a province stands. */
export const COUNTRY = "00";

export const TrendQuery = z.strictObject({
  per: z.enum(PER, "Harus hour atau day").default("hour").meta({
    description: "hour: 48 jam terakhir; day: 90 hari terakhir, menurut waktu Jakarta",
  }),
  provinsi: z.string().refine(isKode, "Kode provinsi ini tidak ada").meta({
    enum: [COUNTRY, ...PROVINSI.map(({ kode }) => kode)],
    description: "Kode provinsi dua angka, atau 00 untuk seluruh Indonesia",
    example: "32",
  }).default(COUNTRY),
});
export type TrendQuery = z.infer<typeof TrendQuery>;

export const Trend = z.object({
  provinsi: z.string().meta({ description: "Nama resmi provinsi, atau Indonesia", example: "Jawa Barat" }),
  kode: z.string().regex(/^\d{2}$/).meta({ description: "Kode provinsi; 00 untuk Indonesia", example: "32" }),
  per: z.enum(PER),
  trend: z.array(z.object({
    mulai: z.iso.datetime({ offset: true }).meta({
      description: "Awal jam atau hari",
      example: "2026-08-17T10:00:00+07:00",
    }),
    jumlah: z.int().nonnegative().meta({
      description: "Terdaftar pada jam atau hari itu dan tidak dibatalkan",
      example: 12,
    }),
  })).meta({ description: "Menurut waktu, yang terakhir masih berjalan" }),
}).meta({ id: "Trend", description: "Pendaftaran per jam atau per hari" });
export type Trend = z.infer<typeof Trend>;

function isKode(text: string): text is KodeProvinsi | typeof COUNTRY {
  return text === COUNTRY || parseKodeProvinsi(text) !== undefined;
}
