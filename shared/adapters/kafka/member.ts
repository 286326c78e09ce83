import type { Admin, Consumer, EachBatchPayload } from "kafkajs";
import { backoffMs, sleep } from "../../resilience/backoff.ts";
import { type Work, workOn } from "./batch.ts";
import { PATIENTLY } from "./client.ts";
import { isMadeAnew, rewindStale, TopicMadeAnew } from "./incarnation.ts";
import { Membership } from "./membership.ts";
import type { KafkaAccess } from "./reach_kafka.ts";

/** Takes part in the group until `stop` aborts, and then leaves it. Rejects when only a new member can go on. */
export async function takePart(options: MemberOptions): Promise<void> {
  const { access, admin, kafkaTopic: topic, group, partitions, sessionMs, drainMs, stop } = options;
  const epoch = await access.topicId(topic);
  const heartbeatMs = Math.min(1_000, sessionMs / 3);
  const membership = new Membership({ sessionMs, heartbeatMs, drainMs });
  const consumer = newConsumer(options, heartbeatMs);
  const over = Promise.withResolvers<{ readonly error?: unknown }>();
  const failures = new Map<number, number>();
  let begun = Promise.resolve(false);
  let isOver = false;

  function end(error?: unknown): void {
    isOver = true;
    membership.stop();
    over.resolve({ error });
  }

  /** Whether what is fetched from now on is to be handled. */
  async function begin(partitions: readonly number[]): Promise<boolean> {
    try {
      if (await access.topicId(topic) !== epoch) throw new TopicMadeAnew(topic);
      await rewindStale({ admin, consumer, topic, group }, epoch, partitions);
      return true;
    } catch (error) {
      end(error);
      return false;
    }
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    if (!await begun || isOver || payload.isStale()) return;
    const { batch: { partition }, heartbeat } = payload;
    const work = { ...options, epoch };
    const outcome = await membership.holding(partition, heartbeat, (held) => workOn(payload, held, work));
    if (outcome === "done") failures.delete(partition);
    if (outcome === "failed") pauseFailed(payload, failures, stop);
  }

  consumer.on("consumer.group_join", ({ payload: { memberId, memberAssignment } }) => {
    const ours = memberAssignment[topic] ?? [];
    membership.joined(memberId, ours);
    begun = begin(ours);
    options.joined();
  });
  consumer.on("consumer.heartbeat", () => membership.heard());
  consumer.on("consumer.crash", ({ payload: { error } }) => end(error));
  const leave = () => end();
  stop.addEventListener("abort", leave);
  const watch = setInterval(async () => {
    if (await isMadeAnew(access, topic, epoch)) end(new TopicMadeAnew(topic));
  }, sessionMs);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    if (stop.aborted) return;
    const settings = { autoCommit: false, eachBatchAutoResolve: false };
    await consumer.run({ ...settings, partitionsConsumedConcurrently: partitions, eachBatch });
    const { error } = await over.promise;
    if (error !== undefined) throw error;
  } finally {
    clearInterval(watch);
    stop.removeEventListener("abort", leave);
    end();
    await consumer.disconnect();
  }
}

function newConsumer({ access, group, sessionMs }: MemberOptions, heartbeatMs: number): Consumer {
  return access.newClient(PATIENTLY).consumer({
    groupId: group,
    sessionTimeout: sessionMs,
    heartbeatInterval: heartbeatMs,
    rebalanceTimeout: 30_000,
    // A batch costs its handler many times what a record does: few records wait a moment for more.
    minBytes: 128 * 1024,
    maxWaitTimeInMs: 200,
    // kafkajs asks a broker for more only when all of this is dealt with: what lies in memory is no more than it.
    maxBytes: 10 * MIB,
    maxBytesPerPartition: MIB,
    allowAutoTopicCreation: false,
    retry: { retries: PATIENTLY, restartOnFailure: () => Promise.resolve(false) },
  });
}

const MIB = 1024 * 1024;

/** Until kafkajs resumes the partition it fetches from the others, and then again what was not resolved. */
function pauseFailed(
  { batch: { partition }, pause }: EachBatchPayload,
  failures: Map<number, number>,
  stop: AbortSignal,
): void {
  const attempt = failures.get(partition) ?? 0;
  failures.set(partition, attempt + 1);
  const resume = pause();
  void sleep(backoffMs(attempt), stop).then(resume);
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
