import * as z from "zod";
import { AUDIT_ACTIONS, type AuditAction } from "../../ports/audit.ts";

const time = z.iso.datetime({ offset: true });
const id = z.uuid().meta({ example: "01a20563-7537-707d-a5dd-c5aa72db60a0" });
const action = z.string().refine((text): text is AuditAction => Object.hasOwn(AUDIT_ACTIONS, text), {
  message: "Tindakan ini tidak dikenal",
}).meta({ description: "Tindakan", enum: Object.keys(AUDIT_ACTIONS), example: "penduduk.baca" });

/** The largest number of lines that one answer shows. */
export const AUDIT_LIMIT = 500;

export const AuditSearchInput = z.strictObject({
  nik: z.string().max(64, "Harus 16 angka").meta({
    description: "Hanya jejak data orang ini; NIK tidak disimpan dan tidak ditampilkan",
    example: "3273015708909999",
  }).optional(),
  actor: z.string().min(1, "Wajib diisi").max(200, "Terlalu panjang").meta({ description: "Nomor pengguna" })
    .optional(),
  action: action.optional(),
  since: time.meta({ description: "Sejak saat ini" }).optional(),
  until: time.meta({ description: "Sebelum saat ini" }).optional(),
  before: id.meta({ description: "`next` dari halaman sebelumnya" }).optional(),
  limit: z.int().min(1, "Harus 1 sampai 500").max(AUDIT_LIMIT, "Harus 1 sampai 500").default(50),
}).meta({ id: "PencarianAudit" });

export const AuditPage = z.object({
  entries: z.array(z.object({
    id,
    time: z.iso.datetime(),
    service: z.string(),
    action: z.string(),
    outcome: z.enum(["success", "failure", "unknown"]),
    reason: z.string().optional(),
    actor: z.object({
      kind: z.enum(["user", "service", "operator", "anonymous"]),
      id: z.string().optional(),
      roles: z.array(z.string()).optional(),
    }),
    clientAddress: z.string().optional(),
    record: z.string().optional(),
    traceId: z.string().optional(),
    count: z.int().optional(),
  })),
  next: id.nullable().meta({ description: "Untuk halaman berikutnya; null bila tidak ada lagi" }),
}).meta({ id: "HalamanAudit", description: "Jejak audit, yang terbaru dahulu" });
export type AuditPage = z.infer<typeof AuditPage>;
