import assert from "node:assert/strict";
import { after, describe, it } from "@std/testing/bdd";
import { basename, join } from "node:path";
import { z } from "zod";
import { productionRealm } from "../../ops/keycloak/production_realm.ts";
import { PARTS, toConfig } from "../../shared/config/config.ts";
import { VARIABLE_NAMES } from "../../shared/config/environment.ts";
import { all, JOBS, one, onlyContainer, SERVICES, type Variable, Workload } from "./fleet.ts";
import { KAFKA_SETTINGS } from "./production_table.ts";

const KafkaUser = z.object({ metadata: z.object({ name: z.string() }) });
const KAFKA_USERS = all("KafkaUser", KafkaUser).map(({ metadata }) => metadata.name);

const folder = await Deno.makeTempDir();

describe("variables of deploy.yml", () => {
  after(() => Deno.remove(folder, { recursive: true }));

  for (const part of PARTS) {
    const { env, ports } = onlyContainer(one("Deployment", part, Workload));

    it(`of ${part} are all known to the configuration, or to the runtime`, () => {
      const names = env.map(({ name }) => name);
      const unknown = names.filter((name) => !VARIABLE_NAMES.includes(name));
      assert.deepEqual(unknown, ["NODE_EXTRA_CA_CERTS"]);
      assert.equal(new Set(names).size, names.length);
    });

    it(`let ${part} start in production`, async () => {
      const environment = Object.fromEntries(
        await Promise.all(env.map(async (variable) => [variable.name, await valueOf(variable)])),
      );
      const config = toConfig(environment, [part]);
      assert.equal(config.APP_ENV, "production");
      assert.equal(config.HOST, "0.0.0.0", "or nobody could reach it");
      const listened = [config.PORT, ...(part === "edge" ? [config.OPERATIONS_PORT] : [])];
      assert.deepEqual(ports.map(({ containerPort }) => containerPort), listened);
    });
  }

  it("name each part in traces, of which strangers cannot have more recorded than a tenth", () => {
    for (const part of PARTS.filter((part) => part !== "probe")) {
      const values = valuesOf(part);
      assert.equal(values["OTEL_DENO"], "true");
      assert.equal(values["OTEL_SERVICE_NAME"], part);
      assert.equal(values["OTEL_TRACES_SAMPLER"], "parentbased_traceidratio");
      assert.equal(values["OTEL_TRACES_SAMPLER_ARG"], "0.1");
    }
    assert.equal(valuesOf("edge")["TRUST_TRACEPARENT"], "no");
  });

  for (const part of ["relay", "statistics", "notification"] as const) {
    it(`lead ${part} to Kafka over TLS as a user of its own, and demand what the topics are made with`, () => {
      const values = valuesOf(part);
      assert.equal(values["KAFKA_SSL"], "yes");
      assert.equal(values["KAFKA_USERNAME"], part);
      assert.ok(KAFKA_USERS.includes(part));
      assert.equal(Number(values["PARTITIONS"]), KAFKA_SETTINGS["num.partitions"]);
      assert.equal(Number(values["KAFKA_REPLICATION"]), KAFKA_SETTINGS.replication);
      assert.equal(Number(values["KAFKA_MIN_INSYNC"]), KAFKA_SETTINGS["min.insync.replicas"]);
    });
  }

  for (const job of JOBS) {
    const { env } = onlyContainer(job);

    it(`of ${job.metadata.name} are all known, and all that its work asks for in production`, async () => {
      const environment = Object.fromEntries(
        await Promise.all(env.map(async (variable) => [variable.name, await valueOf(variable)])),
      );
      const unknown = Object.keys(environment).filter((name) => !VARIABLE_NAMES.includes(name));
      assert.deepEqual(unknown, ["NODE_EXTRA_CA_CERTS"]);
      const config = toConfig(environment, []);
      assert.equal(config.APP_ENV, "production");
      assert.ok(config.DATABASE_URL && config.MONGODB_URI && config.kafka, "the embedded ones hold nothing");
      assert.equal(environment["KAFKA_USERNAME"], job.metadata.name);
      assert.ok(KAFKA_USERS.includes(job.metadata.name));
    });
  }

  it("lead the edge to services that exist, on their ports", () => {
    const { env } = onlyContainer(one("Deployment", "edge", Workload));
    const urls = env.flatMap((variable) =>
      "value" in variable && variable.name.endsWith("_URL") ? [new URL(variable.value)] : []
    );
    assert.equal(urls.length, 5);
    for (const { hostname, port } of urls) {
      const [name, namespace] = hostname.split(".");
      const service = SERVICES.find(({ metadata }) =>
        metadata.name === name && metadata.namespace === namespace
      );
      assert.deepEqual(service?.spec.ports.map(({ port }) => port), [Number(port)], hostname);
    }
  });

  it("give Keycloak every secret that its realm file refers to", async () => {
    const realm = productionRealm(await Deno.readTextFile("ops/keycloak/gov-realm-realm.json"));
    const wanted = new Set([...realm.matchAll(/\$\{(GOV_[A-Z_]+)\}/g)].map(([, name]) => name));
    const given = onlyContainer(one("Deployment", "keycloak", Workload)).env
      .flatMap((variable) =>
        "valueFrom" in variable && variable.name.startsWith("GOV_") ? [variable.name] : []
      );
    assert.deepEqual(given.sort(), [...wanted].sort());
  });
});

/** The variables that are written out. */
function valuesOf(part: string): Readonly<Record<string, string>> {
  const { env } = onlyContainer(one("Deployment", part, Workload));
  return Object.fromEntries(
    env.flatMap((variable) => "value" in variable ? [[variable.name, variable.value]] : []),
  );
}

/** As the pod has it: what a Secret holds, by a variable or by a file that the variable names. */
async function valueOf(variable: z.output<typeof Variable>): Promise<string> {
  const sample = (name: string) => SAMPLES[name] ?? "rahasia-dari-vault-9f3b";
  if (!("value" in variable)) return sample(variable.name);
  if (!variable.value.startsWith("/run/credentials/")) return variable.value;
  const path = join(folder, crypto.randomUUID());
  await Deno.writeTextFile(path, sample(basename(variable.value)), { mode: 0o440 });
  return path;
}

/** What the Secrets hold, where the configuration looks closer. */
const SAMPLES: Readonly<Record<string, string>> = {
  DATABASE_URL:
    "postgres://kependudukan:contoh-9f3b-7a10@postgres-rw.data.svc:5432/kependudukan?sslmode=verify-full",
  MONGODB_URI:
    "mongodb://statistics:contoh-9f3b-7a10@mongodb-0.mongodb-svc.data.svc.cluster.local:27017,mongodb-1.mongodb-svc.data.svc.cluster.local:27017/?authSource=gov-stats&replicaSet=mongodb&tls=true",
  REDIS_URL: "rediss://edge:contoh-9f3b-7a10@redis.data.svc:6379",
  TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
  DEFAULT_OFFICER_PHONE: "+6281100000000",
};
