import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { ConfigSource, type ITopicConfig } from "kafkajs";
import { ensureTopics, type Layout, type TopicAdmin } from "./topics.ts";

describe("ensureTopics", () => {
  let kafka: FakeKafka;
  const never = new AbortController().signal;
  const layout: Layout = {
    topics: [{ name: "events", retentionDays: 30 }, { name: "letters", retentionDays: 90 }],
    ...{ partitions: 10, replication: 3, minInsync: 2 },
  };

  beforeEach(() => {
    kafka = new FakeKafka();
  });

  const ensure = (changes: Partial<Layout> = {}) =>
    ensureTopics(kafka.admin, { ...layout, ...changes }, never);

  it("creates what is missing, with all that was asked for", async () => {
    assert.deepEqual([...await ensure()], [["events", 10], ["letters", 10]]);
    const [events, letters] = kafka.created;
    assert.deepEqual([events?.numPartitions, events?.replicationFactor], [10, 3]);
    assert.deepEqual(settings(events), {
      "cleanup.policy": "delete",
      "min.insync.replicas": "2",
      "retention.ms": "2592000000",
      "unclean.leader.election.enable": "false",
    });
    assert.equal(settings(letters)["retention.ms"], "7776000000");
  });

  it("leaves alone what is there, and takes more than it asked for", async () => {
    kafka.topics.set("events", { partitions: 12, replicas: 5, insync: 3 });
    kafka.topics.set("letters", { partitions: 10, replicas: 3, insync: 2 });
    assert.deepEqual([...await ensure()], [["events", 12], ["letters", 10]]);
    assert.deepEqual(kafka.created, []);
  });

  for (
    const [what, topic, sentence] of [
      [
        "too few partitions",
        { partitions: 9, replicas: 3, insync: 2 },
        'PARTITIONS is 10, but topic "events" of KAFKA_BROKERS has 9',
      ],
      [
        "too few copies",
        { partitions: 10, replicas: 2, insync: 2 },
        'KAFKA_REPLICATION is 3, but topic "events" has the replication factor 2',
      ],
      [
        "too few copies in sync",
        { partitions: 10, replicas: 3, insync: 1 },
        'KAFKA_MIN_INSYNC is 2, but topic "events" has 1',
      ],
      [
        "more copies in sync than there are",
        { partitions: 10, replicas: 3, insync: 4 },
        'KAFKA_BROKERS names a Kafka whose topic "events" can never be written: min.insync.replicas is 4 of 3',
      ],
    ] as const
  ) {
    it(`refuses a topic with ${what}`, async () => {
      kafka.topics.set("events", topic);
      await assert.rejects(ensure(), { name: "Unusable", message: sentence });
    });
  }

  it("refuses at once what is impossible by itself", async () => {
    await assert.rejects(ensure({ minInsync: 4 }), {
      name: "Unusable",
      message: "KAFKA_MIN_INSYNC is 4, more than KAFKA_REPLICATION, which is 3",
    });
  });

  it("waits for brokers, which may come", async () => {
    kafka.brokers = 2;
    await assert.rejects(ensure(), {
      name: "NotYet",
      message: "KAFKA_REPLICATION is 3, but Kafka has 2 brokers",
    });
  });

  it("says what Kafka has against a creation", async () => {
    kafka.refusal = "POLICY_VIOLATION";
    await assert.rejects(ensure(), {
      name: "Unusable",
      message: 'KAFKA_BROKERS names a Kafka that refuses to create "events", "letters": POLICY_VIOLATION',
    });
  });

  it("gives the brokers a moment to hear of a new topic, and passes on what is no matter of that", async () => {
    kafka.failures = ["UNKNOWN_TOPIC_OR_PARTITION", "NOT_LEADER_FOR_PARTITION"];
    assert.equal((await ensure()).size, 2);
    kafka.failures = ["REQUEST_TIMED_OUT"];
    await assert.rejects(ensure(), { type: "REQUEST_TIMED_OUT" });
  });
});

class FakeKafka {
  readonly topics = new Map<string, { partitions: number; replicas: number; insync: number }>();
  readonly created: ITopicConfig[] = [];
  brokers = 3;
  refusal: string | undefined;
  /** With which the next questions about the topics are answered. */
  failures: string[] = [];

  readonly admin: TopicAdmin = {
    describeCluster: () =>
      Promise.resolve({
        brokers: Array.from({ length: this.brokers }, (_, nodeId) => ({ nodeId, host: "kafka", port: 9092 })),
        controller: 1,
        clusterId: "c",
      }),
    listTopics: () => Promise.resolve([...this.topics.keys()]),
    createTopics: ({ topics }) => {
      if (this.refusal) return Promise.reject(protocolError(this.refusal));
      for (const topic of topics) {
        this.created.push(topic);
        this.topics.set(topic.topic, {
          partitions: topic.numPartitions ?? 1,
          replicas: topic.replicationFactor ?? 1,
          insync: Number(settings(topic)["min.insync.replicas"]),
        });
      }
      return Promise.resolve(true);
    },
    fetchTopicMetadata: (options) => {
      const failure = this.failures.shift();
      if (failure) return Promise.reject(protocolError(failure));
      const topics = (options?.topics ?? []).map((name) => ({ name, partitions: this.#partitionsOf(name) }));
      return Promise.resolve({ topics });
    },
    describeConfigs: ({ resources }) =>
      Promise.resolve({
        throttleTime: 0,
        resources: resources.map(({ name, type }) => ({
          configEntries: [{
            ...{ configName: "min.insync.replicas", configValue: String(this.topics.get(name)?.insync) },
            ...{ readOnly: false, isDefault: false, isSensitive: false, configSynonyms: [] },
            configSource: ConfigSource.TOPIC_CONFIG,
          }],
          ...{ resourceName: name, resourceType: type, errorCode: 0, errorMessage: "" },
        })),
      }),
    fetchTopicOffsets: () => Promise.resolve([]),
  };

  #partitionsOf(name: string) {
    const { partitions = 0, replicas = 0 } = this.topics.get(name) ?? {};
    return Array.from({ length: partitions }, (_, partitionId) => ({
      ...{ partitionId, partitionErrorCode: 0, leader: 1, isr: [] },
      replicas: Array.from({ length: replicas }, (_, i) => i),
    }));
  }
}

function settings(topic: ITopicConfig | undefined): Record<string, string> {
  return Object.fromEntries(topic?.configEntries?.map(({ name, value }) => [name, value]) ?? []);
}

function protocolError(type: string): Error {
  return Object.assign(new Error(), { type });
}
