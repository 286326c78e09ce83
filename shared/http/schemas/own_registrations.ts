import * as z from "zod";
import { Penduduk } from "../../penduduk/penduduk.ts";

const instant = z.iso.datetime({ offset: true, error: "Harus berupa saat menurut RFC 3339" });
const LIMIT = 100;

export const OwnQuery = z.strictObject({
  since: instant.meta({ description: "Sejak saat ini; tanpa isian: awal hari ini di Jakarta" }).optional(),
  until: instant.meta({ description: "Sebelum saat ini" }).optional(),
  before: z.uuid("Harus nomor pendaftaran").meta({ description: "`next` dari halaman sebelumnya" })
    .optional(),
  limit: z.string().regex(/^(?:[1-9][0-9]?|100)$/, `Harus 1 sampai ${LIMIT}`).transform(Number).default(50)
    .meta({ description: `Jumlah pendaftaran paling banyak, 1 sampai ${LIMIT}`, example: "50" }),
});

export const OwnPage = z.object({
  jumlah: z.int().nonnegative().meta({ description: "Semua pendaftaran dalam kurun waktu itu", example: 1 }),
  entries: z.array(
    Penduduk.pick({ id: true, nama: true, provinsi: true, kode: true, createdAt: true }).extend({
      nik: z.string().meta({ description: "NIK, disamarkan", example: "317***********99" }),
    }),
  ),
  next: z.uuid().nullable().meta({ description: "Untuk halaman berikutnya; null bila tidak ada lagi" }),
}).meta({ id: "PendaftaranSaya", description: "Pendaftaran oleh pengguna sendiri, yang terbaru dahulu" });
export type OwnPage = z.infer<typeof OwnPage>;
export type OwnEntry = OwnPage["entries"][number];
