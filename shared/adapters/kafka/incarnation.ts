import { getLogger } from "@logtape/logtape";
import type { Admin, Consumer } from "kafkajs";
import { codeOf } from "./diagnosis.ts";
import type { KafkaAccess } from "./reach_kafka.ts";

/**
 * A topic that is deleted and created anew has another id, and begins again at offset 0. Kafka forgets what groups had
 * committed in it, but a member that did not notice may commit more. So each commit bears the id that its member knew,
 * and where that is another one, the partition is read from its beginning.
 */
export async function rewindStale(place: Place, id: string, partitions: readonly number[]): Promise<void> {
  const { admin, consumer, topic, group } = place;
  const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  for (const { partition, metadata } of committed?.partitions ?? []) {
    const isStale = metadata && metadata !== id;
    if (isStale && partitions.includes(partition)) consumer.seek({ topic, partition, offset: "0" });
  }
}

/** Whether the topic has another id by now. */
export async function isMadeAnew(access: KafkaAccess, topic: string, id: string): Promise<boolean> {
  try {
    return await access.topicId(topic) !== id;
  } catch (error) {
    // When Kafka is away, or the topic, kafkajs finds out as well.
    log.debug("Cannot look for topic {topic}: {code}", { topic, code: codeOf(error) });
    return false;
  }
}

interface Place {
  readonly admin: Admin;
  readonly consumer: Consumer;
  readonly topic: string;
  readonly group: string;
}

/** The topic is not the one any more that it was when the member began. */
export class TopicMadeAnew extends Error {
  override readonly name = "TopicMadeAnew";
  constructor(topic: string) {
    super(`Topic "${topic}" was made anew`);
  }
}

const log = getLogger(["kependudukan", "event-log"]);
