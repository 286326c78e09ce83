import { LRUCache } from "lru-cache";
import type { Collection } from "mongodb";
import type { JenisKelamin } from "../../penduduk/nik.ts";
import { type KodeProvinsi, PROVINSI } from "../../penduduk/provinsi.ts";
import { type CountableEvent, kohort } from "../../ports/statistics_store.ts";
import { BY_MAJORITY, type Mongo } from "./connect.ts";
import { insertNew } from "./insert_new.ts";

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
    let left = [...events.keys()];
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      await this.#load(stream, left);
      const moves = left.flatMap((kode) => this.#move(stream, kode, events.get(kode) ?? []));
      if (moves.length === 0) return counted;
      const done = await this.#update(moves, before);
      for (const { key, mark, events } of done) {
        this.#marks.set(key, mark.to);
        counted += events.length;
      }
      // Another writer of the stream was faster, as when a partition changes hands: count what it has left.
      const late = moves.filter((move) => !done.has(move));
      for (const { key } of late) this.#marks.delete(key);
      left = late.map(({ kode }) => kode);
    }
    throw new Error("Cannot count all events before their claim ran out");
  }

  /** Those that are not counted, by the mark of their own stream. */
  async uncounted<Event extends OwnedEvent>(events: readonly Event[]): Promise<Event[]> {
    if (events.length === 0) return [];
    const [provinces, streams] = [events.map(({ kode }) => kode), events.map(({ stream }) => stream)];
    const markOf = await this.#read(provinces, streams);
    return events.filter(({ kode, stream, offset }) => markOf(kode, stream) < offset);
  }

  async read(): Promise<ProvinceDocument[]> { ... }
