import type { EventRecord, Group, PartitionBatch, StoredRecord, Topic } from "../ports/event_log.ts";
import {
  activeTrace,
  fail,
  isTracing,
  type Part,
  type Span,
  SpanKind,
  startSpan,
  traceOf,
  within,
} from "./span.ts";
import { readTraceparent, type Trace, traceparent } from "./trace.ts";

/**
 * Sends records, each in a span of its own trace that its `traceparent` then names, so that whoever reads it goes on from
 * there: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/. A dead letter keeps the headers that it
 * failed with.
 */
export async function traceSending(
  system: System,
  topic: Topic,
  records: readonly EventRecord[],
  send: (records: readonly EventRecord[]) => Promise<void>,
): Promise<void> {
  if (!isTracing()) return await send(records);
  const batch = activeTrace();
  const attributes = {
    "messaging.system": system,
    "messaging.destination.name": topic,
    "messaging.operation.name": "send",
    "messaging.operation.type": "send",
  };
  const spans: Span[] = [];
  const traced = records.map((record) => {
    const parent = sampledTraceOf(record);
    const links = batch ? [batch] : [];
    const span = parent &&
      startSpan("event-log", `send ${topic}`, { kind: SpanKind.PRODUCER, attributes, parent, links });
    if (!span) return record;
    spans.push(span);
    return topic === "pendaftaran-events.dlq" ? record : underTrace(record, traceOf(span));
  });
  await ending(spans, () => send(traced));
}

/**
 * Handles each batch under spans that go on with the traces of its records. What is done for all of them at once is
 * seen in the trace of the first, whose span is linked to the others'.
 */
export function traceProcessing(
  system: System,
  group: Group,
  onBatch: (batch: PartitionBatch) => Promise<void>,
): (batch: PartitionBatch) => Promise<void> {
  if (!isTracing()) return onBatch;
  return async function traced(batch) {
    const attributes = {
      "messaging.system": system,
      "messaging.destination.name": batch.topic,
      "messaging.destination.partition.id": String(batch.partition),
      "messaging.consumer.group.name": group,
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
    };
    const parents = batch.records.map(sampledTraceOf);
    const links = parents.flatMap((parent) => parent ?? []).slice(1);
    const spans: Span[] = [];
    for (const [i, record] of batch.records.entries()) {
      const parent = parents[i];
      const span = parent && startSpan(PARTS[group], `process ${batch.topic}`, {
        kind: SpanKind.CONSUMER,
        attributes: { ...attributes, ...(system === "kafka" && { "messaging.kafka.offset": record.offset }) },
        parent,
        ...(spans.length === 0 && { links }),
      });
      if (!span) continue;
      spans.push(span);
      SPANS.set(record, span);
    }
    await ending(spans, () => within(spans[0], () => onBatch(batch)));
  };
}

/** The span under which a record of the batch at hand is processed; whoever is done with it early may end it. */
export function spanOf(record: StoredRecord): Span | undefined {
  return SPANS.get(record);
}

async function ending(spans: readonly Span[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    for (const span of spans) fail(span, error instanceof Error ? error.name : typeof error);
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

function sampledTraceOf({ headers }: EventRecord): Trace | undefined {
  const [, value] = headers.find(([name]) => name === TRACEPARENT) ?? [];
  const trace = value && readTraceparent(DECODER.decode(value));
  return trace?.sampled ? trace : undefined;
}

function underTrace(record: EventRecord, trace: Trace): EventRecord {
  const value = ENCODER.encode(traceparent(trace));
  return {
    ...record,
    headers: record.headers.map((header) => header[0] === TRACEPARENT ? [TRACEPARENT, value] : header),
  };
}

const TRACEPARENT = "traceparent";
const DECODER = new TextDecoder();
const ENCODER = new TextEncoder();
const PARTS: Readonly<Record<Group, Part>> = {
  "statistics-group": "statistics",
  "notification-group": "notification",
};
const SPANS = new WeakMap<StoredRecord, Span>();

/** `messaging.system`: what the event log stands on. */
type System = "kafka" | "postgresql";
