import * as z from "zod";

/** As `parseTelepon` reads it, without the other ways to write a number. */
const E164 = /^\+(?:62[1-9][0-9]{6,11}|[1-57-9][0-9]{7,14}|6[013-9][0-9]{6,13})$/;
const kode = z.string().meta({ description: "Kode provinsi", example: "32" });
const officer = z.object({
  id: z.uuid().meta({ description: "Nomor petugas; tetap bila nomor teleponnya diganti" }),
  telepon: z.string().meta({
    description: "Nomor telepon, disamarkan kecuali tiga angka terakhir",
    example: "+**********901",
  }),
}).meta({ id: "Petugas" });

export const OfficerAnswer = officer;
export type OfficerAnswer = z.infer<typeof OfficerAnswer>;

export const OfficerList = z.array(z.object({
  kode,
  provinsi: z.string(),
  petugas: z.array(officer).meta({ description: "Kosong bila SMS provinsi ini pergi ke petugas bawaan" }),
})).meta({ id: "DaftarPetugas", description: "38 provinsi menurut kode" });
export type OfficerList = z.infer<typeof OfficerList>;

export const OfficerInput = z.strictObject({
  telepon: z.string().regex(E164, "Tulis nomor dengan kode negara, tanpa spasi, seperti +6281234567890").meta(
    {
      description: "Nomor telepon menurut E.164",
      example: "+6281234567890",
    },
  ),
}).meta({ id: "NomorPetugas" });
