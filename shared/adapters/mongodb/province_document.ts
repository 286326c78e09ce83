import type { ClientUpdateOneModel, Document } from "mongodb";
import type { JenisKelamin } from "../../penduduk/nik.ts";
import type { KodeProvinsi } from "../../penduduk/provinsi.ts";
import { type CountableEvent, kohort } from "../../ports/statistics_store.ts";

/** The counts of a province and, for each stream of events, how far they reach. */
export interface ProvinceDocument {
  /** The province's code, and the shard key. */
  readonly _id: string;
  readonly jumlah: number;
  readonly jenisKelamin: Readonly<Record<JenisKelamin, number>>;
  readonly kohort: Readonly<Record<string, number>>;
  /** By stream. */
  readonly tanda: Readonly<Record<string, Tanda>>;
  readonly asOf?: Date;
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
  return { _id: kode, jumlah: 0, jenisKelamin: { "laki-laki": 0, perempuan: 0 }, kohort: {}, tanda: {} };
}

/**
 * Counts the events and moves the mark from where the count began; does nothing when the mark is no longer there, or
 * the server's clock has passed `before`.
 */
export function countUpdate(
  { stream, kode, mark, events }: Count,
  before: Date,
): Omit<ClientUpdateOneModel<Document>, "namespace"> {
  const counts: Record<string, number> = {};
  for (const { change, jenisKelamin, tahunLahir } of events) {
    for (const field of ["jumlah", `jenisKelamin.${jenisKelamin}`, `kohort.${kohort(tahunLahir)}`]) {
      counts[field] = (counts[field] ?? 0) + change;
    }
  }
  return {
    name: "updateOne",
    filter: {
      _id: kode,
      [`tanda.${stream}.offset`]: mark === NONE ? { $exists: false } : mark,
      // By the server, so that an update that was long under way does nothing. As a number, because SecantusDB
      // 0.7.0b3 takes no date for later than $$NOW.
      $expr: { $lt: [{ $toLong: "$$NOW" }, before.getTime()] },
    },
    update: {
      $inc: counts,
      $set: { [`tanda.${stream}.offset`]: lastOffset(events) },
      $currentDate: { asOf: true, [`tanda.${stream}.at`]: true },
    },
  };
}

export function lastOffset(events: readonly CountableEvent[]): number {
  return events.at(-1)?.offset ?? NONE;
}

export interface Count {
  readonly stream: string;
  readonly kode: KodeProvinsi;
  /** Where the stream's mark stands. */
  readonly mark: number;
  /** Those beyond it, by rising offset. */
  readonly events: readonly CountableEvent[];
}
