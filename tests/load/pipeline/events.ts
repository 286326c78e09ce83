import { v7 } from "uuid";
import { OUTBOX_SEQ } from "../../../shared/events/outbox_seq.ts";
import { encode } from "../../../shared/events/penduduk_event.ts";
import { sealPersonal } from "../../../shared/events/sealed.ts";
import { isNik } from "../../../shared/penduduk/nik.ts";
import { PROVINSI } from "../../../shared/penduduk/provinsi.ts";
import type { EventLog, EventRecord } from "../../../shared/ports/event_log.ts";
import type { KeyRing } from "../../../shared/security/key_ring.ts";

/** The value of the registration of this number, as the outbox holds it; the provinces take turns. */
export function eventValue(
  n: number,
  keys: KeyRing,
): { readonly subject: string; readonly value: Uint8Array } {
  const { kode } = PROVINSI[n % PROVINSI.length] ?? { kode: undefined };
  if (kode === undefined || !isNik(NIK)) throw new Error("Cannot make an event without province and NIK");
  const subject = v7();
  const value = encode({
    id: v7(),
    type: "penduduk.terdaftar",
    subject,
    time: new Date(),
    traceparent: TRACEPARENT,
    data: {
      kode,
      jenisKelamin: n % 2 === 0 ? "perempuan" : "laki-laki",
      tahunLahir: 1950 + n % 70,
      personal: sealPersonal({ nik: NIK, nama: nameOf(n) }, keys),
    },
  });
  return { subject, value };
}

/** Publishes that many registrations as the relay does. */
export async function publishEvents(
  log: EventLog,
  count: number,
  keys: KeyRing,
  signal: AbortSignal,
): Promise<void> {
  const record = (n: number): EventRecord => {
    const { subject, value } = eventValue(n, keys);
    return { key: encoder.encode(subject), value, headers: headersOf(n) };
  };
  for (let first = 0; first < count; first += TOGETHER) {
    const some = Array.from({ length: Math.min(TOGETHER, count - first) }, (_, i) => record(first + i));
    await log.publish("pendaftaran-events", some, signal);
  }
}

/** By which a message can be known again. */
export function nameOf(n: number): string {
  return `Warga Nomor ${n}`;
}

export const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

function headersOf(n: number): EventRecord["headers"] {
  return [
    ["content-type", encoder.encode("application/cloudevents+json; charset=UTF-8")],
    [OUTBOX_SEQ, encoder.encode(String(n + 1))],
    ["traceparent", encoder.encode(TRACEPARENT)],
  ];
}

/** Its serial was never issued. */
const NIK = ["327301", "570890", "9999"].join("");
const TOGETHER = 2_000;
const encoder = new TextEncoder();
