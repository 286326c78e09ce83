import { getLogger } from "@logtape/logtape";
import { decode, type PendudukTerdaftar } from "../../shared/events/penduduk_event.ts";
import { openPersonal, type UnreadableReason } from "../../shared/events/sealed.ts";
import { isSynthetic } from "../../shared/penduduk/synthetic.ts";
import type {
  Consumer,
  EventLog,
  Group,
  PartitionBatch,
  StoredRecord,
} from "../../shared/ports/event_log.ts";
import { type OfficerDirectory, smsId, type SmsIntent } from "../../shared/ports/sms.ts";
import { sleep } from "../../shared/resilience/backoff.ts";
import type { DeadLetters } from "../../shared/resilience/dead_letters.ts";
import type { KeyRing } from "../../shared/security/key_ring.ts";
import type { Delivered, Delivery } from "./delivery.ts";
import { type NikMode, smsText } from "./message.ts";

/** Tells the officers of a province of each registration in it. */
export function createNotificationConsumer(eventLog: EventLog, parts: NotificationParts): Consumer {
  return eventLog.consume("pendaftaran-events", GROUP, (batch) => notify(batch, parts));
}

/**
 * Resolves when each record of the batch is dealt with; rejects when one of them must come again, after all that was
 * begun has ended. Records that come again send nothing twice: the ledger knows what left.
 */
export async function notify(batch: PartitionBatch, parts: NotificationParts): Promise<void> {
  const stop = new AbortController();
  const done = new AbortController();
  const fail = (error: unknown) => stop.abort(error);
  const signal = AbortSignal.any([batch.signal, stop.signal]);
  const heartbeats = beat(batch, done.signal).catch(fail);
  const open: Promise<void>[] = [];
  for (const [i, record] of batch.records.entries()) {
    // Bounds what is decrypted ahead, and lets others have the thread.
    await open[i - OPEN_RECORDS];
    if (signal.aborted) {
      fail(signal.reason);
      break;
    }
    try {
      const plan = await toPlan(record, parts);
      open.push(carryOut(plan, { record, batch, signal }, parts).catch(fail));
    } catch (error) {
      fail(error);
    }
  }
  await Promise.all(open);
  done.abort();
  await heartbeats;
  stop.signal.throwIfAborted();
}

async function toPlan(
  record: StoredRecord,
  { eventKeys, officers, nikMode }: NotificationParts,
): Promise<Plan> {
  const decoded = decode(record.value);
  if (decoded.kind === "poison") return { kind: "dead", code: decoded.code, event: undefined };
  const { event } = decoded;
  // Officers are told of who comes, not of who was taken out again.
  if (event.type === "penduduk.dibatalkan") return { kind: "nothing" };
  const { kode, personal } = event.data;
  const opened = openPersonal(personal, eventKeys);
  if (opened.kind === "unreadable") return { kind: "dead", code: UNREADABLE[opened.reason], event };
  if (isSynthetic(opened.personal.nik)) return { kind: "nothing" };
  const body = smsText(opened.personal, kode, nikMode);
  const told = await officers.of(kode);
  const intents = told.map(({ id, telepon }): SmsIntent => {
    return { id: smsId(event.id, id), eventId: event.id, to: telepon, body };
  });
  return { kind: "tell", intents, event };
}

async function carryOut(
  plan: Plan,
  { record, batch, signal }: Task,
  parts: NotificationParts,
): Promise<void> {
  const { delivery, deadLetters, observe = () => {} } = parts;
  if (plan.kind === "nothing") return;
  const origin = { topic: batch.topic, partition: batch.partition, group: GROUP };
  const traceId = plan.event?.traceparent?.split("-")[1];
  const bury = (code: string) => {
    const cause = { code, attempts: 1, ...(traceId !== undefined && { traceId }) };
    return deadLetters.send(record, origin, cause, AbortSignal.timeout(DEAD_LETTER_MS));
  };
  if (plan.kind === "dead") {
    log.warn("Event is a dead letter: {code}", { code: plan.code, traceId });
    await bury(plan.code);
    return observe({ outcome: "dead" });
  }
  await Promise.all(plan.intents.map(async (intent) => {
    const refused = (code: string) => bury(`SMS_REFUSED_${code}`);
    const outcome = await delivery.deliver({ intent, signal, refused });
    observe({ outcome, seconds: (Date.now() - plan.event.time.getTime()) / 1000 });
  }));
}

/** Keeps the group from taking this member for dead, however long the sender asks to wait. */
async function beat(batch: PartitionBatch, done: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(HEARTBEAT_MS, done);
    if (done.aborted) return;
    await batch.heartbeat();
  }
}

const GROUP: Group = "notification-group";

/** Records of one batch that are read and not yet dealt with. */
const OPEN_RECORDS = 250;
const HEARTBEAT_MS = 3_000;
const DEAD_LETTER_MS = 10_000;

const UNREADABLE: Readonly<Record<UnreadableReason, string>> = {
  "malformed": "PERSONAL_MALFORMED",
  "algorithm": "PERSONAL_ALGORITHM",
  "unknown-key": "PERSONAL_UNKNOWN_KEY",
  "tampered": "PERSONAL_TAMPERED",
  "content": "PERSONAL_CONTENT",
};

export interface NotificationParts {
  readonly delivery: Delivery;
  readonly officers: OfficerDirectory;
  readonly deadLetters: DeadLetters;
  /** Opens the personal part of events. */
  readonly eventKeys: KeyRing;
  readonly nikMode: NikMode;
  readonly observe?: NotificationObserver;
}

export type NotificationObserver = (seen: {
  /** "dead": nothing in the event could be read, or not by us. */
  readonly outcome: Delivered | "dead";
  /** Since the registration; absent for what could not be read. */
  readonly seconds?: number;
}) => void;

/** What is to be done about one record. */
type Plan =
  | { readonly kind: "nothing" }
  | { readonly kind: "tell"; readonly intents: readonly SmsIntent[]; readonly event: PendudukTerdaftar }
  | { readonly kind: "dead"; readonly code: string; readonly event: PendudukTerdaftar | undefined };

interface Task {
  readonly record: StoredRecord;
  readonly batch: PartitionBatch;
  readonly signal: AbortSignal;
}

const log = getLogger(["kependudukan", "notification"]);
