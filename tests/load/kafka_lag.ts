import { createClient } from "../../shared/adapters/kafka/client.ts";
import { lagOf } from "../../shared/adapters/kafka/lag.ts";

/** Reads how many records of a topic wait for a group, over all partitions. */
export async function openLag(brokers: string): Promise<LagReader> {
  const admin = createClient({ brokers: brokers.split(",") }).admin();
  await admin.connect();
  return {
    async of(topic, group) {
      return (await lagOf(admin, topic, group)).reduce((sum, { lag }) => sum + lag, 0);
    },
    async skip(topic, group) {
      // Not by resetOffsets: that would leave out what comes until the group's first member joins, too.
      const ends = await admin.fetchTopicOffsets(topic);
      const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
      await admin.setOffsets({ groupId: group, topic, partitions });
    },
    async end(topic) {
      const ends = await admin.fetchTopicOffsets(topic);
      return ends.reduce((sum, { high }) => sum + Number(high), 0);
    },
    close: () => admin.disconnect(),
  };
}

export interface LagReader {
  of(topic: string, group: string): Promise<number>;
  /** Lets a group that has no member begin behind all that is there. */
  skip(topic: string, group: string): Promise<void>;
  /** How many records the topic ever took. */
  end(topic: string): Promise<number>;
  close(): Promise<void>;
}
