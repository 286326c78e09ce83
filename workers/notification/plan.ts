import type { Cause } from "../../shared/dead_letters/dead_letters.ts";
import { readReplay, type Replay } from "../../shared/dead_letters/replay.ts";
import { decode, type PendudukTerdaftar, POISON } from "../../shared/events/penduduk_event.ts";
import { openPersonal, type UnreadableReason } from "../../shared/events/sealed.ts";
import type { KodeProvinsi } from "../../shared/penduduk/provinsi.ts";
import { isSynthetic } from "../../shared/penduduk/synthetic.ts";
import type { StoredRecord } from "../../shared/ports/event_log.ts";
import {
  type Officer,
  type OfficerDirectory,
  parseSmsId,
  smsId,
  type SmsIntent,
} from "../../shared/ports/sms.ts";
import { type InPlaceOptions, type Tried, tryInPlace } from "../../shared/resilience/in_place.ts";
import type { KeyRing } from "../../shared/security/key_ring.ts";
import type { Delivery } from "./delivery.ts";
import { type NikMode, smsText } from "./message.ts";

/**
 * Says of each record of a batch what is to be done about it. The officers of a province are asked for once a batch, so
 * that a province whose officers cannot be read holds up the others once only. Rejects when nothing can be read at all:
 * then the batch must come again.
 */
export function planner(parts: PlanParts, signal: AbortSignal): (record: StoredRecord) => Promise<Plan> {
  const { eventKeys, officers, delivery, nikMode, inPlace } = parts;
  const asked = new Map<KodeProvinsi, Promise<Tried<readonly Officer[]>>>();

  async function officersOf(kode: KodeProvinsi): Promise<Tried<readonly Officer[]>> {
    const tried = await tryInPlace(() => officers.of(kode), signal, inPlace);
    // When all of the directory is away, it is not the record's fault, and the next ones would fare no better.
    if (tried.kind === "exhausted") await officers.check(signal);
    return tried;
  }

  async function tell(event: PendudukTerdaftar, again: boolean): Promise<Plan> {
    const traceId = event.traceparent?.split("-")[1];
    const opened = openPersonal(event.data.personal, eventKeys);
    if (opened.kind === "unreadable") {
      return { kind: "dead", cause: { ...UNREADABLE[opened.reason], attempts: 1, traceId } };
    }
    if (isSynthetic(opened.personal.nik)) return { kind: "synthetic" };
    const { kode } = event.data;
    const told = asked.get(kode) ?? officersOf(kode);
    asked.set(kode, told);
    const tried = await told;
    if (tried.kind === "exhausted") {
      return { kind: "dead", cause: { ...NO_OFFICERS, attempts: tried.tries, traceId } };
    }
    const body = smsText(opened.personal, kode, nikMode);
    const intents = tried.value.map(({ id, telepon }): SmsIntent => {
      return { id: smsId(event.id, id), eventId: event.id, to: telepon, body };
    });
    return { kind: "tell", intents, again, traceId, ...(!again && { since: event.time }) };
  }

  return async (record) => {
    const replay = readReplay(record);
    if (replay?.failure.smsId !== undefined) return await tellAgain(replay, delivery);
    const decoded = decode(record.value);
    if (decoded.kind === "poison") {
      return { kind: "dead", cause: { code: decoded.code, message: POISON[decoded.code], attempts: 1 } };
    }
    // Officers are told of who comes, not of who was taken out again.
    if (decoded.event.type === "penduduk.dibatalkan") return { kind: "nothing" };
    return await tell(decoded.event, replay !== undefined);
  };
}

/** Of a message that was parked only the ledger knows what it was. */
async function tellAgain({ failure }: Replay, delivery: Delivery): Promise<Plan> {
  const id = parseSmsId(failure.smsId ?? "");
  const intent = id && await delivery.find(id);
  if (!intent) return { kind: "dead", cause: { ...NO_SMS, attempts: 1, traceId: failure.traceId } };
  return { kind: "tell", intents: [intent], again: true, traceId: failure.traceId };
}

const NO_OFFICERS = { code: "OFFICERS_UNREADABLE", message: "The officers of the province cannot be read" };
const NO_SMS = { code: "SMS_UNKNOWN", message: "The ledger knows no such SMS, or nobody can read it" };

const UNREADABLE: Readonly<Record<UnreadableReason, Pick<Cause, "code" | "message">>> = {
  "malformed": { code: "PERSONAL_MALFORMED", message: "The personal part is no compact JWE" },
  "algorithm": { code: "PERSONAL_ALGORITHM", message: "The personal part is sealed by another algorithm" },
  "unknown-key": {
    code: "PERSONAL_UNKNOWN_KEY",
    message: "The key of the personal part is not in KEYS_FILE",
  },
  "tampered": { code: "PERSONAL_TAMPERED", message: "The personal part was altered, or the key is another" },
  "content": { code: "PERSONAL_CONTENT", message: "The personal part does not hold what it should" },
};

export interface PlanParts {
  readonly officers: OfficerDirectory;
  readonly delivery: Delivery;
  /** Opens the personal part of events. */
  readonly eventKeys: KeyRing;
  readonly nikMode: NikMode;
  readonly inPlace?: InPlaceOptions;
}

export type Plan =
  | { readonly kind: "nothing" }
  /** It came as far as this, which is all that the probe and a deployment's smoke test want: nobody is told. */
  | { readonly kind: "synthetic" }
  | {
    readonly kind: "tell";
    readonly intents: readonly SmsIntent[];
    /** A person wants it tried again: what was refused or parked is claimed anew. */
    readonly again: boolean;
    readonly traceId: string | undefined;
    /** The instant of the registration; absent for a replay, which would tell nothing of how fast we are. */
    readonly since?: Date;
  }
  | { readonly kind: "dead"; readonly cause: Cause };
