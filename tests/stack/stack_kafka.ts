import type { Admin } from "kafkajs";
import { createClient, type KafkaServers } from "../../shared/adapters/kafka/client.ts";
import type { KafkaEventLogOptions } from "../../shared/adapters/kafka/event_log.ts";
import { variable } from "./variables.ts";

/** The Kafka of the stack, with topics and groups that no other test has. */
export function stackKafka(): TestOptions {
  return {
    brokers: variable("KAFKA_BROKERS").split(","),
    replication: Number(variable("KAFKA_REPLICATION")),
    minInsync: Number(variable("KAFKA_MIN_INSYNC")),
    prefix: `test-${crypto.randomUUID()}.`,
    withinMs: 30_000,
  };
}

/** Deletes the topics and groups of a test, whose members must have left. */
export async function deleteAll({ brokers, prefix }: TestOptions): Promise<void> {
  await withAdmin({ brokers }, async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    const { groups } = await admin.listGroups();
    const left = groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix));
    if (left.length > 0) await admin.deleteGroups(left);
  });
}

export async function withAdmin<T>(servers: KafkaServers, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = createClient(servers).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

export interface TestOptions extends KafkaEventLogOptions {
  readonly prefix: string;
}
