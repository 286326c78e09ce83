import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { z } from "zod";
import { all, one, Resources, Workload } from "./fleet.ts";
import { KAFKA_SETTINGS, PRODUCTION_TABLE } from "./production_table.ts";
import { amount, bytes } from "./quantity.ts";

describe("the production table", () => {
  for (const part of ["edge", "auth", "registration"] as const) {
    it(`is what ${part} gets`, () => {
      const { spec: { replicas, template } } = one("Deployment", part, Workload);
      const { replicas: wanted, cpu, memory } = PRODUCTION_TABLE[part];
      assert.equal(replicas ?? least(part), wanted);
      assert.deepEqual(total(template.spec.containers), { cpu, memory: bytes(memory) });
    });
  }

  it("is what PostgreSQL gets", () => {
    const { spec } = one("Cluster", "postgres", PostgresCluster);
    const { replicas, cpu, memory, storage } = PRODUCTION_TABLE.PostgreSQL;
    assert.equal(spec.instances, replicas);
    assert.deepEqual(total([spec]), { cpu, memory: bytes(memory) });
    assert.equal(amount(spec.storage.size), bytes(storage));
  });

  it("is what Kafka gets, with its settings", () => {
    const { spec } = one("KafkaNodePool", "brokers", KafkaNodePool);
    const { replicas, cpu, memory, storage } = PRODUCTION_TABLE.Kafka;
    assert.equal(spec.replicas, replicas);
    assert.deepEqual(total([spec]), { cpu, memory: bytes(memory) });
    assert.equal(spec.storage.volumes.reduce((sum, { size }) => sum + amount(size), 0), bytes(storage));
    const { config } = one("Kafka", "kafka", Kafka).spec.kafka;
    assert.equal(config["num.partitions"], KAFKA_SETTINGS["num.partitions"]);
    assert.equal(config["default.replication.factor"], KAFKA_SETTINGS.replication);
    assert.equal(config["min.insync.replicas"], KAFKA_SETTINGS["min.insync.replicas"]);
  });

  it("is what the topics get, and no more consumers than partitions", () => {
    const topics = all("KafkaTopic", KafkaTopic);
    assert.deepEqual(topics.map(({ metadata }) => metadata.name), [
      "pendaftaran-events",
      "pendaftaran-events.dlq",
    ]);
    for (const { spec } of topics) {
      assert.equal(spec.partitions, KAFKA_SETTINGS["num.partitions"]);
      assert.equal(spec.replicas, KAFKA_SETTINGS.replication);
      assert.equal(spec.config["min.insync.replicas"], KAFKA_SETTINGS["min.insync.replicas"]);
    }
    for (const { spec: { maxReplicaCount } } of all("ScaledObject", ScaledObject)) {
      assert.equal(maxReplicaCount, KAFKA_SETTINGS["num.partitions"]);
    }
  });

  it("is what MongoDB gets", () => {
    const { spec: { members, statefulSet: { spec } } } = one("MongoDBCommunity", "mongodb", MongoDB);
    const { replicas, cpu, memory, storage } = PRODUCTION_TABLE.MongoDB;
    assert.equal(members, replicas);
    assert.deepEqual(total(spec.template.spec.containers), { cpu, memory: bytes(memory) });
    const data = spec.volumeClaimTemplates.find(({ metadata }) => metadata.name === "data-volume");
    assert.equal(amount(data?.spec.resources.requests["storage"] ?? "0"), bytes(storage));
  });
});

/** What an autoscaled Deployment never goes below. */
function least(name: string): number {
  return one("HorizontalPodAutoscaler", name, z.object({ spec: z.object({ minReplicas: z.number() }) })).spec
    .minReplicas;
}

/** Of all containers of a pod; requests and limits must be the same. */
function total(
  containers: readonly { resources: z.output<typeof Resources> }[],
): { cpu: number; memory: number } {
  const sum = (name: string) =>
    containers.reduce((sum, { resources: { limits } }) => sum + amount(limits[name] ?? "0"), 0);
  for (const { resources: { requests, limits } } of containers) assert.deepEqual(requests, limits);
  return { cpu: sum("cpu"), memory: sum("memory") };
}

const settings = z.record(z.string(), z.unknown());
const PostgresCluster = z.object({
  spec: z.object({ instances: z.number(), resources: Resources, storage: z.object({ size: z.string() }) }),
});
const KafkaNodePool = z.object({
  spec: z.object({
    replicas: z.number(),
    resources: Resources,
    storage: z.object({ volumes: z.array(z.object({ size: z.string() })) }),
  }),
});
const Kafka = z.object({ spec: z.object({ kafka: z.object({ config: settings }) }) });
const KafkaTopic = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ partitions: z.number(), replicas: z.number(), config: settings }),
});
const ScaledObject = z.object({ spec: z.object({ maxReplicaCount: z.number() }) });
const Claim = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ resources: z.object({ requests: z.record(z.string(), z.string()) }) }),
});
const MongoDB = z.object({
  spec: z.object({
    members: z.number(),
    statefulSet: z.object({
      spec: z.object({
        volumeClaimTemplates: z.array(Claim),
        template: z.object({ spec: z.object({ containers: z.array(z.object({ resources: Resources })) }) }),
      }),
    }),
  }),
});
