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
    skip: (topic, group) => admin.resetOffsets({ groupId: group, topic, earliest: false }),
    close: () => admin.disconnect(),
  };
}

export interface LagReader {
  of(topic: string, group: string): Promise<number>;
  /** Lets a group that has no member begin behind all that is there. */
  skip(topic: string, group: string): Promise<void>;
  close(): Promise<void>;
}
