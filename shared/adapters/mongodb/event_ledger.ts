import { type Collection, MongoServerError } from "mongodb";
import { v7 } from "uuid";
import type { Mongo } from "./connect.ts";
import { insertNew } from "./insert_new.ts";
import type { Delivery, ProvinceCounters } from "./province_counters.ts";

export const LEDGER = "processed-events";

/**
 * Says of each event under which stream and offset it counts: those of its first delivery, whatever is delivered
 * later. An event is claimed here, then counted. When a process ends in between, its stream brings the event again;
 * only a topic that was created anew does not, and then the event changes over to the stream that brings it now. So
 * that nobody still counts it under the old one, a claim gives the right to count for a time only.
 */
export class EventLedger {
  readonly #mongo: Mongo;
  readonly #collection: Collection<LedgerDocument>;
  readonly #counters: ProvinceCounters;
  readonly #beforeTakeOver: () => void | Promise<void>;

  constructor(mongo: Mongo, counters: ProvinceCounters, beforeTakeOver: () => void | Promise<void>) {
    this.#mongo = mongo;
    this.#collection = mongo.db.collection(LEDGER);
    this.#counters = counters;
    this.#beforeTakeOver = beforeTakeOver;
  }

  /** Up to the version before this the server forgot, by an index that cost more than the entry itself. */
  async prepare(): Promise<void> {
    try {
      await this.#collection.dropIndex("until_1");
    } catch (error) {
      if (!(error instanceof MongoServerError) || !NOTHING_TO_DROP.has(error.code)) throw error;
    }
  }

  /**
   * Forgets events that were claimed before then, some at a time; answers whether none is left. Ids rise with time
   * (UUIDv7), so that those to forget are the first. Of ids of another kind most are kept for ever.
   */
  async forget(claimedBefore: Date): Promise<boolean> {
    const old = { _id: { $lt: v7({ msecs: claimedBefore.getTime() }) }, until: { $lt: claimedBefore } };
    const some = await this.#collection.find(old).project<Pick<LedgerDocument, "_id">>({ _id: 1 })
      .sort({ _id: 1 }).limit(FORGOTTEN_TOGETHER).toArray();
    const last = some.at(-1);
    if (last) await this.#collection.deleteMany({ ...old, _id: { $lte: last._id } });
    return some.length < FORGOTTEN_TOGETHER;
  }

  /**
   * The events that their streams must count, by rising offset: claimed now, or by an earlier delivery that did not
   * come to count them. All streams are of the claim's epoch.
   */
  async claim(events: readonly Delivery[], claim: Claim): Promise<Delivery[]> {
    const distinct = firstOfEach(events);
    const refused = await insertNew(this.#collection, distinct.map((event) => entryOf(event, claim)));
    const claimed = distinct.filter((_, i) => !refused.has(i));
    if (refused.size === 0) return claimed;
    const known = distinct.filter((_, i) => refused.has(i));
    const streams = new Set(events.map(({ stream }) => stream));
    const { own, foreign } = await this.#uncounted(known, streams, claim);
    const again = await this.#renew(events, own, claim);
    const taken = await this.#takeOver(known, foreign, claim);
    return [...claimed, ...again, ...taken].sort((a, b) => a.offset - b.offset);
  }

  /** What other streams of the epoch have claimed is not looked at: they bring it again themselves. */
  async #uncounted(
    events: readonly Delivery[],
    streams: ReadonlySet<string>,
    { epoch }: Claim,
  ): Promise<Uncounted> {
    const entries = await this.#collection.find({ _id: { $in: events.map(({ id }) => id) } }).toArray();
    if (entries.length < events.length) {
      throw new Error("Cannot read every claim that the ledger refused as known");
    }
    const own = entries.filter(({ stream }) => streams.has(stream));
    const foreign = entries.filter(({ stream }) => !stream.startsWith(`${epoch}:`));
    const left = new Set(await this.#counters.uncounted([...own, ...foreign]));
    return {
      own: own.filter((entry) => left.has(entry)),
      foreign: foreign.filter((entry) => left.has(entry)),
    };
  }

  /** Prolongs the streams' own claims; answers the deliveries for which they were made, if they are among these. */
  async #renew(
    events: readonly Delivery[],
    entries: readonly LedgerDocument[],
    { until }: Claim,
  ): Promise<Delivery[]> {
    const deliveries = new Map(events.map((event) => [`${event.stream} ${event.offset} ${event.id}`, event]));
    const again = entries.flatMap(({ stream, offset, _id }) =>
      deliveries.get(`${stream} ${offset} ${_id}`) ?? []
    );
    for (const [stream, some] of Map.groupBy(again, ({ stream }) => stream)) {
      const own = { _id: { $in: some.map(({ id }) => id) }, stream };
      const { matchedCount } = await this.#collection.updateMany(own, { $max: { until } });
      if (matchedCount < some.length) throw new Error("Cannot count what another topic has taken over");
    }
    return again;
  }

  /** Claims what a topic that is gone has left claimed and uncounted. */
  async #takeOver(
    events: readonly Delivery[],
    entries: readonly LedgerDocument[],
    claim: Claim,
  ): Promise<Delivery[]> {
    const byId = new Map(entries.map((entry) => [entry._id, entry]));
    const taken = events.filter(({ id }) => byId.has(id));
    for (const event of taken) {
      await this.#beforeTakeOver();
      const { _id, ...owner } = entryOf(event, claim);
      const former = byId.get(_id);
      const over = former && former.until <= claim.from
        ? await this.#collection.updateOne(former, { $set: owner })
        : undefined;
      if (over?.matchedCount !== 1) {
        throw new Error("Cannot count yet what another topic has only just claimed");
      }
    }
    return taken;
  }
}

/** NamespaceNotFound, IndexNotFound. */
const NOTHING_TO_DROP = new Set<unknown>([26, 27]);

/** So few that others need not wait long for the server. */
const FORGOTTEN_TOGETHER = 1_000;

/** Of two deliveries the first counts. */
function firstOfEach(events: readonly Delivery[]): Delivery[] {
  const seen = new Set<string>();
  return events.filter(({ id }) => !seen.has(id) && seen.add(id));
}

function entryOf({ id, stream, offset, kode }: Delivery, { until }: Claim): LedgerDocument {
  return { _id: id, stream, offset, kode, until };
}

interface Uncounted {
  readonly own: readonly LedgerDocument[];
  readonly foreign: readonly LedgerDocument[];
}

export interface LedgerDocument {
  /** The event's id. */
  readonly _id: string;
  readonly stream: string;
  readonly offset: number;
  /** The province in whose document the stream's mark tells whether the event is counted. */
  readonly kode: string;
  /** Until then the event belongs to the stream alone. */
  readonly until: Date;
}

export interface Claim {
  /** As written in the names of its streams. */
  readonly epoch: string;
  /** By the server's clock, like `until`. */
  readonly from: Date;
  readonly until: Date;
}
