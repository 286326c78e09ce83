import type { Collection } from "mongodb";
import {
  LEASE_MS,
  type LedgerEntry,
  type Reopened,
  type Sms,
  type SmsId,
  type SmsIntent,
  type SmsLedger,
  type SmsOutcome,
  type SmsReceipt,
  type SmsReport,
  type SmsState,
} from "../../ports/sms.ts";
import { Batcher } from "../../resilience/batcher.ts";
import { inStoreSpan } from "../../telemetry/store_span.ts";
import type { Mongo } from "./connect.ts";
import {
  type FieldEncryption,
  type FieldEncryptionOptions,
  openFieldEncryption,
} from "./encryption/field_encryption.ts";
import { decryptSms, type EncryptedSms, encryptSms } from "./encrypted_sms.ts";
import { insertNew } from "./insert_new.ts";
import { replaceEach } from "./replace_each.ts";
import { turns } from "./turns.ts";

/**
 * The ledger as `sms-ledger` in MongoDB, one document for each message. Each opened ledger is an owner of its own. A
 * call rejects with the driver's error. The connection stays the caller's.
 */
export async function openMongoSmsLedger(
  mongo: Mongo,
  encryption: FieldEncryptionOptions,
  { leaseMs = LEASE_MS }: { readonly leaseMs?: number } = {},
): Promise<SmsLedger> {
  const messages = mongo.db.collection<MessageDocument>(MESSAGES);
  await messages.createIndexes([
    { key: { turn: -1 } },
    // Holds only what is under way, however long the ledger grows.
    { key: { leaseUntil: 1, turn: 1 }, partialFilterExpression: { state: "claimed" } },
  ]);
  const fields = await openFieldEncryption(mongo.keyVault, "kependudukan-sms", encryption);
  return new MongoSmsLedger(mongo, messages, fields, leaseMs);
}

export const MESSAGES = "sms-ledger";

/** Many messages are claimed and settled together: the span tells how long this one took, its wait included. */
function inLedgerSpan<T>(operation: "claim" | "settle", work: () => Promise<T>): Promise<T> {
  return inStoreSpan("sms-ledger", { system: "mongodb", operation, collection: MESSAGES }, work);
}

class MongoSmsLedger implements SmsLedger {
  readonly #mongo: Mongo;
  readonly #messages: Collection<MessageDocument>;
  readonly #fields: FieldEncryption;
  readonly #leaseMs: number;
  readonly #owner = crypto.randomUUID();
  readonly #nextTurn: () => number;
  readonly #claims = new Batcher((intents: readonly SmsIntent[]) => this.#claim(intents), LIMITS);
  readonly #releases = new Batcher((ids: readonly SmsId[]) => this.#release(ids), LIMITS);
  readonly #reports = new Batcher((reported: readonly Reported[]) => this.#report(reported), LIMITS);
  readonly #settlements = new Batcher((settled: readonly Settlement[]) => this.#settle(settled), LIMITS);

  constructor(mongo: Mongo, messages: Collection<MessageDocument>, fields: FieldEncryption, leaseMs: number) {
    this.#mongo = mongo;
    this.#messages = messages;
    this.#fields = fields;
    this.#leaseMs = leaseMs;
    this.#nextTurn = turns(() => mongo.now());
  }

  claim(intent: SmsIntent, signal: AbortSignal): Promise<"claimed" | "known"> {
    return inLedgerSpan("claim", () => this.#claims.add(intent, signal));
  }

  release(id: SmsId): Promise<void> {
    return this.#releases.add(id, NEVER);
  }

  settle(id: SmsId, outcome: SmsOutcome): Promise<void> {
    return inLedgerSpan("settle", () => this.#settlements.add({ id, outcome }, NEVER));
  }

  report(id: SmsId, report: SmsReport): Promise<"recorded" | "unknown"> {
    return this.#reports.add({ id, report }, NEVER);
  }

  // Each document goes to the caller who marks it first, and is known to be his by the mark.
  async takeOver(limit: number): Promise<readonly SmsIntent[]> {
    const due = { state: "claimed", leaseUntil: { $lte: this.#inMs(0) } } as const;
    const oldest = await this.#messages.find(due, { projection: { _id: 1 } })
      .sort({ leaseUntil: 1, turn: 1 }).limit(limit).toArray();
    const ids = oldest.map(({ _id }) => _id);
    const lease = {
      owner: this.#owner,
      leaseUntil: this.#inMs(this.#leaseMs),
      takeOver: crypto.randomUUID(),
    };
    await this.#messages.updateMany({ ...due, _id: { $in: ids } }, { $set: lease });
    const taken = this.#messages.find({ _id: { $in: ids }, takeOver: lease.takeOver }).sort({ turn: 1 });
    return (await this.#decrypted(await taken.toArray()))
      .map(toIntent);
  }

  async find(id: SmsId): Promise<SmsIntent | undefined> {
    return (await this.#decrypted(await this.#messages.find({ _id: id }).toArray())).map(toIntent)[0];
  }

  async reopen({ id, to, body }: SmsIntent): Promise<Reopened | undefined> {
    const ended = await this.#messages.findOneAndUpdate({ _id: id, state: { $in: ENDED } }, {
      $set: {
        state: "claimed",
        code: null,
        ...await encryptSms(this.#fields, { id, to, body }),
        owner: this.#owner,
        leaseUntil: this.#inMs(this.#leaseMs),
      },
      $unset: { settledAt: true },
    });
    if (ended === null) return undefined;
    const [earlier] = await this.#decrypted([ended]);
    return { ended: ended.state === "parked" ? "parked" : "refused", earlier: earlier && toIntent(earlier) };
  }

  async recent(limit: number): Promise<readonly LedgerEntry[]> {
    const newest = await this.#messages.find().sort({ turn: -1 }).limit(limit).toArray();
    return (await this.#decrypted(newest)).map((message) => ({
      id: message._id,
      eventId: message.eventId,
      to: message.to,
      body: message.body,
      state: message.state,
      providerId: message.providerId ?? undefined,
      code: message.code ?? undefined,
      receipt: message.receipt,
      claimedAt: message.claimedAt,
    }));
  }

  async counts(): Promise<Readonly<Record<SmsState, number>>> {
    const counts: Record<SmsState, number> = { claimed: 0, sent: 0, refused: 0, parked: 0 };
    const group = { $group: { _id: "$state", messages: { $sum: 1 } } };
    for (const { _id, messages } of await this.#messages.aggregate<StateCount>([group]).toArray()) {
      counts[_id] = messages;
    }
    return counts;
  }

  check(signal: AbortSignal): Promise<void> {
    return this.#mongo.check(signal);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #claim(intents: readonly SmsIntent[]): Promise<("claimed" | "known")[]> {
    const [claimedAt, leaseUntil] = [this.#inMs(0), this.#inMs(this.#leaseMs)];
    const documents = await Promise.all(intents.map(async ({ id, eventId, to, body }) => ({
      _id: id,
      eventId,
      turn: this.#nextTurn(),
      state: "claimed" as const,
      ...await encryptSms(this.#fields, { id, to, body }),
      owner: this.#owner,
      leaseUntil,
      claimedAt,
    })));
    const known = await insertNew(this.#messages, documents);
    return intents.map((_, i) => known.has(i) ? "known" : "claimed");
  }

  async #release(ids: readonly SmsId[]): Promise<undefined[]> {
    await this.#messages.deleteMany({ _id: { $in: ids }, owner: this.#owner, state: "claimed" });
    return ids.map(() => undefined);
  }

  async #settle(settled: readonly Settlement[]): Promise<undefined[]> {
    const settledAt = this.#inMs(0);
    await replaceEach(
      settled.map(({ id, outcome }) => ({ id, own: { ...stateOf(outcome), settledAt } })),
      { $mergeObjects: ["$$ROOT", "$$own"] },
      (ids, pipeline) => this.#messages.updateMany({ _id: { $in: ids }, state: { $in: OPEN } }, pipeline),
    );
    return settled.map(() => undefined);
  }

  // What was recorded shows afterwards: the message is sent, under the id that the report names.
  async #report(reported: readonly Reported[]): Promise<("recorded" | "unknown")[]> {
    const settledAt = { $ifNull: ["$settledAt", this.#inMs(0)] };
    const delivered = { $cond: [{ $eq: ["$receipt.kind", "delivered"] }, { receipt: "$receipt" }, {}] };
    const takes = { $or: [{ $ne: ["$state", "sent"] }, { $eq: ["$providerId", "$$own.providerId"] }] };
    await replaceEach(
      reported.map(({ id, report: { providerId, receipt } }) => ({
        id,
        own: { state: "sent", providerId, code: null, ...(receipt && { receipt }) },
      })),
      { $cond: [takes, { $mergeObjects: ["$$ROOT", "$$own", { settledAt }, delivered] }, "$$ROOT"] },
      (ids, pipeline) =>
        this.#messages.updateMany({ _id: { $in: ids }, state: { $in: [...OPEN, "sent"] } }, pipeline),
    );
    const ids = reported.map(({ id }) => id);
    const sent = await this.#messages.find({ _id: { $in: ids } }, { projection: { state: 1, providerId: 1 } })
      .toArray();
    const providerIds = new Map(
      sent.map(({ _id, state, providerId }) => [_id, state === "sent" && providerId]),
    );
    return reported.map(({ id, report }) =>
      providerIds.get(id) === report.providerId ? "recorded" : "unknown"
    );
  }

  async #decrypted(messages: readonly MessageDocument[]): Promise<Decrypted[]> {
    const readable = await Promise.all(messages.map(async (message) => {
      const sms = await decryptSms(this.#fields, message);
      return sms ? [{ ...message, ...sms }] : [];
    }));
    return readable.flat();
  }

  #inMs(ms: number): Date {
    return new Date(this.#mongo.now() + ms);
  }
}

function toIntent({ _id, eventId, to, body }: Decrypted): SmsIntent {
  return { id: _id, eventId, to, body };
}

function stateOf(outcome: SmsOutcome): Pick<MessageDocument, "state" | "providerId" | "code"> {
  return outcome.kind === "sent"
    ? { state: "sent", providerId: outcome.providerId, code: null }
    : { state: outcome.kind, providerId: null, code: outcome.code };
}

const OPEN: SmsState[] = ["claimed", "parked"];
const ENDED: SmsState[] = ["refused", "parked"];

/** One lane keeps the order of the claims; with 200 messages in flight a batch never waits for a second one. */
const LIMITS = { lanes: 1, batch: 500, queue: 10_000 };

/** What has happened must be written down, whoever has stopped waiting for it. */
const NEVER = new AbortController().signal;

interface Settlement {
  readonly id: SmsId;
  readonly outcome: SmsOutcome;
}

interface Reported {
  readonly id: SmsId;
  readonly report: SmsReport;
}

interface MessageDocument extends EncryptedSms {
  readonly _id: SmsId;
  readonly eventId: string;
  /** Rises in the order of the claims, which ids and instants of one batch do not show. */
  readonly turn: number;
  readonly state: SmsState;
  readonly providerId?: string | null;
  readonly code?: string | null;
  /** The process that hands the message over, and until when nobody else may. */
  readonly owner: string;
  readonly leaseUntil: Date;
  /** Names the call that took the message over last. */
  readonly takeOver?: string;
  readonly claimedAt: Date;
  readonly settledAt?: Date;
  readonly receipt?: SmsReceipt;
}

interface StateCount {
  readonly _id: SmsState;
  readonly messages: number;
}

type Decrypted = Omit<MessageDocument, "to" | "body"> & Pick<Sms, "to" | "body">;
