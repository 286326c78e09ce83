import type { EventLog, EventRecord, Group, Header, StoredRecord, Topic } from "../ports/event_log.ts";

/** Where records go that a consumer cannot deal with, so that they neither block the line nor get lost. */
export interface DeadLetters {
  /**
   * Resolves when the letter is durable; rejects when it may not be, and then the record must not be committed. A
   * record that is delivered again may leave a second letter: the two name the same origin.
   */
  send(record: StoredRecord, origin: Origin, cause: Cause, signal: AbortSignal): Promise<void>;
}

/** Letters keep key, value and headers of the record to the byte; what is known of them follows in headers `dlq-*`. */
export function deadLetters(eventLog: EventLog, now: () => Date = () => new Date()): DeadLetters {
  return {
    send: (record, origin, cause, signal) =>
      eventLog.publish("pendaftaran-events.dlq", [letter(record, origin, cause, now())], signal),
  };
}

export interface Origin {
  readonly topic: Topic;
  readonly partition: number;
  readonly group: Group;
}

export interface Cause {
  /** One of the consumer's own words for what can go wrong, never the text of an error: that may quote the data. */
  readonly code: string;
  /** How often the record was tried. */
  readonly attempts: number;
  readonly traceId?: string;
}

// A letter that was replayed and failed again has these headers twice: the last of each name is of now.
function letter(record: StoredRecord, origin: Origin, cause: Cause, now: Date): EventRecord {
  return {
    key: record.key,
    value: record.value,
    headers: [
      ...record.headers,
      header("dlq-original-topic", origin.topic),
      header("dlq-original-partition", String(origin.partition)),
      header("dlq-original-offset", String(record.offset)),
      header("dlq-original-timestamp", record.timestamp.toISOString()),
      header("dlq-consumer-group", origin.group),
      header("dlq-attempts", String(cause.attempts)),
      header("dlq-error-code", cause.code),
      header("dlq-first-failure", now.toISOString()),
      ...(cause.traceId === undefined ? [] : [header("dlq-trace-id", cause.traceId)]),
    ],
  };
}

function header(name: string, value: string): Header {
  return [name, new TextEncoder().encode(value)];
}
