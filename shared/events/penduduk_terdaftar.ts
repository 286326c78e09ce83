import { z } from "zod";
import type { JenisKelamin } from "../penduduk/nik.ts";
import { type KodeProvinsi, parseKodeProvinsi } from "../penduduk/provinsi.ts";
import { parseJson } from "./json.ts";

/** A resident was registered. In clear: what statistics count and routing needs; who it was is sealed. */
export interface PendudukTerdaftar {
  /** UUID; the same however often the event is delivered. */
  readonly id: string;
  /** The id of the resident. */
  readonly subject: string;
  readonly time: Date;
  /** W3C Trace Context of the request; undefined when it had none. */
  readonly traceparent: string | undefined;
  readonly data: {
    readonly kode: KodeProvinsi;
    readonly jenisKelamin: JenisKelamin;
    readonly tahunLahir: number;
    /** Compact JWE; see `openPersonal`. */
    readonly personal: string;
  };
}

export type Decoded =
  | { readonly kind: "event"; readonly event: PendudukTerdaftar }
  | { readonly kind: "poison"; readonly code: PoisonCode };

/** Why a record can never be read, however often it is tried. */
export type PoisonCode = "NO_VALUE" | "NOT_JSON" | "NOT_CLOUDEVENT" | "UNKNOWN_TYPE" | "BAD_DATA";

/** CloudEvents 1.0, structured JSON. */
export function encode({ id, subject, time, traceparent, data }: PendudukTerdaftar): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify({
    specversion: "1.0",
    id,
    source: "/pendaftaran",
    type: TYPE,
    subject,
    time: time.toISOString(),
    datacontenttype: "application/json",
    traceparent,
    data,
  }));
}

/** Never throws. Attributes and data that it does not know are left out, so that producers may add some first. */
export function decode(value: Uint8Array | null): Decoded {
  if (value === null || value.length === 0) return poison("NO_VALUE");
  const json = parseJson(value);
  if (json === undefined) return poison("NOT_JSON");
  const cloudEvent = CloudEvent.safeParse(json);
  if (!cloudEvent.success) return poison("NOT_CLOUDEVENT");
  if (cloudEvent.data.type !== TYPE) return poison("UNKNOWN_TYPE");
  const event = Event.safeParse(json);
  return event.success ? { kind: "event", event: event.data } : poison("BAD_DATA");
}

const TYPE = "penduduk.terdaftar";

/** The required attributes of any CloudEvent. */
const CloudEvent = z.object({
  specversion: z.literal("1.0"),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
});

const Event = z.object({
  id: z.uuid(),
  subject: z.uuid(),
  time: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  datacontenttype: z.literal("application/json").optional(),
  // A broken trace is no reason to lose a registration.
  traceparent: z.string().regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/).optional().catch(
    undefined,
  ),
  data: z.object({
    kode: z.custom<KodeProvinsi>((value) =>
      typeof value === "string" && parseKodeProvinsi(value) !== undefined
    ),
    jenisKelamin: z.enum(["laki-laki", "perempuan"]),
    tahunLahir: z.int().min(1900).max(9999),
    personal: z.string().min(1),
  }),
}).transform(({ id, subject, time, traceparent, data }): PendudukTerdaftar => ({
  id,
  subject,
  time,
  traceparent,
  data,
}));

function poison(code: PoisonCode): Decoded {
  return { kind: "poison", code };
}
