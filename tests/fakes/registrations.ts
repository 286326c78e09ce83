import assert from "node:assert/strict";
import { encode } from "../../shared/events/penduduk_event.ts";
import { sealPersonal } from "../../shared/events/sealed.ts";
import { isNik } from "../../shared/penduduk/nik.ts";
import { type KodeProvinsi, parseKodeProvinsi } from "../../shared/penduduk/provinsi.ts";
import type { EventRecord, PartitionBatch } from "../../shared/ports/event_log.ts";
import { generateKeys, type KeyRing, parseKeys } from "../../shared/security/key_ring.ts";
import { PENDUDUK } from "../fixtures.ts";

export const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

export function kodeProvinsi(text: string): KodeProvinsi {
  return parseKodeProvinsi(text) ?? assert.fail(`"${text}" is no province`);
}

export function eventKeys(): KeyRing {
  return parseKeys(generateKeys(new Date())).events;
}

/** The record of one registration, as the relay publishes it. */
export function registration(
  { ring, id = crypto.randomUUID(), kode = "32", person = PENDUDUK[0] }: Registration,
): EventRecord {
  const { nik, nama } = person;
  assert.ok(isNik(nik));
  const value = encode({
    type: "penduduk.terdaftar",
    id,
    subject: crypto.randomUUID(),
    time: new Date(),
    traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01`,
    data: {
      kode: kodeProvinsi(kode),
      jenisKelamin: "laki-laki",
      tahunLahir: 1990,
      personal: sealPersonal({ nik, nama }, ring),
    },
  });
  return { key: new TextEncoder().encode(kode), value, headers: [] };
}

/** A batch made by hand, for what a log does not do on demand. */
export function batchOf(
  records: readonly EventRecord[],
  parts: Partial<PartitionBatch> = {},
): PartitionBatch {
  return {
    topic: "pendaftaran-events",
    epoch: "1",
    partition: 0,
    records: records.map((record, offset) => ({ ...record, offset, timestamp: new Date() })),
    signal: new AbortController().signal,
    heartbeat: () => Promise.resolve(),
    ...parts,
  };
}

interface Registration {
  readonly ring: KeyRing;
  /** Of the event. */
  readonly id?: string;
  readonly kode?: string;
  readonly person?: { readonly nik: string; readonly nama: string };
}
