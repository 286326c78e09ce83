import { type Topic, TOPICS } from "../../ports/event_log.ts";
import type { KafkaEventLogOptions } from "./event_log.ts";
import { reachKafka } from "./reach_kafka.ts";

/** The topics that hold records from before this time. It asks for offsets and reads no record. */
export async function topicsWithOlderRecords(
  options: KafkaEventLogOptions,
  before: Date,
): Promise<readonly Topic[]> {
  const { prefix = "" } = options;
  const [, topics] = await reachKafka(options, async (admin) => {
    const there = new Set(await admin.listTopics());
    const older: Topic[] = [];
    for (const topic of TOPICS.filter((topic) => there.has(prefix + topic))) {
      const name = prefix + topic;
      const from = await admin.fetchTopicOffsetsByTimestamp(name, before.getTime());
      const first = new Map(from.map(({ partition, offset }) => [partition, Number(offset)]));
      const ends = await admin.fetchTopicOffsets(name);
      if (ends.some(({ partition, low, high }) => Number(low) < (first.get(partition) ?? Number(high)))) {
        older.push(topic);
      }
    }
    return older;
  });
  return topics;
}
