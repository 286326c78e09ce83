import { Buffer } from "node:buffer";
import { z } from "zod";
import {
  type EventRecord,
  type Group,
  GROUPS,
  type Header,
  type LoggedRecord,
  type Topic,
  TOPICS,
} from "../ports/event_log.ts";
import { type LetterId, parseLetterId } from "./letter_id.ts";

/**
 * A record that a group could not deal with. In the log: key, value and headers of the record to the byte, and behind
 * its headers what is known of the failure, as headers `dlq-*`.
 */
export interface Letter {
  readonly id: LetterId;
  /** As the group got it. */
  readonly record: EventRecord;
  readonly failure: Failure;
}

export interface Failure {
  readonly group: Group;
  /** Where the record lay when it failed first. Undefined for an SMS without its record at hand. */
  readonly origin: Origin | undefined;
  /** How often it was tried, over all replays. */
  readonly attempts: number;
  /** One of the consumer's own words for what can go wrong. */
  readonly code: string;
  /** A sentence without a word of what was in the record. */
  readonly message: string;
  readonly firstFailedAt: Date;
  readonly traceId: string | undefined;
  /** Of the one message that failed, where the record is not at hand or names several. */
  readonly smsId: string | undefined;
}

export interface Origin {
  readonly topic: Topic;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: Date;
}

export function writeLetter(record: EventRecord, failure: Failure): EventRecord {
  return { ...record, headers: [...record.headers, ...write(fieldsOf(failure))] };
}

/** Undefined for a mark, or for what something else wrote there. */
export function readLetter({ partition, offset, key, value, headers }: LoggedRecord): Letter | undefined {
  const block = splitAt(FIRST, headers);
  const parsed = block && Fields.safeParse(block.fields).data;
  const id = parseLetterId(`${partition}-${offset}`);
  if (!block || !parsed || !id) return undefined;
  return { id, record: { key, value, headers: block.before }, failure: toFailure(parsed) };
}

/** The headers from the last of this name on, as fields, and those before it. */
export function splitAt(name: string, headers: readonly Header[]): Block | undefined {
  const at = headers.findLastIndex((header) => header[0] === name);
  if (at < 0) return undefined;
  const fields = headers.slice(at).map(([name, value]) => [name, Buffer.from(value).toString()]);
  return { before: headers.slice(0, at), fields: Object.fromEntries(fields) };
}

export function write(fields: Readonly<Record<string, string | undefined>>): readonly Header[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Buffer.from(value)] as const]
  );
}

export function fieldsOf(failure: Failure): Readonly<Record<FieldName, string | undefined>> {
  const { origin, group, attempts, code, message, firstFailedAt, traceId, smsId } = failure;
  return {
    // First, for where it stands the record's own headers end.
    [FIRST]: origin?.topic ?? "pendaftaran-events",
    "dlq-original-partition": origin?.partition.toString(),
    "dlq-original-offset": origin?.offset.toString(),
    "dlq-original-timestamp": origin?.timestamp.toISOString(),
    "dlq-consumer-group": group,
    "dlq-attempts": attempts.toString(),
    "dlq-error-code": code,
    "dlq-error-message": message,
    "dlq-first-failed-at": firstFailedAt.toISOString(),
    "dlq-trace-id": traceId,
    "dlq-sms-id": smsId,
  };
}

const FIRST = "dlq-original-topic";

const count = z.string().regex(/^\d{1,15}$/).transform(Number);
const instant = z.iso.datetime().transform((text) => new Date(text));

export const Fields = z.object({
  [FIRST]: z.enum(TOPICS),
  "dlq-original-partition": count.optional(),
  "dlq-original-offset": count.optional(),
  "dlq-original-timestamp": instant.optional(),
  "dlq-consumer-group": z.enum(GROUPS),
  "dlq-attempts": count,
  "dlq-error-code": z.string(),
  "dlq-error-message": z.string(),
  "dlq-first-failed-at": instant,
  "dlq-trace-id": z.string().optional(),
  "dlq-sms-id": z.string().optional(),
});

type FieldName = keyof z.output<typeof Fields>;

export function toFailure(fields: z.output<typeof Fields>): Failure {
  const {
    [FIRST]: topic,
    "dlq-original-partition": partition,
    "dlq-original-offset": offset,
    "dlq-original-timestamp": timestamp,
  } = fields;
  const known = partition !== undefined && offset !== undefined && timestamp !== undefined;
  return {
    group: fields["dlq-consumer-group"],
    origin: known ? { topic, partition, offset, timestamp } : undefined,
    attempts: fields["dlq-attempts"],
    code: fields["dlq-error-code"],
    message: fields["dlq-error-message"],
    firstFailedAt: fields["dlq-first-failed-at"],
    traceId: fields["dlq-trace-id"],
    smsId: fields["dlq-sms-id"],
  };
}

interface Block {
  readonly before: readonly Header[];
  readonly fields: Readonly<Record<string, string>>;
}
