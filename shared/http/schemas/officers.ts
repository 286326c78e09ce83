import * as z from "zod";
import { parseTelepon } from "../../ports/sms.ts";

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
  telepon: z.string().max(40, "Terlalu panjang").refine((text) => parseTelepon(text) !== undefined, {
    message: "Tulis nomor seperti 0812-3456-7890 atau +62 812 3456 7890",
  }).meta({ description: "Nomor telepon", example: "0812-3456-7890" }),
}).meta({ id: "NomorPetugas" });
