import { type EventLog, type Group, type Topic, TOPICS } from "../../ports/event_log.ts";
import { untilAborted } from "../../resilience/until_aborted.ts";
import { traceProcessing, traceSending } from "../../telemetry/messaging.ts";
import { toRecord } from "./batch.ts";
import { PATIENTLY } from "./client.ts";
import { createConsumer, type KafkaConsumer } from "./consumer.ts";
import { lagOf } from "./lag.ts";
import { createPublisher, type Publisher } from "./publisher.ts";
import { reachKafka, type ReachOptions } from "./reach_kafka.ts";
import { readTopic } from "./read_topic.ts";
import { ensureTopics } from "./topics.ts";

/**
 * The event log on Apache Kafka 3.1 or later. Creates its topics where they are missing. Rejects with `Unusable`, in one
 * sentence that names the variable to look at, when Kafka cannot be reached or cannot keep what is asked of it.
 * kafkajs fetches from a broker when all that it fetched there before is dealt with: a handler that works long keeps the
 * next batches of other partitions of that broker waiting, one that rejects does not.
 */
export async function openKafkaEventLog(options: KafkaEventLogOptions): Promise<EventLog> {
  const { prefix = "", drainMs = 5_000, sessionMs = 10_000 } = options;
  const nameOf = (name: Topic | Group) => prefix + name;
  const [access, partitions] = await reachKafka(options, async (admin, access, signal) => {
    const partitions = await ensureTopics(admin, layoutOf(options), signal);
    await access.topicId(nameOf("pendaftaran-events"));
    return partitions;
  });
  const partitionsOf = (topic: Topic) => partitions.get(nameOf(topic)) ?? 0;
  const admin = access.newClient().admin();
  await admin.connect();
  const publisherOf = (topic: Topic): Publisher =>
    createPublisher({
      newProducer: (config) => access.newClient(PATIENTLY).producer(config),
      topic: nameOf(topic),
      partitions: partitionsOf(topic),
    });
  const publishers: Record<Topic, Publisher> = {
    "pendaftaran-events": publisherOf("pendaftaran-events"),
    "pendaftaran-events.dlq": publisherOf("pendaftaran-events.dlq"),
  };
  const consumers: KafkaConsumer[] = [];

  return {
    publish: (topic, records, signal) =>
      traceSending("kafka", topic, records, (traced) => publishers[topic].publish(traced, signal)),
    consume(topic, group, handle) {
      const onBatch = traceProcessing("kafka", group, handle);
      const names = { topic, kafkaTopic: nameOf(topic), group: nameOf(group) };
      const consumer = createConsumer({
        ...{ ...names, access, admin, onBatch, drainMs, sessionMs, partitions: partitionsOf(topic) },
      });
      consumers.push(consumer);
      return consumer;
    },
    lag: (topic, group) =>
      untilAborted(lagOf(admin, nameOf(topic), nameOf(group)), AbortSignal.timeout(LAG_MS)),
    async *read(topic, signal) {
      for await (
        const { partition, messages } of readTopic(access, { topic: nameOf(topic), prefix, signal })
      ) {
        for (const message of messages) yield { ...toRecord(message), partition };
      }
    },
    async check(signal) {
      signal.throwIfAborted();
      const failure = consumers.map((consumer) => consumer.failure()).find((failure) =>
        failure !== undefined
      );
      if (failure !== undefined) throw new Error(`Consumer is not in its group: ${failure}`);
      await untilAborted(admin.fetchTopicMetadata({ topics: TOPICS.map(nameOf) }), signal);
    },
    async close() {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await Promise.all(Object.values(publishers).map((publisher) => publisher.close()));
      await admin.disconnect();
    },
  };
}

const LAG_MS = 10_000;

function layoutOf(options: KafkaEventLogOptions) {
  const { prefix = "", partitions = 10, replication = 1, minInsync = 1 } = options;
  const { retentionDays = 30, deadLetterRetentionDays = 90 } = options;
  const topics = TOPICS.map((topic) => ({
    name: prefix + topic,
    retentionDays: topic === "pendaftaran-events.dlq" ? deadLetterRetentionDays : retentionDays,
  }));
  return { topics, partitions, replication, minInsync };
}

export interface KafkaEventLogOptions extends ReachOptions {
  /** Of topics that are made now, and the least that one which is there must have; 10 unless told. */
  readonly partitions?: number;
  /** The same for the copies of each partition; 1 unless told. */
  readonly replication?: number;
  /** The same for the copies that must hold a record before it counts as written; 1 unless told. */
  readonly minInsync?: number;
  /** Of topics that are made now: 30 unless told, and 90 for the dead letters. */
  readonly retentionDays?: number;
  readonly deadLetterRetentionDays?: number;
  /** Stands before the names of topics and groups, so that several systems can share one Kafka. */
  readonly prefix?: string;
  /** Milliseconds that running handlers get to end when the member stops or the group wants partitions back. */
  readonly drainMs?: number;
  /** Milliseconds of silence after which a group gives a member's partitions to others; 10,000 unless told. */
  readonly sessionMs?: number;
}
