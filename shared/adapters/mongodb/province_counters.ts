import { LRUCache } from "lru-cache";
import type { Collection, Filter, UpdateFilter } from "mongodb";
import type { JenisKelamin } from "../../penduduk/nik.ts";
import { type KodeProvinsi, PROVINSI } from "../../penduduk/provinsi.ts";
import { type CountableEvent, kohort } from "../../ports/statistics_store.ts";
import { insertNew } from "./insert_new.ts";

/**
 * One document for each province. It holds the counts and, for each stream of events, a mark (`tanda`): the offset up
 * to which the stream's own events are counted. Count and mark move in one update, on condition that the mark is
 * still where the count began, so that nothing counts twice and nothing is left out.
 */
export class ProvinceCounters {
  readonly #collection: Collection<ProvinceDocument>;
  /** A stream nearly always has one writer, which need not ask again for what it wrote itself. */
  readonly #marks = new LRUCache<string, number>({ max: 10_000 });

  constructor(collection: Collection<ProvinceDocument>) {
    this.#collection = collection;
  }

  /** Makes the documents, so that no count has to: of two upserts of one document, one may be refused. */
  async prepare(): Promise<void> {
    await insertNew(this.#collection, PROVINSI.map(({ kode }) => emptyProvince(kode)));
  }

  /** Reads the marks that are not known yet, all at once. */
  async load(stream: string, provinces: readonly KodeProvinsi[]): Promise<void> {
    const unknown = provinces.filter((kode) => !this.#marks.has(`${stream} ${kode}`));
    if (unknown.length === 0) return;
    const markOf = await this.#read(unknown, [stream]);
    for (const kode of unknown) this.#marks.set(`${stream} ${kode}`, markOf(kode, stream));
  }

  /**
   * Counts those of the stream's events, given by rising offset, that are beyond the mark, and answers how many.
   * Rejects when the server's clock has passed `before`.
   */
  async count(
    stream: string,
    kode: KodeProvinsi,
    events: readonly CountableEvent[],
    before: Date,
  ): Promise<number> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const mark = this.#marks.get(`${stream} ${kode}`) ?? NONE;
      const fresh = events.filter(({ offset }) => offset > mark);
      const last = fresh.at(-1);
      if (last === undefined) return 0;
      const { matchedCount } = await this.#collection.updateOne(
        unmoved(stream, kode, mark, before),
        increment(stream, fresh, last.offset),
      );
      if (matchedCount === 1) {
        this.#marks.set(`${stream} ${kode}`, last.offset);
        return fresh.length;
      }
      // Another writer of the stream was faster, as when a partition changes hands: count what it left.
      this.#marks.delete(`${stream} ${kode}`);
      await this.load(stream, [kode]);
      if (this.#marks.get(`${stream} ${kode}`) === mark) break;
    }
    throw new Error(`Cannot count in province "${kode}" before the claim of the events ran out`);
  }

  /** Those that are not counted, by the mark of their own stream. */
  async uncounted<Event extends OwnedEvent>(events: readonly Event[]): Promise<Event[]> {
    if (events.length === 0) return [];
    const [provinces, streams] = [events.map(({ kode }) => kode), events.map(({ stream }) => stream)];
    const markOf = await this.#read(provinces, streams);
    return events.filter(({ kode, stream, offset }) => markOf(kode, stream) < offset);
  }

  /** Forgets the marks that have not moved since: of topics that are gone, and of streams that repeat nothing older. */
  async forgetMarks(since: Date): Promise<void> {
    const provinces = await this.#collection.find().project<Marks>({ tanda: 1 }).toArray();
    for (const { _id, tanda = {} } of provinces) {
      for (const [stream, { at }] of Object.entries(tanda)) {
        if (at >= since) continue;
        const unmoved = { _id, [`tanda.${stream}.at`]: at };
        await this.#collection.updateOne(unmoved, { $unset: { [`tanda.${stream}`]: true } });
      }
    }
  }

  async #read(provinces: readonly string[], streams: readonly string[]): Promise<MarkOf> {
    const fields = Object.fromEntries(streams.map((stream) => [`tanda.${stream}`, 1]));
    const found = await this.#collection.find({ _id: { $in: [...new Set(provinces)] } })
      .project<Marks>(fields).toArray();
    const marks = new Map(found.map(({ _id, tanda }) => [_id, tanda]));
    return (kode, stream) => marks.get(kode)?.[stream]?.offset ?? NONE;
  }
}

function unmoved(stream: string, kode: string, mark: number, before: Date): Filter<ProvinceDocument> {
  return {
    _id: kode,
    [`tanda.${stream}.offset`]: mark === NONE ? { $exists: false } : mark,
    // By the server, so that an update that was under way for long does nothing. As a number, because SecantusDB
    // 0.7.0b3 takes no date for later than $$NOW.
    $expr: { $lt: [{ $toLong: "$$NOW" }, before.getTime()] },
  };
}

function increment(
  stream: string,
  events: readonly CountableEvent[],
  mark: number,
): UpdateFilter<ProvinceDocument> {
  const counts: Record<string, number> = { jumlah: events.length };
  for (const { jenisKelamin, tahunLahir } of events) {
    for (const field of [`jenisKelamin.${jenisKelamin}`, `kohort.${kohort(tahunLahir)}`]) {
      counts[field] = (counts[field] ?? 0) + 1;
    }
  }
  return {
    $inc: counts,
    $set: { [`tanda.${stream}.offset`]: mark },
    $currentDate: { asOf: true, [`tanda.${stream}.at`]: true },
  };
}

function emptyProvince(kode: KodeProvinsi): ProvinceDocument {
  return { _id: kode, jumlah: 0, jenisKelamin: { "laki-laki": 0, perempuan: 0 }, kohort: {}, tanda: {} };
}

export interface ProvinceDocument {
  /** The province's code, and the shard key. */
  readonly _id: string;
  readonly jumlah: number;
  readonly jenisKelamin: Readonly<Record<JenisKelamin, number>>;
  readonly kohort: Readonly<Record<string, number>>;
  /** By stream. */
  readonly tanda: Readonly<Record<string, Mark>>;
  readonly asOf?: Date;
}

/** An event with the stream and the offset under which it counts. */
export interface OwnedEvent {
  readonly kode: string;
  readonly stream: string;
  readonly offset: number;
}

interface Mark {
  readonly offset: number;
  /** When it last moved. */
  readonly at: Date;
}

type Marks = Pick<ProvinceDocument, "_id"> & Partial<Pick<ProvinceDocument, "tanda">>;
type MarkOf = (kode: string, stream: string) => number;

/** Less than every offset. */
const NONE = -1;

/** Each try that fails means that another writer of the stream got further. */
const MAX_TRIES = 20;
