import { getLogger } from "@logtape/logtape";
import { decode, type PendudukEvent, type PoisonCode } from "../../shared/events/penduduk_event.ts";
import type {
  Consumer,
  EventLog,
  Group,
  PartitionBatch,
  StoredRecord,
  Topic,
} from "../../shared/ports/event_log.ts";
import type { Applied, CountableEvent, StatisticsStore } from "../../shared/ports/statistics_store.ts";
import type { DeadLetters } from "../../shared/resilience/dead_letters.ts";

/**
 * Counts the registrations and cancellations of the event log. Whatever fails, the batch comes again: the store knows what it has
 * counted. So counting goes first, and a letter, which the dead letters would take twice, is sent after it.
 */
export function statisticsConsumer(
  { eventLog, store, deadLetters, observe = () => {} }: ConsumerContext,
): Consumer {
  return eventLog.consume(TOPIC, GROUP, async (batch) => {
    const { events, poison } = read(batch.records);
    const { epoch, partition } = batch;
    const applied = await store.apply({ epoch, partition, events });
    for (const { record, code } of poison) {
      await bury(batch, record, code);
      await batch.heartbeat();
    }
    observe({ ...applied, poison: poison.length });
  });

  async function bury(
    { partition, signal }: PartitionBatch,
    record: StoredRecord,
    code: PoisonCode,
  ): Promise<void> {
    const traceId = traceIdOf(record);
    const cause = { code, attempts: 1, ...(traceId !== undefined && { traceId }) };
    await deadLetters.send(record, { topic: TOPIC, partition, group: GROUP }, cause, signal);
    log.warn("Sent a record to the dead letters: {code}", {
      code,
      partition,
      offset: record.offset,
      traceId,
    });
  }
}

function read(records: readonly StoredRecord[]): { events: CountableEvent[]; poison: Poison[] } {
  const events: CountableEvent[] = [];
  const poison: Poison[] = [];
  for (const record of records) {
    const decoded = decode(record.value);
    if (decoded.kind === "event") events.push(countable(record, decoded.event));
    else poison.push({ record, code: decoded.code });
  }
  return { events, poison };
}

function countable({ offset }: StoredRecord, { id, type, data }: PendudukEvent): CountableEvent {
  const { kode, jenisKelamin, tahunLahir } = data;
  const change = type === "penduduk.terdaftar" ? 1 : -1;
  return { offset, id, change, kode, jenisKelamin, tahunLahir };
}

/** From the header, since the value of a poisoned record cannot be read. */
function traceIdOf({ headers }: StoredRecord): string | undefined {
  const [, traceparent] = headers.find(([name]) => name === "traceparent") ?? [];
  return traceparent && new TextDecoder().decode(traceparent).match(/^[0-9a-f]{2}-([0-9a-f]{32})-/)?.[1];
}

const TOPIC: Topic = "pendaftaran-events";
const GROUP: Group = "statistics-group";

const log = getLogger(["kependudukan", "statistics"]);

export interface ConsumerContext {
  readonly eventLog: EventLog;
  readonly store: Pick<StatisticsStore, "apply">;
  readonly deadLetters: DeadLetters;
  /** Told of each batch that is done. */
  readonly observe?: (seen: BatchCounts) => void;
}

export interface BatchCounts extends Applied {
  readonly poison: number;
}

interface Poison {
  readonly record: StoredRecord;
  readonly code: PoisonCode;
}
