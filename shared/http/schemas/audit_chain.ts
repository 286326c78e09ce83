import * as z from "zod";

export const ChainInput = z.strictObject({
  fromStart: z.boolean().default(false).meta({
    description: "Mulai lagi dari baris pertama, alih-alih meneruskan dari yang terakhir",
  }),
}).meta({ id: "PeriksaRantai" });

export const ChainState = z.object({
  latest: z.object({
    at: z.iso.datetime(),
    actor: z.string().meta({ description: "Nomor pengguna yang memeriksa" }),
    beganAt: z.iso.datetime().meta({
      description: "Saat pemeriksaan ini dimulai; ia dapat terdiri atas beberapa bagian",
    }),
    complete: z.boolean().meta({ description: "Sampai ke baris terakhir; bila tidak, minta sekali lagi" }),
    lines: z.int().meta({ description: "Baris yang sudah diperiksa, sejak yang pertama" }),
    until: z.iso.datetime().nullable().meta({
      description:
        "Waktu baris terakhir yang tidak perlu dibaca lagi; dua menit terakhir dibaca lagi lain kali",
    }),
    findings: z.array(z.object({
      what: z.string(),
      place: z.string(),
      writer: z.string().optional(),
      seq: z.int().optional(),
    })).meta({ description: "Yang ditemukan, paling banyak 100; kosong bila utuh" }),
  }).nullable(),
}).meta({ id: "KeadaanRantai", description: "Hasil pemeriksaan terakhir; null bila belum pernah" });
export type ChainState = z.infer<typeof ChainState>;
