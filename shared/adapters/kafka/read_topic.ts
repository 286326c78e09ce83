import type { Admin, Batch } from "kafkajs";
import type { KafkaAccess } from "./reach_kafka.ts";

/**
 * The batches of a topic from its beginning to where it ends now, those of one partition in their order, by a group of
 * its own that is deleted afterwards. Rejects when the signal aborts before the end.
 */
export async function* readTopic(
  access: KafkaAccess,
  { topic, prefix, signal }: Reading,
): AsyncGenerator<Batch> {
  signal.throwIfAborted();
  const unread = await endsOf(access, topic);
  if (unread.size === 0) return;
  const group = `${prefix}read-${crypto.randomUUID()}`;
  // Holds one batch back: Kafka is read as fast as whoever reads here.
  const { readable, writable } = new TransformStream<Batch, Batch>();
  const writer = writable.getWriter();
  const fail = (error: unknown) => void writer.abort(error).catch(() => {});
  const onAbort = () => fail(signal.reason);
  signal.addEventListener("abort", onAbort);
  const consumer = access.newClient().consumer({
    groupId: group,
    maxWaitTimeInMs: 100,
    retry: { restartOnFailure: () => Promise.resolve(false) },
  });
  consumer.on("consumer.crash", ({ payload }) => fail(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: ({ batch }) => writer.write(batch) });
    for await (const batch of readable) {
      yield batch;
      if (Number(batch.lastOffset()) + 1 >= (unread.get(batch.partition) ?? Infinity)) {
        unread.delete(batch.partition);
      }
      if (unread.size === 0) return;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    await consumer.disconnect();
    await withAdmin(access, (admin) => admin.deleteGroups([group]));
  }
}

/** The offset behind the last record of each partition that holds any. */
async function endsOf(access: KafkaAccess, topic: string): Promise<Map<number, number>> {
  const ends = await withAdmin(access, (admin) => admin.fetchTopicOffsets(topic));
  return new Map(
    ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, Number(high)]),
  );
}

async function withAdmin<T>(access: KafkaAccess, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = access.newClient().admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export interface Reading {
  /** What Kafka calls the topic. */
  readonly topic: string;
  readonly prefix: string;
  readonly signal: AbortSignal;
}
