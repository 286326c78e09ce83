import * as z from "zod";
import { type LetterId, parseLetterId } from "../../dead_letters/letter_id.ts";
import { GROUPS } from "../../ports/event_log.ts";

/** The largest number of letters that one answer shows. */
export const LETTERS_LIMIT = 200;
/** The largest number of letters that one request replays. */
export const REPLAY_LIMIT = 1_000;

const letterId = z.string().refine((text): text is LetterId => parseLetterId(text) !== undefined, {
  message: "Nomor surat berbentuk seperti 3-17",
}).meta({ description: "Nomor surat", pattern: "^[0-9]{1,9}-[0-9]{1,15}$", example: "3-17" });
const group = z.enum(GROUPS).meta({ description: "Bagian yang gagal", example: "notification-group" });

export const LettersQuery = z.object({
  limit: z.string().regex(/^(?:[1-9][0-9]?|1[0-9]{2}|200)$/).transform(Number).default(50).meta({
    description: `Jumlah surat paling banyak, 1 sampai ${LETTERS_LIMIT}`,
    example: "50",
  }),
  before: z.string().regex(/^[0-9]{1,16}_[0-9]{1,9}-[0-9]{1,15}$/).optional().meta({
    description: "`next` dari halaman sebelumnya",
    example: "1795406400000_3-17",
  }),
});

export const LettersPage = z.object({
  open: z.int().meta({ description: "Jumlah semua surat yang terbuka" }),
  causes: z.array(z.object({ group, code: z.string(), count: z.int() })).meta({
    description: "Semua surat yang terbuka menurut bagian dan kode, yang terbanyak dahulu",
  }),
  letters: z.array(z.object({
    id: letterId,
    group,
    code: z.string().meta({ example: "SMS_REFUSED_21211" }),
    message: z.string().meta({ description: "Sebabnya; tidak memuat data penduduk" }),
    attempts: z.int(),
    firstFailedAt: z.iso.datetime(),
    traceId: z.string().optional(),
  })),
  next: z.string().nullable().meta({ description: "Untuk halaman berikutnya; null bila tidak ada lagi" }),
}).meta({ id: "SuratGagal", description: "Surat gagal yang terbuka, yang terbaru dahulu" });
export type LettersPage = z.infer<typeof LettersPage>;

const code = z.string().min(1, "Wajib diisi").max(100, "Terlalu panjang");

/** Never all by saying nothing: whoever replays names what. */
export const ReplayInput = z.union([
  z.strictObject({ ids: z.array(letterId).min(1).max(100) }),
  z.strictObject({ code, group: group.optional() }),
  z.strictObject({ group }),
], { error: "Sebutkan 1 sampai 100 nomor surat, atau kode dan bagiannya" }).meta({ id: "KirimUlang" });
export type ReplayInput = z.infer<typeof ReplayInput>;

export const ReplayAnswer = z.object({
  replayed: z.int().meta({ description: "Jumlah surat yang dikirim ulang" }),
  left: z.int().meta({
    description: `Yang cocok dan masih terbuka: satu permintaan mengirim ulang paling banyak ${REPLAY_LIMIT}`,
  }),
}).meta({ id: "HasilKirimUlang" });
export type ReplayAnswer = z.infer<typeof ReplayAnswer>;
