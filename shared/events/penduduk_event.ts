import { z } from "zod";
import type { JenisKelamin } from "../penduduk/nik.ts";
import { type KodeProvinsi, parseKodeProvinsi } from "../penduduk/provinsi.ts";
import { parseJson } from "./json.ts";

/** What happens to a registration. In clear: what statistics count and routing needs. */
export type PendudukEvent = PendudukTerdaftar | PendudukDibatalkan;

/** A resident was registered; who it was is sealed. */
export interface PendudukTerdaftar extends Envelope {
  readonly type: "penduduk.terdaftar";
  readonly data: Counted & {
    /** Compact JWE; see `openPersonal`. */
    readonly personal: string;
  };
}

/** A registration was taken back: `data` is what it was counted under, so that it is taken off the same counts. */
export interface PendudukDibatalkan extends Envelope {
  readonly type: "penduduk.dibatalkan";
  readonly data: Counted;
}

interface Envelope {
  /** UUID; the same however often the event is delivered. */
  readonly id: string;
  /** The id of the resident; the record's key, so that a registration comes before its cancellation. */
  readonly subject: string;
  readonly time: Date;
  /** W3C Trace Context of the request; undefined when it had none. */
  readonly traceparent: string | undefined;
}

interface Counted {
  readonly kode: KodeProvinsi;
  readonly jenisKelamin: JenisKelamin;
  readonly tahunLahir: number;
}

export type Decoded =
  | { readonly kind: "event"; readonly event: PendudukEvent }
  | { readonly kind: "poison"; readonly code: PoisonCode };

/** Why a record can never be read, however often it is tried. */
export type PoisonCode = "NO_VALUE" | "NOT_JSON" | "NOT_CLOUDEVENT" | "UNKNOWN_TYPE" | "BAD_DATA";

/** The same in sentences. */
export const POISON: Readonly<Record<PoisonCode, string>> = {
  NO_VALUE: "The record has no value",
  NOT_JSON: "The value is not JSON in UTF-8",
  NOT_CLOUDEVENT: "The value is not a CloudEvent 1.0",
  UNKNOWN_TYPE: "The type of the event is not known to this version",
  BAD_DATA: "A field of the event is missing or wrong",
};

/**
 * When the resident was registered, whatever the event says of him: the first 48 bits of a UUIDv7 are its time in Unix
 * milliseconds (RFC 9562, 5.7), and the registrar gives ids of no other kind.
 */
export function registeredAt({ subject, time }: Pick<PendudukEvent, "subject" | "time">): Date {
  return subject[14] === "7"
    ? new Date(Number.parseInt(subject.slice(0, 8) + subject.slice(9, 13), 16))
    : time;
}

/** As `toJson`, in UTF-8. */
export function encode(event: PendudukEvent): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(toJson(event));
}

/** CloudEvents 1.0, structured JSON. */
export function toJson(event: PendudukEvent): string {
  const { id, type, subject, time, traceparent, data } = event;
  return JSON.stringify({
    specversion: "1.0",
    id,
    source: "/pendaftaran",
    type,
    subject,
    time: time.toISOString(),
    datacontenttype: "application/json",
    traceparent,
    data,
  });
}

/** Never throws. Attributes and data that it does not know are left out, so that producers may add some first. */
export function decode(value: Uint8Array | null): Decoded {
  if (value === null || value.length === 0) return poison("NO_VALUE");
  const json = parseJson(value);
  if (json === undefined) return poison("NOT_JSON");
  const cloudEvent = CloudEvent.safeParse(json);
  if (!cloudEvent.success) return poison("NOT_CLOUDEVENT");
  if (!TYPES.has(cloudEvent.data.type)) return poison("UNKNOWN_TYPE");
  const event = Event.safeParse(json);
  return event.success ? { kind: "event", event: event.data } : poison("BAD_DATA");
}

const TYPES: ReadonlySet<string> = new Set<PendudukEvent["type"]>([
  "penduduk.terdaftar",
  "penduduk.dibatalkan",
]);

/** The required attributes of any CloudEvent. */
const CloudEvent = z.object({
  specversion: z.literal("1.0"),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
});

const envelope = {
  id: z.uuid(),
  subject: z.uuid(),
  time: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  datacontenttype: z.literal("application/json").optional(),
  // A broken trace is no reason to lose a registration.
  traceparent: z.string().regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/).optional().catch(
    undefined,
  ),
};

const Counted = z.object({
  kode: z.custom<KodeProvinsi>((value) =>
    typeof value === "string" && parseKodeProvinsi(value) !== undefined
  ),
  jenisKelamin: z.enum(["laki-laki", "perempuan"]),
  tahunLahir: z.int().min(1900).max(9999),
});

const Event = z.discriminatedUnion("type", [
  z.object({
    ...envelope,
    type: z.literal("penduduk.terdaftar"),
    data: Counted.extend({ personal: z.string().min(1) }),
  }),
  z.object({ ...envelope, type: z.literal("penduduk.dibatalkan"), data: Counted }),
]).transform(({ datacontenttype: _, traceparent, ...event }): PendudukEvent => ({ ...event, traceparent }));

function poison(code: PoisonCode): Decoded {
  return { kind: "poison", code };
}
