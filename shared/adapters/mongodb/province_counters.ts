import { LRUCache } from "lru-cache";
import type { Collection } from "mongodb";
import { type KodeProvinsi, PROVINSI } from "../../penduduk/provinsi.ts";
import type { CountableEvent } from "../../ports/statistics_store.ts";
import { firstBucket, PER } from "../../ports/trend.ts";
import { BY_MAJORITY, type Mongo } from "./connect.ts";
import { insertNew } from "./insert_new.ts";
import {
  type Count,
  countUpdate,
  emptyProvince,
  lastOffset,
  NONE,
  type Part,
  type ProvinceDocument,
  type Standing,
  TREND_FIELD,
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
  readonly #standings = new Map<string, Standing>();

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
   * Counts those of the events, for each stream by rising offset, that are beyond its mark; answers how many of each
   * stream. Rejects when the server's clock has passed `before`.
   */
  async count(events: readonly Delivery[], before: Date): Promise<ReadonlyMap<string, number>> {
    const counted = new Map<string, number>();
    let left = Map.groupBy(events, ({ kode }) => kode);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      await this.#load(left);
      const counts = Array.from(left, ([kode, events]) => this.#beyondMarks(kode, events))
        .filter(({ parts }) => parts.length > 0);
      if (counts.length === 0) return counted;
      const done = await this.#update(counts, before);
      for (const count of counts) this.#learn(count, done.has(count));
      for (const { stream, events } of [...done].flatMap(({ parts }) => parts)) {
        counted.set(stream, (counted.get(stream) ?? 0) + events.length);
      }
      // Another writer of a stream was faster, as when a partition changes hands: count what it has left. Or the
      // generations have changed.
      left = new Map(
        counts.filter((count) => !done.has(count)).map(({ kode }) => [kode, left.get(kode) ?? []]),
      );
    }
    throw new Error("Cannot count every event before the claim of it ran out");
  }

  /** Those that are not counted, by the mark of their own stream. */
  async uncounted<Event extends OwnedEvent>(events: readonly Event[]): Promise<Event[]> {
    if (events.length === 0) return [];
    const [provinces, streams] = [events.map(({ kode }) => kode), events.map(({ stream }) => stream)];
    const { markOf } = await this.#read(provinces, streams);
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

  /** Forgets what no trend that ends now reaches any more. */
  async forgetTrends(now: Date): Promise<void> {
    const provinces = await this.#collection.find().project<Trends>({ jam: 1, hari: 1 }).toArray();
    for (const province of provinces) {
      const old = PER.flatMap((per) =>
        Object.keys(province[TREND_FIELD[per]] ?? {})
          .filter((bucket) => Number(bucket) < firstBucket(per, now))
          .map((bucket) => [`${TREND_FIELD[per]}.${bucket}`, true] as const)
      );
      if (old.length === 0) continue;
      await this.#collection.updateOne({ _id: province._id }, { $unset: Object.fromEntries(old) });
    }
  }

  /** Reads what is not known yet. */
  async #load(events: DeliveriesByProvince): Promise<void> {
    const unknown = [...events].flatMap(([kode, events]) =>
      streamsOf(events).filter((stream) =>
        !this.#standings.has(kode) || !this.#marks.has(`${stream} ${kode}`)
      )
        .map((stream) => ({ kode, stream }))
    );
    if (unknown.length === 0) return;
    const found = await this.#read(unknown.map(({ kode }) => kode), unknown.map(({ stream }) => stream));
    for (const { kode, stream } of unknown) {
      this.#marks.set(`${stream} ${kode}`, found.markOf(kode, stream));
      this.#standings.set(kode, found.standingOf(kode));
    }
  }

  #beyondMarks(kode: KodeProvinsi, events: readonly Delivery[]): Count {
    const parts = Array.from(Map.groupBy(events, ({ stream }) => stream), ([stream, events]): Part => {
      const mark = this.#marks.get(`${stream} ${kode}`) ?? NONE;
      return { stream, mark, events: events.filter(({ offset }) => offset > mark) };
    });
    const standing = this.#standings.get(kode) ?? NOWHERE;
    return { kode, standing, parts: parts.filter(({ events }) => events.length > 0) };
  }

  /** The marks are where the count has moved them; of one that was not done nothing is known any more. */
  #learn({ kode, parts }: Count, done: boolean): void {
    if (!done) this.#standings.delete(kode);
    for (const { stream, events } of parts) {
      if (done) this.#marks.set(`${stream} ${kode}`, lastOffset(events));
      else this.#marks.delete(`${stream} ${kode}`);
    }
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

  async #read(provinces: readonly string[], streams: readonly string[]): Promise<Known> {
    const marks = Object.fromEntries(streams.map((stream) => [`tanda.${stream}.offset`, 1]));
    const fields = { ...marks, generasi: 1, potong: 1, "berikut.generasi": 1, "berikut.potong": 1 };
    const found = await this.#collection.find({ _id: { $in: [...new Set(provinces)] } })
      .project<Found>(fields).toArray();
    const documents = new Map(found.map((document) => [document._id, document]));
    return {
      markOf: (kode, stream) => documents.get(kode)?.tanda?.[stream]?.offset ?? NONE,
      standingOf(kode) {
        const { generasi, potong = 0, berikut } = documents.get(kode) ?? {};
        return { generasi, potong, berikut };
      },
    };
  }
}

function streamsOf(events: readonly Delivery[]): string[] {
  return [...new Set(events.map(({ stream }) => stream))];
}

export interface ProvinceCountersOptions {
  /** Provinces counted by one command. */
  readonly atOnce: number;
  readonly beforeUpdate: () => void | Promise<void>;
}

/** An event and the stream that has brought it. */
export interface Delivery extends CountableEvent {
  readonly stream: string;
}

type DeliveriesByProvince = ReadonlyMap<KodeProvinsi, readonly Delivery[]>;

/** An event with the stream and the offset under which it counts. */
export interface OwnedEvent {
  readonly kode: string;
  readonly stream: string;
  readonly offset: number;
}

type Marks = Pick<ProvinceDocument, "_id"> & Partial<Pick<ProvinceDocument, "tanda">>;
type Trends = Pick<ProvinceDocument, "_id" | "jam" | "hari">;
type Found = Marks & Pick<ProvinceDocument, "generasi" | "potong" | "berikut">;

interface Known {
  readonly markOf: (kode: string, stream: string) => number;
  readonly standingOf: (kode: string) => Standing;
}

const NOWHERE: Standing = { generasi: undefined, potong: 0, berikut: undefined };

/** Each try that fails means that another writer of the stream got further. */
const MAX_TRIES = 20;
