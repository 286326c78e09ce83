import type { Admin } from "kafkajs";
import type { PartitionLag } from "../../ports/event_log.ts";

/** A group that has committed nothing in a partition has before it all that is there. */
export async function lagOf(admin: Admin, topic: string, group: string): Promise<readonly PartitionLag[]> {
  // In this order: what is committed in between makes no lag below 0.
  const [ofTopic] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const ends = await admin.fetchTopicOffsets(topic);
  const committed = new Map(ofTopic?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  return ends.map(({ partition, low, high }) => ({
    partition,
    lag: Number(high) - Math.max(Number(low), committed.get(partition) ?? -1),
  })).sort((a, b) => a.partition - b.partition);
}
