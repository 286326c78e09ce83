import { getLogger } from "@logtape/logtape";
import type { EachBatchPayload, KafkaMessage } from "kafkajs";
import type { PartitionBatch, StoredRecord, Topic } from "../../ports/event_log.ts";
import { fromKafkaHeaders } from "./headers.ts";
import type { Hold } from "./hold.ts";

/**
 * Hands what kafkajs fetched from a partition to the handler, at most `BATCH_RECORDS` at once, and commits each part that
 * was dealt with. Rejects only when that commit fails: at an error of the handler, kafkajs would leave the group and
 * join it again for ever.
 */
export async function workOn(payload: EachBatchPayload, held: Hold, work: Work): Promise<Outcome> {
  const { batch: { topic, partition, messages }, commitOffsetsIfNecessary, resolveOffset } = payload;
  for (let i = 0; i < messages.length; i += BATCH_RECORDS) {
    const records = messages.slice(i, i + BATCH_RECORDS).map(toRecord);
    const next = (records.at(-1)?.offset ?? 0) + 1;
    await work.whilePaused(held.leaving);
    if (held.leaving.aborted) return "left";
    const outcome = await handle(records, held, work);
    if (outcome !== "done") return outcome;
    if (held.isLost()) return "left";
    // The metadata tells whoever comes next in which incarnation of the topic this is an offset.
    const committed = { partition, offset: String(next), metadata: work.epoch };
    await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [committed] }] });
    if (!held.isLost()) resolveOffset(String(next - 1));
  }
  return "done";
}

async function handle(records: readonly StoredRecord[], held: Hold, work: Work): Promise<Outcome> {
  const { topic, epoch, group, onBatch } = work;
  const { partition, ending: signal } = held;
  const heartbeat = async () => {
    signal.throwIfAborted();
    await held.beat();
    signal.throwIfAborted();
  };
  const handling = async (): Promise<Outcome> => {
    try {
      await onBatch({ topic, epoch, partition, records, signal, heartbeat });
      return "done";
    } catch (error) {
      if (signal.aborted) return "left";
      // Without the message: a handler may quote the record in it.
      const name = error instanceof Error ? error.name : typeof error;
      log.warn("Handler of {group} failed on partition {partition}: {name}", { group, partition, name });
      return "failed";
    }
  };
  const abandoned = async (): Promise<Outcome> => {
    await held.abandoned;
    log.warn("Left behind a handler of {group} that did not end in time", { group, partition });
    return "left";
  };
  return await Promise.race([handling(), abandoned()]);
}

export function toRecord(message: KafkaMessage): StoredRecord {
  return {
    offset: Number(message.offset),
    timestamp: new Date(Number(message.timestamp)),
    key: message.key,
    value: message.value,
    headers: fromKafkaHeaders(message),
  };
}

export interface Work {
  readonly topic: Topic;
  readonly epoch: string;
  /** For the log. */
  readonly group: string;
  readonly onBatch: (batch: PartitionBatch) => Promise<void>;
  /** Resolves when the consumer is not paused, or when the signal aborts. */
  readonly whilePaused: (signal: AbortSignal) => Promise<void>;
}

export type Outcome =
  | "done"
  /** By the handler, which must get the same again. */
  | "failed"
  /** The member stops, or must hand over the partition. */
  | "left";

const BATCH_RECORDS = 2_000;

const log = getLogger(["kependudukan", "event-log"]);
