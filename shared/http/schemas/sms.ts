import * as z from "zod";
import { SMS_STATES } from "../../ports/sms.ts";

/** The largest number of messages that one answer shows. */
export const SMS_LIMIT = 1_000;

export const SmsQuery = z.object({
  limit: z.string().regex(/^(?:[1-9][0-9]{0,2}|1000)$/).transform(Number).default(50).meta(
    {
      description: `Jumlah SMS paling banyak, 1 sampai ${SMS_LIMIT}`,
      example: "50",
    },
  ),
});

export const SmsEntry = z.object({
  id: z.string().meta({
    description: "Nama pesan: nomor peristiwa dan nomor petugas",
    example: "0190a6f2-7c1e-7b4a-9d2e-3f5a6b7c8d9e:default",
  }),
  eventId: z.uuid().meta({
    description: "Nomor peristiwa pendaftaran",
    example: "0190a6f2-7c1e-7b4a-9d2e-3f5a6b7c8d9e",
  }),
  to: z.string().meta({
    description: "Nomor penerima, disamarkan kecuali tiga angka terakhir",
    example: "+**********901",
  }),
  body: z.string().meta({
    description: "Isi pesan",
    example: "Pendaftaran Baru: Warga Sintetis (317***********99) dari Daerah Khusus Ibukota Jakarta",
  }),
  state: z.enum(SMS_STATES).meta({
    description:
      "claimed: sedang dikirim; sent: terkirim; refused: ditolak penyedia; parked: menunggu keputusan petugas",
    example: "sent",
  }),
  createdAt: z.iso.datetime().meta({
    description: "Waktu pesan dibuat",
    example: "2026-11-22T12:00:00.000Z",
  }),
}).meta({ id: "Sms", description: "Satu SMS kepada petugas" });
export type SmsEntry = z.infer<typeof SmsEntry>;

export const SmsList = z.array(SmsEntry).meta({ id: "DaftarSms", description: "SMS, yang terbaru dahulu" });
