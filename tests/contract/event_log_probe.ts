import type { EventLog, EventRecord, Group, PartitionBatch, Topic } from "../../shared/ports/event_log.ts";
import { Bell } from "../../shared/resilience/bell.ts";

/** Remembers what members of a group were given, and lets a test wait for it without sleeping. */
export class Received {
  readonly batches: PartitionBatch[] = [];
  readonly records: ReceivedRecord[] = [];
  readonly #bell = new Bell();

  /** A handler that takes everything in the member's name. */
  by(member: string): OnBatch {
    return (batch) => {
      this.batches.push(batch);
      for (const { key, value, offset } of batch.records) {
        this.records.push({ member, partition: batch.partition, offset, key: text(key), value: text(value) });
      }
      this.#bell.ring();
      return Promise.resolve();
    };
  }

  get members(): readonly string[] {
    return this.records.map((record) => record.member);
  }

  sortedValues(): readonly (string | null)[] {
    return this.records.map((record) => record.value).toSorted();
  }

  /** Resolves when at least so many records were received. */
  count(records: number): Promise<void> {
    return this.until(() => this.records.length >= records, `${records} records were received`);
  }

  async until(holds: () => boolean, what: string): Promise<void> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    while (!holds()) {
      if (deadline.aborted) {
        throw new Error(`Waited in vain until ${what}; there are ${this.records.length} records`);
      }
      await this.#bell.wait(LOOK_MS, deadline);
    }
  }
}

export async function sumOfLag(log: EventLog, topic: Topic, group: Group): Promise<number> {
  return (await log.lag(topic, group)).reduce((sum, { lag }) => sum + lag, 0);
}

/** Asks until the group has committed everything; each question is a round trip, so this does not spin. */
export async function untilCaughtUp(log: EventLog, topic: Topic, group: Group): Promise<void> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  while (await sumOfLag(log, topic, group) > 0) {
    if (deadline.aborted) throw new Error(`Group "${group}" never caught up with "${topic}"`);
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function record(key: string, value: string): EventRecord {
  return { key: bytes(key), value: bytes(value), headers: [] };
}

/** Records of as many keys, so that they spread over the partitions. */
export function records(count: number, prefix = ""): readonly EventRecord[] {
  return Array.from({ length: count }, (_, i) => record(`key ${i}`, `${prefix}${i}`));
}

/** All of a record as one text, for comparing: an adapter may answer any kind of Uint8Array. */
export function plain({ key, value, headers }: EventRecord): string {
  return JSON.stringify([
    key && [...key],
    value && [...value],
    headers.map(([name, value]) => [name, [...value]]),
  ]);
}

export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

export type OnBatch = (batch: PartitionBatch) => Promise<void>;

export interface ReceivedRecord {
  readonly member: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

function text(bytes: Uint8Array | null): string | null {
  return bytes && new TextDecoder().decode(bytes);
}

/** A Kafka group may take several rounds of rebalancing to come to rest on a busy machine. */
const DEADLINE_MS = 60_000;
const LOOK_MS = 100;
