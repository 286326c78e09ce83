import { type Admin, ConfigResourceTypes } from "kafkajs";
import { backoffMs, sleep } from "../../resilience/backoff.ts";
import { Unusable } from "../../resilience/reach.ts";
import { codeOf } from "./diagnosis.ts";

/**
 * Creates the topics that are not there yet, and refuses those that are there but promise less than what is asked for.
 * Answers the number of partitions of each. Rejects with `Unusable` when nobody but an operator can help, and with
 * `NotYet` when more brokers may come.
 */
export async function ensureTopics(
  admin: TopicAdmin,
  layout: Layout,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const { topics, replication, minInsync } = layout;
  if (minInsync > replication) {
    const sentence = `is ${minInsync}, more than KAFKA_REPLICATION, which is ${replication}`;
    throw new Unusable("KAFKA_MIN_INSYNC", sentence);
  }
  const { brokers } = await admin.describeCluster();
  if (brokers.length < replication) {
    const there = brokers.length === 1 ? "1 broker" : `${brokers.length} brokers`;
    throw new NotYet(new Unusable("KAFKA_REPLICATION", `is ${replication}, but Kafka has ${there}`));
  }
  const there = new Set(await admin.listTopics());
  const missing = topics.filter((topic) => !there.has(topic.name));
  if (missing.length > 0) await create(admin, missing, layout);
  for (let attempt = 0;; attempt++) {
    try {
      return await inspect(admin, layout);
    } catch (error) {
      if (attempt === 20 || !SOON.has(codeOf(error)) || signal.aborted) throw error;
      await sleep(backoffMs(attempt, { baseMs: 50, capMs: 500 }), signal);
    }
  }
}

async function create(admin: TopicAdmin, topics: readonly WantedTopic[], layout: Layout): Promise<void> {
  const { partitions, replication, minInsync } = layout;
  const config = ({ retentionDays }: WantedTopic) => ({
    "cleanup.policy": "delete",
    "min.insync.replicas": String(minInsync),
    "retention.ms": String(retentionDays * DAY_MS),
    "unclean.leader.election.enable": "false",
  });
  try {
    // Another process may create them at the same moment: then this does nothing.
    await admin.createTopics({
      topics: topics.map((topic) => ({
        topic: topic.name,
        numPartitions: partitions,
        replicationFactor: replication,
        configEntries: Object.entries(config(topic)).map(([name, value]) => ({ name, value })),
      })),
      timeout: 10_000,
      waitForLeaders: false,
    });
  } catch (error) {
    const code = codeOf(error);
    if (!REFUSALS.has(code)) throw error;
    const names = topics.map(({ name }) => `"${name}"`).join(", ");
    throw new Unusable("KAFKA_BROKERS", `names a Kafka that refuses to create ${names}: ${code}`, {
      cause: error,
    });
  }
}

async function inspect(admin: TopicAdmin, layout: Layout): Promise<ReadonlyMap<string, number>> {
  const names = layout.topics.map(({ name }) => name);
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({
      type: ConfigResourceTypes.TOPIC,
      name,
      configNames: ["min.insync.replicas"],
    })),
  });
  for (const { name, partitions } of topics) {
    const { configEntries } = resources.find(({ resourceName }) => resourceName === name) ?? {};
    const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
    compare(name, partitions.length, replicas, Number(configEntries?.[0]?.configValue), layout);
  }
  // It is known before all of its partitions are served.
  for (const name of names) await admin.fetchTopicOffsets(name);
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
}

function compare(name: string, partitions: number, replicas: number, insync: number, wanted: Layout): void {
  if (partitions < wanted.partitions) {
    throw new Unusable(
      "PARTITIONS",
      `is ${wanted.partitions}, but topic "${name}" of KAFKA_BROKERS has ${partitions}`,
    );
  }
  if (replicas < wanted.replication) {
    const sentence = `is ${wanted.replication}, but topic "${name}" has the replication factor ${replicas}`;
    throw new Unusable("KAFKA_REPLICATION", sentence);
  }
  if (insync < wanted.minInsync) {
    throw new Unusable("KAFKA_MIN_INSYNC", `is ${wanted.minInsync}, but topic "${name}" has ${insync}`);
  }
  if (insync > replicas) {
    const sentence = `names a Kafka whose topic "${name}" can never be written`;
    throw new Unusable("KAFKA_BROKERS", `${sentence}: min.insync.replicas is ${insync} of ${replicas}`);
  }
}

/** What this needs of kafkajs. */
export type TopicAdmin = Pick<
  Admin,
  | "describeCluster"
  | "listTopics"
  | "createTopics"
  | "fetchTopicMetadata"
  | "describeConfigs"
  | "fetchTopicOffsets"
>;

/** Something that waiting may mend; the verdict holds when it did not. */
export class NotYet extends Error {
  override readonly name = "NotYet";
  constructor(readonly verdict: Unusable) {
    super(verdict.message);
  }
}

export interface Layout {
  readonly topics: readonly WantedTopic[];
  /** What a topic that is there must have at least, and one that is made now gets. */
  readonly partitions: number;
  readonly replication: number;
  readonly minInsync: number;
}

export interface WantedTopic {
  readonly name: string;
  /** Of one that is made now. */
  readonly retentionDays: number;
}

const DAY_MS = 24 * 3_600_000;

/** How a broker answers that has not yet heard of a topic that was made a moment ago. */
const SOON = new Set(["UNKNOWN_TOPIC_OR_PARTITION", "LEADER_NOT_AVAILABLE", "NOT_LEADER_FOR_PARTITION"]);

/** Answers to a creation that will not change by themselves. */
const REFUSALS = new Set([
  "INVALID_CONFIG",
  "INVALID_PARTITIONS",
  "INVALID_REQUEST",
  "INVALID_TOPIC_EXCEPTION",
  "POLICY_VIOLATION",
]);
