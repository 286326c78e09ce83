import { getLogger } from "@logtape/logtape";
import type { DeadLetters } from "../../shared/dead_letters/dead_letters.ts";
import { readReplay, recordsFor } from "../../shared/dead_letters/replay.ts";
import {
  decode,
  type PendudukEvent,
  POISON,
  type PoisonCode,
  registeredAt,
} from "../../shared/events/penduduk_event.ts";
import { readOutboxSeq } from "../../shared/events/outbox_seq.ts";
import type {
  Consumer,
  EventLog,
  Group,
  PartitionBatch,
  StoredRecord,
  Topic,
} from "../../shared/ports/event_log.ts";
import type { Applied, CountableEvent, StatisticsStore } from "../../shared/ports/statistics_store.ts";
import { type InPlaceOptions, tryInPlace } from "../../shared/resilience/in_place.ts";

/**
 * Counts the registrations and cancellations of the event log. Whatever fails, the batch comes again: the store knows what it has
 * counted. So counting goes first, and a letter, which the dead letters would take twice, is sent after it.
 */
export function statisticsConsumer(
  { eventLog, store, deadLetters, inPlace, observe = () => {}, now = Date.now }: ConsumerContext,
): Consumer {
  return eventLog.consume(TOPIC, GROUP, async (batch) => {
    const { events, poison, times } = read(recordsFor(GROUP, batch.records));
    const applied = await count(batch, events);
    // Clocks of two machines differ.
    const ages = times.map((time) => Math.max(0, now() - time.getTime()) / 1000);
    for (const { record, code } of poison) {
      await bury(batch, record, code);
      await batch.heartbeat();
    }
    observe({ ...applied, poison: poison.length, ages });
  });

  // A store that is away fails every event alike, and one that fails may have counted all the same: such events wait
  // in the log, which gives the batch back after a back-off, and none becomes a letter.
  async function count(
    { epoch, partition, signal, heartbeat }: PartitionBatch,
    events: readonly CountableEvent[],
  ): Promise<Applied> {
    const apply = () => store.apply({ epoch, partition, events });
    const tried = await tryInPlace(apply, signal, { heartbeat, ...inPlace });
    if (tried.kind === "exhausted") throw tried.error;
    return tried.value;
  }

  async function bury(batch: PartitionBatch, record: StoredRecord, code: PoisonCode): Promise<void> {
    await deadLetters.send(record, batch, { code, message: POISON[code], attempts: 1 }, batch.signal);
    const { partition } = batch;
    log.warn("Sent a record to the dead letters: {code}", { code, partition, offset: record.offset });
  }
}

function read(records: readonly StoredRecord[]): Read {
  const read: Read = { events: [], poison: [], times: [] };
  for (const record of records) {
    const decoded = decode(record.value);
    if (decoded.kind === "event") {
      read.events.push(countable(record, decoded.event));
      // A replay would tell nothing of how fast we are.
      if (!readReplay(record)) read.times.push(decoded.event.time);
    } else read.poison.push({ record, code: decoded.code });
  }
  return read;
}

function countable({ offset, headers }: StoredRecord, event: PendudukEvent): CountableEvent {
  const { kode, jenisKelamin, tahunLahir } = event.data;
  const seq = readOutboxSeq(headers);
  return {
    offset,
    id: event.id,
    change: event.type === "penduduk.terdaftar" ? 1 : -1,
    kode,
    jenisKelamin,
    tahunLahir,
    registeredAt: registeredAt(event),
    ...(seq !== undefined && { seq }),
  };
}

const TOPIC: Topic = "pendaftaran-events";
const GROUP: Group = "statistics-group";

const log = getLogger(["kependudukan", "statistics"]);

export interface ConsumerContext {
  readonly eventLog: EventLog;
  readonly store: Pick<StatisticsStore, "apply">;
  readonly deadLetters: Pick<DeadLetters, "send">;
  readonly inPlace?: InPlaceOptions;
  /** Told of each batch that is done. */
  readonly observe?: (seen: BatchCounts) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface BatchCounts extends Applied {
  readonly poison: number;
  /** Seconds from each change of the registry to its count, but for replays. */
  readonly ages: readonly number[];
}

interface Read {
  readonly events: CountableEvent[];
  readonly poison: Poison[];
  readonly times: Date[];
}

interface Poison {
  readonly record: StoredRecord;
  readonly code: PoisonCode;
}
