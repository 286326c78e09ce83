import { getLogger } from "@logtape/logtape";
import type { Admin, EachBatchPayload } from "kafkajs";
import { backoffMs, sleep } from "../../resilience/backoff.ts";
import { type Outcome, type Work, workOn } from "./batch.ts";
import { PATIENTLY } from "./client.ts";
import { codeOf } from "./diagnosis.ts";
import { rewindStale, TopicMadeAnew } from "./incarnation.ts";
import { Membership } from "./membership.ts";
import type { KafkaAccess } from "./reach_kafka.ts";

/** Takes part in the group until `stop` aborts, and then leaves it. Rejects when only a new member can go on. */
export async function takePart(options: MemberOptions): Promise<void> {
  const { access, admin, kafkaTopic: topic, group, sessionMs, drainMs, stop } = options;
  const epoch = await access.topicId(topic);
  const heartbeatMs = Math.min(1_000, sessionMs / 3);
  const membership = new Membership({ sessionMs, heartbeatMs, drainMs });
  const consumer = access.newClient(PATIENTLY).consumer({
    groupId: group,
    sessionTimeout: sessionMs,
    heartbeatInterval: heartbeatMs,
    rebalanceTimeout: 30_000,
    maxWaitTimeInMs: 300,
    allowAutoTopicCreation: false,
    retry: { retries: PATIENTLY, restartOnFailure: () => Promise.resolve(false) },
  });
  const over = Promise.withResolvers<{ readonly error?: unknown }>();
  const failures = new Map<number, number>();
  let begun = Promise.resolve(false);

  /** Whether what is fetched from now on is to be handled. */
  async function begin(partitions: readonly number[]): Promise<boolean> {
    try {
      if (await access.topicId(topic) !== epoch) throw new TopicMadeAnew(topic);
      await rewindStale({ admin, consumer, topic, group }, epoch, partitions);
      return true;
    } catch (error) {
      over.resolve({ error });
      return false;
    }
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    if (!await begun || stop.aborted || payload.isStale()) return;
    const outcome = await membership.holding(payload, (held) => workOn(payload, held, { ...options, epoch }));
    pauseFailed(payload, outcome);
  }

  /** Until kafkajs resumes the partition it fetches from the others, and then again what was not resolved. */
  function pauseFailed({ batch: { partition }, pause }: EachBatchPayload, outcome: Outcome): void {
    const attempt = failures.get(partition) ?? 0;
    if (outcome === "done") failures.delete(partition);
    if (outcome !== "failed") return;
    failures.set(partition, attempt + 1);
    void sleep(backoffMs(attempt), stop).then(pause());
  }

  async function lookForTopic(): Promise<void> {
    try {
      if (await access.topicId(topic) !== epoch) over.resolve({ error: new TopicMadeAnew(topic) });
    } catch (error) {
      // When Kafka is away, or the topic, kafkajs finds out as well.
      log.debug("Cannot look for topic {topic}: {code}", { topic, code: codeOf(error) });
    }
  }

  consumer.on("consumer.group_join", ({ payload: { memberId, memberAssignment } }) => {
    const ours = memberAssignment[topic] ?? [];
    membership.joined(memberId, ours);
    begun = begin(ours);
    options.joined();
  });
  consumer.on("consumer.heartbeat", () => membership.heard());
  consumer.on("consumer.crash", ({ payload: { error } }) => over.resolve({ error }));
  const leave = () => {
    membership.stop();
    over.resolve({});
  };
  const watch = setInterval(lookForTopic, sessionMs);
  stop.addEventListener("abort", leave);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    if (stop.aborted) return;
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.partitions,
      eachBatch,
    });
    const { error } = await over.promise;
    if (error !== undefined) throw error;
  } finally {
    clearInterval(watch);
    stop.removeEventListener("abort", leave);
    membership.stop();
    await consumer.disconnect();
  }
}

export interface MemberOptions extends Omit<Work, "epoch"> {
  readonly access: KafkaAccess;
  /** Is connected. */
  readonly admin: Admin;
  /** What Kafka calls the topic. */
  readonly kafkaTopic: string;
  /** How many batches may be under way at once. */
  readonly partitions: number;
  /** Milliseconds of silence after which the group takes the member for dead. */
  readonly sessionMs: number;
  /** Milliseconds that handlers get to end. */
  readonly drainMs: number;
  readonly stop: AbortSignal;
  /** Told each time that it has become a member, or become it again. */
  readonly joined: () => void;
}

const log = getLogger(["kependudukan", "event-log"]);
