import { decode } from "../../../shared/events/penduduk_event.ts";
import { openPersonal } from "../../../shared/events/sealed.ts";
import type { EventLog } from "../../../shared/ports/event_log.ts";
import type { KeyRing } from "../../../shared/security/key_ring.ts";

/**
 * How many messages came to their officer before one of an earlier record of the same partition. Between partitions
 * there is no order.
 */
export async function misplaced(
  eventLog: EventLog,
  accepted: readonly { readonly to: string; readonly body: string }[],
  keys: KeyRing,
  signal: AbortSignal,
): Promise<number> {
  const places = await placesOf(eventLog, keys, signal);
  const reached = new Map<string, number>();
  let wrong = 0;
  for (const { to, body } of accepted) {
    const place = places.get(/: (.*) \(/.exec(body)?.[1] ?? "");
    if (!place) throw new Error("Messages API took a message of no event");
    const lane = `${to} ${place.partition}`;
    const before = reached.get(lane) ?? -1;
    if (place.offset < before) wrong++;
    reached.set(lane, Math.max(before, place.offset));
  }
  return wrong;
}

/** By the name of the person. */
async function placesOf(eventLog: EventLog, keys: KeyRing, signal: AbortSignal): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for await (const { partition, offset, value } of eventLog.read("pendaftaran-events", signal)) {
    const decoded = decode(value);
    if (decoded.kind !== "event" || decoded.event.type !== "penduduk.terdaftar") continue;
    const opened = openPersonal(decoded.event.data.personal, keys);
    if (opened.kind === "opened") places.set(opened.personal.nama, { partition, offset });
  }
  return places;
}

interface Place {
  readonly partition: number;
  readonly offset: number;
}
