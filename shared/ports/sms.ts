import type { KodeProvinsi } from "../penduduk/provinsi.ts";

/** Names one message: one event reaches one officer at most once. */
export type SmsId = string & { readonly __brand: "SmsId" };

/**
 * Made of the officer's id and not of the number: numbers are few, so beside the event's id a hash of one would
 * give it away to whoever reads a log or a table.
 */
export function smsId(eventId: string, officerId: string): SmsId {
  const id = `${eventId}:${officerId}`;
  if (!isSmsId(id)) throw new Error("Cannot name an SMS without an event and an officer");
  return id;
}

/** Reads an id that came back from outside. */
export function parseSmsId(text: string): SmsId | undefined {
  return isSmsId(text) ? text : undefined;
}

/** A telephone number in E.164, for instance +6281234567890. */
export type Telepon = string & { readonly __brand: "Telepon" };

/**
 * Reads E.164 and the ways Indonesian numbers are written: "0812-3456-7890", "62 812…", "+62 (812) …". Undefined for
 * anything else, short codes included.
 */
export function parseTelepon(text: string): Telepon | undefined {
  const digits = text.trim().replace(/[ ().-]/g, "").replace(/^0(?=[1-9])/, "+62").replace(/^62/, "+62");
  return isTelepon(digits) ? digits : undefined;
}

/** All but the last three digits as stars: enough for somebody who knows the number to know which it is. */
export function maskTelepon(telepon: Telepon): string {
  return telepon.replace(/\d(?=\d{3})/g, "*");
}

export interface Sms {
  readonly id: SmsId;
  readonly to: Telepon;
  readonly body: string;
}

export interface SmsIntent extends Sms {
  readonly eventId: string;
}

/** What the sender said of one message. */
export type SendResult =
  | { readonly kind: "sent"; readonly providerId: string }
  /** Certainly not taken: try again after `retryAfterMs`. Also for a provider that was not reached or is locked to us. */
  | { readonly kind: "throttled"; readonly retryAfterMs: number }
  /** Never taken, however often it is tried. `code` is the provider's. */
  | { readonly kind: "refused"; readonly code: string }
  /** Nobody knows whether it was taken: never send again unseen, unless the sender is idempotent. */
  | { readonly kind: "ambiguous"; readonly code: string };

export interface SmsSender {
  /** A second send of one id cannot reach the officer twice, so an uncertain message may be sent again. */
  readonly idempotent: boolean;
  /** Takes messages in the order of the calls even when they overlap; otherwise each waits for the one before it. */
  readonly ordered: boolean;
  /** Never rejects: a failure is one of the results. The signal carries the deadline. */
  send(sms: Sms, signal: AbortSignal): Promise<SendResult>;
  /**
   * The provider's id of the message when it was taken before. Undefined proves little where the provider lists
   * messages late. Rejects when the provider cannot say.
   */
  find(sms: Sms, signal: AbortSignal): Promise<string | undefined>;
  check(signal: AbortSignal): Promise<void>;
}

export type SmsOutcome =
  | { readonly kind: "sent"; readonly providerId: string }
  | { readonly kind: "refused"; readonly code: string }
  /** Waits for a person to decide. */
  | { readonly kind: "parked"; readonly code: string };

/** What the provider tells of a message after it took it, with the id under which it did. */
export interface SmsReport {
  readonly providerId: string;
  /** Undefined while the message is on its way. */
  readonly receipt: SmsReceipt | undefined;
}

/** Whether the message reached the officer's telephone. `code` is the provider's. */
export type SmsReceipt =
  | { readonly kind: "delivered" }
  | { readonly kind: "undelivered"; readonly code: string };

/**
 * Which messages were begun and how they ended. A claim is durable before the message leaves, and is held under a
 * lease only while it is handed over. Whoever holds a message longer is dead, or as good as dead: any process may
 * take the claim over. That a slow holder may still wake up is harmless, since a message that was taken over is only
 * sent again where the sender is idempotent.
 */
export interface SmsLedger {
  /** Claims the message unless it is known. Overlapping calls resolve in the order of the calls. */
  claim(intent: SmsIntent, signal: AbortSignal): Promise<"claimed" | "known">;
  /** Undoes one's own claim of a message that was certainly not taken, so that it can be claimed again. */
  release(id: SmsId): Promise<void>;
  /** "sent" and "refused" are final; "parked" gives way to either, when a slow answer arrives after all. */
  settle(id: SmsId, outcome: SmsOutcome): Promise<void>;
  /**
   * Writes down what the provider itself tells of a message later. That proves that it took it: a claimed or parked
   * message becomes "sent". Reports repeat and overtake each other, so the last word does not depend on their order:
   * "delivered" outranks "undelivered", and either outranks none. Answers "unknown" and changes nothing when no such
   * message was claimed, or it ended otherwise: refused, or sent under another of the provider's ids.
   */
  report(id: SmsId, report: SmsReport): Promise<"recorded" | "unknown">;
  /** Claims anew, for one more lease, messages whose lease ran out unsettled: oldest first, each to one caller only. */
  takeOver(limit: number): Promise<readonly SmsIntent[]>;
  /** What was claimed under the id; undefined when nothing was, or nobody can read it any more. */
  find(id: SmsId): Promise<SmsIntent | undefined>;
  /**
   * Claims a message anew that ended as refused or parked, because a person wants it tried again, and keeps it as it is
   * meant now: the officer's number may have been corrected. Answers how it had ended and as what; undefined when it
   * ended otherwise or is under way. Of several calls one gets it.
   */
  reopen(intent: SmsIntent): Promise<Reopened | undefined>;
  /** Newest first. */
  recent(limit: number): Promise<readonly LedgerEntry[]>;
  /** Reads the whole ledger: for reports, not for every scrape of the metrics. */
  counts(): Promise<Readonly<Record<SmsState, number>>>;
  check(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface Reopened {
  readonly ended: "refused" | "parked";
  /** What was claimed then; undefined when nobody can read it any more. */
  readonly earlier: SmsIntent | undefined;
}

/** The longest one call of a sender may last, in milliseconds. */
export const SEND_DEADLINE_MS = 10_000;

/** How long a claim is held, in milliseconds: three times what a message may take to be sent. */
export const LEASE_MS = 3 * SEND_DEADLINE_MS;

/** The lease for a sender: taking over too early does no harm where a message may be sent again. */
export function leaseFor({ idempotent }: SmsSender): number {
  return idempotent ? LEASE_MS / 6 : LEASE_MS;
}

export const SMS_STATES = ["claimed", "sent", "refused", "parked"] as const;
export type SmsState = "claimed" | SmsOutcome["kind"];

export interface LedgerEntry extends SmsIntent {
  readonly state: SmsState;
  readonly providerId: string | undefined;
  readonly code: string | undefined;
  /** Undefined until the provider reports one. */
  readonly receipt: SmsReceipt | undefined;
  readonly claimedAt: Date;
}

export interface OfficerDirectory {
  /** The officers of a province, or the default officer when it has none. Never empty; each number once. */
  of(provinsi: KodeProvinsi): Promise<readonly Officer[]>;
  /** Puts an officer in charge of a province; answers the officer's id. */
  assign(provinsi: KodeProvinsi, telepon: Telepon): Promise<string>;
  check(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The directory as those see it who may change it. */
export interface OfficerRegister extends OfficerDirectory {
  /**
   * Gives an officer of the province another number under the same id; "taken" when another officer of the province has
   * it already.
   */
  change(provinsi: KodeProvinsi, id: string, telepon: Telepon): Promise<"changed" | "unknown" | "taken">;
  /** Takes an officer off the province. */
  dismiss(provinsi: KodeProvinsi, id: string): Promise<"dismissed" | "unknown">;
}

export interface Officer {
  /** Stays when the number changes, and says nothing of it. */
  readonly id: string;
  readonly telepon: Telepon;
}

/** The id of the officer who is told where a province has none. */
export const DEFAULT_OFFICER_ID = "default";

function isSmsId(text: string): text is SmsId {
  return /^[^:]{1,200}:[^:]{1,200}$/.test(text);
}

/** ITU-T E.164: at most 15 digits, no leading zero. Behind +62 no zero, and 7 to 12 digits. */
function isTelepon(text: string): text is Telepon {
  return /^\+(62[1-9]\d{6,11}|(?!62)[1-9]\d{7,14})$/.test(text);
}
