import type { EventLog, EventRecord, Group } from "../../shared/ports/event_log.ts";

export const TOPIC = "pendaftaran-events";
export const GROUP: Group = "statistics-group";

export function publish(log: EventLog, records: readonly EventRecord[]): Promise<void> {
  return log.publish(TOPIC, records, AbortSignal.timeout(30_000));
}

/** Records of as many keys, so that they spread over the partitions. */
export function records(count: number, prefix = ""): readonly EventRecord[] {
  return Array.from({ length: count }, (_, i) => record(`key ${i}`, `${prefix}${i}`));
}

export function record(key: string, value: string): EventRecord {
  const bytes = (text: string) => new TextEncoder().encode(text);
  return { key: bytes(key), value: bytes(value), headers: [] };
}

export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
