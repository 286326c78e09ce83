import { LRUCache } from "lru-cache";
import type { Collection } from "mongodb";
import { type KodeProvinsi, PROVINSI } from "../../penduduk/provinsi.ts";
import type { CountableEvent } from "../../ports/statistics_store.ts";
import { BY_MAJORITY, type Mongo } from "./connect.ts";
import { insertNew } from "./insert_new.ts";
import {
  type Count,
  countUpdate,
  emptyProvince,
  lastOffset,
  NONE,
  type ProvinceDocument,
} from "./province_document.ts";

export const PROVINCES = "province-stats";

/**
 * One document for each province. It holds the counts and, for each stream of events, a mark (`tanda`): the offset up
 * to which the stream's own events are counted. Count and mark move in one update, on condition that the mark is
 * still where the count began, so that nothing counts twice and nothing is left out.
 */
export class ProvinceCounters {
  readonly #mongo: Mongo;
  readonly #collection: Collection<ProvinceDocument>;
  readonly #options: ProvinceCountersOptions;
  /** A stream nearly always has one writer, which need not ask again for what it wrote itself. */
  readonly #marks = new LRUCache<string, number>({ max: 10_000 });

  constructor(mongo: Mongo, options: ProvinceCountersOptions) {
    this.#mongo = mongo;
    this.#collection = mongo.db.collection(PROVINCES);
    this.#options = options;
  }

  /** Makes the documents, so that no count has to: of two upserts of one document, one may be refused. */
  async prepare(): Promise<void> {
    await insertNew(this.#collection, PROVINSI.map(({ kode }) => emptyProvince(kode)));
  }

  /**
   * Counts those of the stream's events, for each province by rising offset, that are beyond its mark; answers how
   * many. Rejects when the server's clock has passed `before`.
   */
  async count(stream: string, events: EventsByProvince, before: Date): Promise<number> {
    let counted = 0;
    let provinces = [...events.keys()];
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      await this.#load(stream, provinces);
      const counts = provinces.map((kode) => this.#beyondMark(stream, kode, events.get(kode) ?? []))
        .filter(({ events }) => events.length > 0);
      if (counts.length === 0) return counted;
      const done = await this.#update(counts, before);
      for (const { kode, events } of done) {
        this.#marks.set(`${stream} ${kode}`, lastOffset(events));
        counted += events.length;
      }
      // Another writer of the stream was faster, as when a partition changes hands: count what it has left.
      provinces = counts.filter((count) => !done.has(count)).map(({ kode }) => kode);
      for (const kode of provinces) this.#marks.delete(`${stream} ${kode}`);
    }
    throw new Error("Cannot count every event before the claim of it ran out");
  }

  /** Those that are not counted, by the mark of their own stream. */
  async uncounted<Event extends OwnedEvent>(events: readonly Event[]): Promise<Event[]> {
    if (events.length === 0) return [];
    const [provinces, streams] = [events.map(({ kode }) => kode), events.map(({ stream }) => stream)];
    const markOf = await this.#read(provinces, streams);
    return events.filter(({ kode, stream, offset }) => markOf(kode, stream) < offset);
  }

  /** Every province, by rising code. */
  async all(): Promise<Omit<ProvinceDocument, "tanda">[]> {
    const every = this.#collection.find().project<Omit<ProvinceDocument, "tanda">>({ tanda: 0 });
    return await every.sort({ _id: 1 }).toArray();
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

  /** Reads the marks that are not known yet. */
  async #load(stream: string, provinces: readonly KodeProvinsi[]): Promise<void> {
    const unknown = provinces.filter((kode) => !this.#marks.has(`${stream} ${kode}`));
    if (unknown.length === 0) return;
    const markOf = await this.#read(unknown, [stream]);
    for (const kode of unknown) this.#marks.set(`${stream} ${kode}`, markOf(kode, stream));
  }

  #beyondMark(stream: string, kode: KodeProvinsi, events: readonly CountableEvent[]): Count {
    const mark = this.#marks.get(`${stream} ${kode}`) ?? NONE;
    return { stream, kode, mark, events: events.filter(({ offset }) => offset > mark) };
  }

  /** Answers the counts that found the mark where they expected it. */
  async #update(counts: readonly Count[], before: Date): Promise<ReadonlySet<Count>> {
    const { atOnce, beforeUpdate } = this.#options;
    const done = new Set<Count>();
    for (let first = 0; first < counts.length; first += atOnce) {
      await beforeUpdate();
      const some = counts.slice(first, first + atOnce);
      const { updateResults } = await this.#mongo.db.client.bulkWrite(
        some.map((count) => ({ namespace: this.#collection.namespace, ...countUpdate(count, before) })),
        { ordered: false, verboseResults: true, writeConcern: BY_MAJORITY },
      );
      some.forEach((count, i) => updateResults?.get(i)?.matchedCount === 1 && done.add(count));
    }
    return done;
  }

  async #read(provinces: readonly string[], streams: readonly string[]): Promise<MarkOf> {
    const fields = Object.fromEntries(streams.map((stream) => [`tanda.${stream}`, 1]));
    const found = await this.#collection.find({ _id: { $in: [...new Set(provinces)] } })
      .project<Marks>(fields).toArray();
    const marks = new Map(found.map(({ _id, tanda }) => [_id, tanda]));
    return (kode, stream) => marks.get(kode)?.[stream]?.offset ?? NONE;
  }
}

export interface ProvinceCountersOptions {
  /** Provinces counted by one command. */
  readonly atOnce: number;
  readonly beforeUpdate: () => void | Promise<void>;
}

export type EventsByProvince = ReadonlyMap<KodeProvinsi, readonly CountableEvent[]>;

/** An event with the stream and the offset under which it counts. */
export interface OwnedEvent {
  readonly kode: string;
  readonly stream: string;
  readonly offset: number;
}

type Marks = Pick<ProvinceDocument, "_id"> & Partial<Pick<ProvinceDocument, "tanda">>;
type MarkOf = (kode: string, stream: string) => number;

/** Each try that fails means that another writer of the stream got further. */
const MAX_TRIES = 20;
