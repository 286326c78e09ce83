/**
 * A durable log of events: ordered per key, delivered at least once, with committed offsets per group.
 * Keys, values and headers are bytes, so that a record nobody can read still reaches the dead letters untouched.
 */
export interface EventLog {
  /**
   * Resolves when every record is durable; rejects when at least one may not be, with `RecordsRefused` when waiting does
   * not help.
   */
  publish(topic: Topic, records: readonly EventRecord[], signal: AbortSignal): Promise<void>;
  /**
   * A member of `group`. The offset moves only after `onBatch` resolves. When it rejects, the same records come
   * again after a back-off with full jitter, for as long as the consumer runs: poison must be dealt with inside.
   */
  consume(topic: Topic, group: Group, onBatch: (batch: PartitionBatch) => Promise<void>): Consumer;
  /** Records written and not yet committed by the group, for each partition. */
  lag(topic: Topic, group: Group): Promise<readonly PartitionLag[]>;
  /**
   * What the topic holds at the time of the call, those of one partition in their order, for people and reports: no
   * group, nothing is committed. Rejects when the signal aborts.
   */
  read(topic: Topic, signal: AbortSignal): AsyncIterable<LoggedRecord>;
  /** Rejects with the reason when the log cannot be reached. */
  check(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The log will never take at least one of the records, for what it is: too large, or against a rule of the topic. */
export class RecordsRefused extends Error {
  override readonly name = "RecordsRefused";
  /** `code` is the log's own word for it; no error text, which may quote a record. */
  constructor(readonly code: string, options?: ErrorOptions) {
    super(`Event log refuses records: ${code}`, options);
  }
}

export const TOPICS = ["pendaftaran-events", "pendaftaran-events.dlq"] as const;
export type Topic = typeof TOPICS[number];
export const GROUPS = ["statistics-group", "notification-group"] as const;
export type Group = typeof GROUPS[number];

export type Header = readonly [name: string, value: Uint8Array];

export interface EventRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** In order; a name may come twice, as in Kafka. */
  readonly headers: readonly Header[];
}

export interface StoredRecord extends EventRecord {
  /** Dense and rising within one partition of one epoch. */
  readonly offset: number;
  readonly timestamp: Date;
}

export interface LoggedRecord extends StoredRecord {
  readonly partition: number;
}

export interface PartitionBatch {
  readonly topic: Topic;
  /** Names this incarnation of the topic: offsets start again when a topic is created anew. */
  readonly epoch: string;
  readonly partition: number;
  /** At least one, by rising offset. */
  readonly records: readonly StoredRecord[];
  /** Aborts when the consumer stops or loses the partition: start nothing new after that. */
  readonly signal: AbortSignal;
  /** Call between long steps, so that the group does not take the member for dead. */
  heartbeat(): Promise<void>;
}

export interface PartitionLag {
  readonly partition: number;
  readonly lag: number;
}

export interface Consumer {
  start(): Promise<void>;
  /** Resolves when the running batches are done or aborted and nothing of this member runs any more. */
  stop(): Promise<void>;
  pause(): void;
  resume(): void;
}
