import * as z from "zod";

/** What a part can tell of the way of a registration, as numbers. */
export const FIGURES = z.object({
  outboxRows: z.number().meta({ description: "Pendaftaran yang belum diteruskan" }),
  outboxOldestSeconds: z.number().meta({ description: "Umur yang tertua di antaranya, dalam detik" }),
  outboxParked: z.number().meta({ description: "Peristiwa yang ditolak dan menunggu operator" }),
  statisticsLag: z.number().meta({ description: "Peristiwa yang belum dihitung" }),
  notificationLag: z.number().meta({ description: "Peristiwa yang SMS-nya belum dikirim" }),
  deadLetters: z.number().meta({ description: "Surat gagal yang terbuka" }),
}).partial();
export type FigureName = keyof z.infer<typeof FIGURES>;

const dependencyState = z.enum(["ok", "degraded", "unavailable"]);

/** What a part says of itself to the edge. */
export const PartState = z.object({
  dependencies: z.record(z.string().max(40), dependencyState),
  figures: FIGURES,
});
export type PartState = z.infer<typeof PartState>;

export const SystemState = z.object({
  asOf: z.iso.datetime(),
  parts: z.array(z.object({
    name: z.enum(["edge", "auth", "registration", "statistics", "notification"]),
    state: z.enum(["ok", "degraded", "unavailable", "away"]).meta({
      description:
        "degraded: melayani, tetapi tidak sebaik biasanya; unavailable: yang diperlukannya tidak menjawab; away: tidak menjawab",
    }),
    breaker: z.enum(["closed", "half-open", "open"]).optional().meta({
      description: "open: gerbang sedang tidak meneruskan permintaan kepadanya",
    }),
    dependencies: z.array(z.object({ name: z.string(), state: dependencyState })),
  })),
  figures: FIGURES.meta({ description: "Yang tidak dapat diketahui sekarang tidak ada" }),
}).meta({ id: "KeadaanSistem", description: "Keadaan tiap bagian, paling lama lima detik yang lalu" });
export type SystemState = z.infer<typeof SystemState>;
