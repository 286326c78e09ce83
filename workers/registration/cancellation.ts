import { v7 as uuidv7 } from "uuid";
import { toJson } from "../../shared/events/penduduk_event.ts";
import { parseNik } from "../../shared/penduduk/nik.ts";
import type { Repository } from "./repository.ts";
import type { StoredPenduduk } from "./stored.ts";

/**
 * Takes a registration back. Resolves, when deletion and event are durable, to who it was, for the audit; undefined
 * when it is not there. Rejects with the database's error, after which the caller may ask again: the second of two
 * cancellations finds nothing.
 */
export async function cancelRegistration(
  { repository, id, traceparent, now }: Cancellation,
): Promise<StoredPenduduk | undefined> {
  const stored = await repository.find(id);
  if (!stored) return undefined;
  // As of the day of the registration: the two digits of the year must mean the century that was counted.
  const parsed = parseNik(stored.nik, stored.createdAt);
  if (parsed.kind === "invalid") throw new Error(`Registry holds a NIK without a birth date in row "${id}"`);
  const { jenisKelamin, tahunLahir } = parsed;
  const eventId = uuidv7({ msecs: now.getTime() });
  const payload = toJson({
    type: "penduduk.dibatalkan",
    id: eventId,
    subject: id,
    time: now,
    traceparent,
    data: { kode: stored.kode, jenisKelamin, tahunLahir },
  });
  const event = { id: eventId, payload, traceparent };
  return await repository.cancel(id, event) ? stored : undefined;
}

export interface Cancellation {
  readonly repository: Repository;
  readonly id: string;
  readonly traceparent: string;
  readonly now: Date;
}
