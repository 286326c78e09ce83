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
  readonly #standings = new LRUCache<string, Standing>({ max: 10_000 });

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
      for (const { kode, events, standing } of done) {
        this.#standings.set(`${stream} ${kode}`, { ...standing, mark: lastOffset(events) });
        counted += events.length;
      }
      // Another writer of the stream was faster, as when a partition changes hands: count what it has left. Or the
      // generations have changed.
      provinces = counts.filter((count) => !done.has(count)).map(({ kode }) => kode);
      for (const kode of provinces) this.#standings.delete(`${stream} ${kode}`);
    }
    throw new Error("Cannot count every event before the claim of it ran out");
  }

  /** Those that are not counted, by the mark of their own stream. */
  async uncounted<Event extends OwnedEvent>(events: readonly Event[]): Promise<Event[]> {
    if (events.length === 0) return [];
    const [provinces, streams] = [events.map(({ kode }) => kode), events.map(({ stream }) => stream)];
    const standingOf = await this.#read(provinces, streams);
    return events.filter(({ kode, stream, offset }) => standingOf(kode, stream).mark < offset);
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
  async #load(stream: string, provinces: readonly KodeProvinsi[]): Promise<void> {
    const unknown = provinces.filter((kode) => !this.#standings.has(`${stream} ${kode}`));
    if (unknown.length === 0) return;
    const standingOf = await this.#read(unknown, [stream]);
    for (const kode of unknown) this.#standings.set(`${stream} ${kode}`, standingOf(kode, stream));
  }

  #beyondMark(stream: string, kode: KodeProvinsi, events: readonly CountableEvent[]): Count {
    const standing = this.#standings.get(`${stream} ${kode}`) ?? NOWHERE;
    return { stream, kode, standing, events: events.filter(({ offset }) => offset > standing.mark) };
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

  async #read(provinces: readonly string[], streams: readonly string[]): Promise<StandingOf> {
    const marks = Object.fromEntries(streams.map((stream) => [`tanda.${stream}`, 1]));
    const fields = { ...marks, generasi: 1, potong: 1, "berikut.generasi": 1, "berikut.potong": 1 };
    const found = await this.#collection.find({ _id: { $in: [...new Set(provinces)] } })
      .project<Found>(fields).toArray();
    const documents = new Map(found.map((document) => [document._id, document]));
    return (kode, stream) => {
      const { tanda, generasi, potong = 0, berikut } = documents.get(kode) ?? {};
      return { mark: tanda?.[stream]?.offset ?? NONE, generasi, potong, berikut };
    };
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
type Trends = Pick<ProvinceDocument, "_id" | "jam" | "hari">;
type Found = Marks & Pick<ProvinceDocument, "generasi" | "potong" | "berikut">;
type StandingOf = (kode: string, stream: string) => Standing;

const NOWHERE: Standing = { mark: NONE, generasi: undefined, potong: 0, berikut: undefined };

/** Each try that fails means that another writer of the stream got further. */
const MAX_TRIES = 20;
