import type { ConsumerGroupJoinEvent, EachBatchPayload } from "kafkajs";
import type { PartitionBatch, Topic } from "../../ports/event_log.ts";
import { backoffMs, sleep } from "../../resilience/backoff.ts";
import { workOn } from "./batch.ts";
import { type Hold, hold } from "./hold.ts";
import { Incarnation } from "./incarnation.ts";
import type { KafkaAccess } from "./reach_kafka.ts";

/** Takes part in a group until `stop` aborts, and then leaves it. Rejects when kafkajs gives up. */
export async function takePart(options: MemberOptions): Promise<void> {
  const { access, name, group, partitions, sessionMs, drainMs, stop } = options;
  const consumer = access.newClient().consumer({
    groupId: group,
    sessionTimeout: sessionMs,
    heartbeatInterval: Math.min(1_000, sessionMs / 3),
    rebalanceTimeout: REBALANCE_MS,
    maxWaitTimeInMs: 300,
    allowAutoTopicCreation: false,
    retry: { retries: 5, restartOnFailure: () => Promise.resolve(false) },
  });
  const incarnation = new Incarnation(() => access.topicId(name));
  const holds = new Set<Hold>();
  const failures = new Map<number, number>();
  const over = Promise.withResolvers<Error | undefined>();
  let memberId = "";
  let heardAt = 0;

  consumer.on("consumer.group_join", ({ payload }) => {
  });
}
