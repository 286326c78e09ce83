import type { ClientUpdateOneModel, Document } from "mongodb";
import type { JenisKelamin } from "../../penduduk/nik.ts";
import type { KodeProvinsi } from "../../penduduk/provinsi.ts";
import { type CountableEvent, kohort } from "../../ports/statistics_store.ts";
import { bucketOf, PER, type Per } from "../../ports/trend.ts";

/**
 * The counts of a province and, for each stream of events, how far they reach. While the counts are rebuilt, those of the
 * next generation stand beside the others (`berikut`).
 */
export interface ProvinceDocument extends Counts {
  /** The province's code, and the shard key. */
  readonly _id: string;
  /** By stream. */
  readonly tanda: Readonly<Record<string, Tanda>>;
  readonly asOf?: Date;
  readonly berikut?: NextCounts;
}

export interface Counts {
  readonly jumlah: number;
  readonly jenisKelamin: Readonly<Record<JenisKelamin, number>>;
  readonly kohort: Readonly<Record<string, number>>;
  /** By the number of the hour and of the day of registration; undefined in documents from before there were any. */
  readonly jam?: Readonly<Record<string, number>>;
  readonly hari?: Readonly<Record<string, number>>;
  /** Undefined before the first rebuild: then the counts are of generation 0, and no event is in them but by itself. */
  readonly generasi?: number;
  /** The cut: events up to it count no more. */
  readonly potong?: number;
}

export interface NextCounts extends Counts {
  readonly generasi: number;
  readonly potong: number;
  /** Whether the registry's numbers are in. */
  readonly lengkap: boolean;
}

/** Which generations a province has; a count must know. */
export interface Standing {
  readonly generasi: number | undefined;
  readonly potong: number;
  readonly berikut: Pick<NextCounts, "generasi" | "potong"> | undefined;
}

export interface Tanda {
  /** The stream's own events are counted up to here. */
  readonly offset: number;
  /** When it last moved. */
  readonly at: Date;
}

/** Less than every offset: of a stream that has no mark. */
export const NONE = -1;

export function emptyProvince(kode: KodeProvinsi): ProvinceDocument {
  return { _id: kode, ...emptyCounts(), tanda: {} };
}

export function emptyCounts(): Counts {
  return { jumlah: 0, jenisKelamin: { "laki-laki": 0, perempuan: 0 }, kohort: {}, jam: {}, hari: {} };
}

/** Where the counts of a trend stand. */
export const TREND_FIELD = { hour: "jam", day: "hari" } as const satisfies Record<Per, keyof Counts>;

/**
 * Counts the events, in each generation those beyond its cut, and moves the mark of each stream from where the count
 * began; does nothing when a mark is no longer there, the generations are others, or the server's clock has passed
 * `before`.
 */
export function countUpdate(
  { kode, standing, parts }: Count,
  before: Date,
): Omit<ClientUpdateOneModel<Document>, "namespace"> {
  const { generasi, potong, berikut } = standing;
  const events = parts.flatMap(({ events }) => events);
  const counts = changes(events, potong);
  const next = berikut ? changes(events, berikut.potong, "berikut.") : {};
  const moves = Object.keys(counts).length > 0;
  const ofEach = <Value>(field: keyof Tanda, value: (part: Part) => Value) =>
    Object.fromEntries(parts.map((part) => [`tanda.${part.stream}.${field}`, value(part)]));
  return {
    name: "updateOne",
    filter: {
      _id: kode,
      ...ofEach("offset", ({ mark }) => mark === NONE ? { $exists: false } : mark),
      generasi: generasi ?? { $exists: false },
      "berikut.generasi": berikut?.generasi ?? { $exists: false },
      // By the server, so that an update that was long under way does nothing. As a number, because SecantusDB
      // 0.7.0b3 takes no date for later than $$NOW.
      $expr: { $lt: [{ $toLong: "$$NOW" }, before.getTime()] },
    },
    update: {
      ...((moves || berikut) && { $inc: { ...counts, ...next } }),
      $set: ofEach("offset", ({ events }) => lastOffset(events)),
      $currentDate: { ...(moves && { asOf: true }), ...ofEach("at", () => true) },
    },
  };
}

/** What the events beyond the cut change, by field. */
function changes(events: readonly CountableEvent[], potong: number, prefix = ""): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { change, jenisKelamin, tahunLahir, registeredAt, seq } of events) {
    if (seq !== undefined && seq <= potong) continue;
    const trend = PER.map((per) => `${TREND_FIELD[per]}.${bucketOf(per, registeredAt)}`);
    for (
      const field of ["jumlah", `jenisKelamin.${jenisKelamin}`, `kohort.${kohort(tahunLahir)}`, ...trend]
    ) {
      counts[prefix + field] = (counts[prefix + field] ?? 0) + change;
    }
  }
  return counts;
}

export function lastOffset(events: readonly CountableEvent[]): number {
  return events.at(-1)?.offset ?? NONE;
}

export interface Count {
  readonly kode: KodeProvinsi;
  readonly standing: Standing;
  readonly parts: readonly Part[];
}

/** What a stream has to count. */
export interface Part {
  readonly stream: string;
  readonly mark: number;
  /** Those beyond the mark, by rising offset. */
  readonly events: readonly CountableEvent[];
}
