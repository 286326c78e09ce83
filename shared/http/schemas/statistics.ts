import * as z from "zod";

/** The answers of the statistics, for their types and for OpenAPI. */

const jumlah = z.int().nonnegative().meta({ description: "Jumlah penduduk terdaftar", example: 1250 });
const kode = z.string().regex(/^\d{2}$/).meta({
  description: "Kode provinsi; 00 untuk Indonesia",
  example: "32",
});
const asOf = z.iso.datetime().nullable().meta({
  description: "Saat jumlah terakhir berubah; null bila belum ada pendaftaran",
  example: "2026-08-17T03:00:00.000Z",
});

export const ProvinceStatistics = z.object({
  provinsi: z.string().meta({ description: "Nama resmi provinsi", example: "Jawa Barat" }),
  kode,
  jumlah,
  jenisKelamin: z.object({ "laki-laki": z.int().nonnegative(), perempuan: z.int().nonnegative() }).meta({
    description: "Jumlah menurut jenis kelamin",
    example: { "laki-laki": 620, perempuan: 630 },
  }),
  kohort: z.record(z.string().regex(/^\d{3}0$/), z.int().positive()).meta({
    description: "Jumlah menurut dasawarsa kelahiran: tahun pertamanya → jumlah",
    example: { "1980": 500, "1990": 750 },
  }),
  asOf,
}).meta({ id: "ProvinceStatistics", description: "Statistik satu provinsi, atau seluruh Indonesia" });
export type ProvinceStatistics = z.infer<typeof ProvinceStatistics>;

export const StatisticsList = z.array(ProvinceStatistics).meta({
  id: "StatisticsList",
  description: "Ke-38 provinsi menurut kode, termasuk yang masih nol",
});
export type StatisticsList = z.infer<typeof StatisticsList>;

export const KodeParameter = kode.meta({
  description: "Kode provinsi dua angka, atau 00 untuk seluruh Indonesia",
});

/** The data of one `event: stats` of the stream. */
export const StatisticsEvent = z.object({
  asOf,
  jumlah,
  provinsi: z.array(z.object({ kode, jumlah })).meta({ description: "Ke-38 provinsi menurut kode" }),
}).meta({ id: "StatisticsEvent", description: "Keadaan statistik pada satu saat" });
export type StatisticsEvent = z.infer<typeof StatisticsEvent>;
