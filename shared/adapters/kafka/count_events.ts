import { createHash } from "node:crypto";
import type { Batch } from "kafkajs";
import type { Topic } from "../../ports/event_log.ts";
import { untilAborted } from "../../resilience/until_aborted.ts";
import type { KafkaEventLogOptions } from "./event_log.ts";
import { type KafkaAccess, reachKafka } from "./reach_kafka.ts";

/**
 * Events in the log. Those that were written twice, around a crash of the relay or of a broker, are the same to the byte
 * and count once. Reads all that is there by a group of its own, and rejects when the signal aborts before the end.
 */
export async function countKafkaEvents(
  options: KafkaEventLogOptions,
  topic: Topic = "pendaftaran-events",
  signal: AbortSignal = AbortSignal.timeout(60_000),
): Promise<number> {
  const { prefix = "" } = options;
  const name = prefix + topic;
  const [access, ends] = await reachKafka({ ...options, signal }, (admin) => admin.fetchTopicOffsets(name));
  const unread = new Map<number, number>();
  for (const { partition, low, high } of ends) if (low !== high) unread.set(partition, Number(high));
  const events = new Set<string>();
  const read = (batch: Batch) => {
    for (const { value } of batch.messages) {
      if (value) events.add(createHash("sha256").update(value).digest("base64"));
    }
    if (Number(batch.lastOffset()) + 1 >= (unread.get(batch.partition) ?? Infinity)) {
      unread.delete(batch.partition);
    }
    return unread.size === 0;
  };
  if (unread.size > 0) {
    await readAll(access, { topic: name, group: `${prefix}count-${crypto.randomUUID()}`, read, signal });
  }
  return events.size;
}

/** Reads the topic from its beginning until `read` says that this was the last. */
async function readAll(access: KafkaAccess, { topic, group, read, signal }: Reading): Promise<void> {
  const over = Promise.withResolvers<Error | undefined>();
  const consumer = access.newClient().consumer({
    groupId: group,
    maxWaitTimeInMs: 100,
    retry: { restartOnFailure: () => Promise.resolve(false) },
  });
  consumer.on("consumer.crash", ({ payload }) => over.resolve(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch({ batch }) {
        if (read(batch)) over.resolve(undefined);
        return Promise.resolve();
      },
    });
    const error = await untilAborted(over.promise, signal);
    if (error) throw error;
  } finally {
    await consumer.disconnect();
    await deleteGroup(access, group);
  }
}

async function deleteGroup(access: KafkaAccess, group: string): Promise<void> {
  const admin = access.newClient().admin();
  await admin.connect();
  try {
    await admin.deleteGroups([group]);
  } finally {
    await admin.disconnect();
  }
}

interface Reading {
  readonly topic: string;
  readonly group: string;
  readonly read: (batch: Batch) => boolean;
  readonly signal: AbortSignal;
}
