import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { certificateOf } from "../../ops/stack/servers/kafka_certificate.ts";
import { openKafkaEventLog } from "../../shared/adapters/kafka/event_log.ts";
import { openIdentity } from "../../shared/adapters/keycloak/identity.ts";
import { openMongo } from "../../shared/adapters/mongodb/connect.ts";
import { openRedisStore } from "../../shared/adapters/redis/ioredis_store.ts";
import type { EventRecord } from "../../shared/ports/event_log.ts";
import { Secret, type SecretValues } from "../../shared/security/secret.ts";
import { eventually } from "../e2e/process.ts";
import { KeycloakAdmin } from "./keycloak_admin.ts";
import { openTestMongo, type TestMongo } from "./mongodb.ts";
import { deleteAll, stackKafka } from "./stack_kafka.ts";
import { variable } from "./variables.ts";

const NAME = `uji-${crypto.randomUUID().slice(0, 8)}`;

describe("a password that changes while a process runs is followed", () => {
  it("by the connection to Redis, when the server ends the one before", async () => {
    const admin = new Redis(variable("REDIS_URL"));
    const url = (password: string) =>
      Object.assign(new URL(variable("REDIS_URL")), { username: NAME, password }).href;
    await admin.acl("SETUSER", NAME, "on", ">satu", "~*", "+@all");
    let values: SecretValues = [url("satu")];
    const store = await openRedisStore(Secret.changing("REDIS_URL", () => values));
    try {
      assert.equal(await store.eval("return 1", [], []), 1);
      values = [url("dua"), url("satu")];
      await admin.acl("SETUSER", NAME, "resetpass", ">dua");
      await admin.client("KILL", "USER", NAME);
      await eventually(
        "Redis is back",
        () => store.check(AbortSignal.timeout(500)).then(() => true, () => false),
      );
      assert.equal(await store.eval("return 2", [], []), 2);
    } finally {
      store.close();
      await admin.acl("DELUSER", NAME);
      admin.disconnect();
    }
  });

  describe("by connections to MongoDB", () => {
    let test: TestMongo;
    before(async () => test = await openTestMongo());
    after(() => test.drop());

    it("that are made later; those that stand go on", async () => {
      const url = (password: string) =>
        Object.assign(new URL(variable("MONGODB_URI")), { username: NAME, password }).href;
      const admin = test.mongo.db.admin();
      const roles = [{ role: "readWrite", db: test.name }];
      await admin.command({ createUser: NAME, pwd: "satu", roles });
      let values: SecretValues = [url("satu")];
      const mongo = await openMongo(Secret.changing("MONGODB_URI", () => values), { database: test.name });
      let made = 0;
      mongo.db.client.on("connectionReady", () => made++);
      try {
        await admin.command({ updateUser: NAME, pwd: "dua" });
        const find = () => mongo.db.collection("uji").find().toArray();
        await find();
        values = [url("dua"), url("satu")];
        await Promise.all(Array.from({ length: 12 }, find));
        assert.ok(made > 0, "no connection was made later");
        values = [url("tiga"), url("dua")];
        await assert.rejects(
          openMongo(Secret.changing("MONGODB_URI", () => values), { database: test.name, withinMs: 2_000 }),
          /refuses/,
        );
      } finally {
        await mongo.close();
        await admin.command({ dropUser: NAME });
      }
    });
  });

  it("by connections to Kafka that are made later; those that stand go on", async () => {
    const options = stackKafka();
    const ca = await Deno.readTextFile(certificateOf({ programs: variable("KAFKA_HOME") }).pem);
    await alterKafkaUser("--add-config", "SCRAM-SHA-512=[password=satu-rahasia]");
    let values: SecretValues = ["satu-rahasia"];
    const password = Secret.changing("KAFKA_PASSWORD", () => values);
    const log = await openKafkaEventLog({
      ...{ ...options, brokers: variable("KAFKA_SECURE_BROKERS").split(","), ssl: true, ca },
      credentials: { username: NAME, password },
    });
    try {
      await log.publish("pendaftaran-events", [record()], AbortSignal.timeout(10_000));
      await alterKafkaUser("--add-config", "SCRAM-SHA-512=[password=dua-rahasia]");
      values = ["dua-rahasia", "satu-rahasia"];
      await log.publish("pendaftaran-events", [record()], AbortSignal.timeout(10_000));
      // Its publisher connects now.
      await log.publish("pendaftaran-events.dlq", [record()], AbortSignal.timeout(10_000));
    } finally {
      await log.close();
      await alterKafkaUser("--delete-config", "SCRAM-SHA-512");
      await deleteAll(options);
    }
  });

  it("by our client at Keycloak, whichever of the two changes first", async () => {
    const admin = new KeycloakAdmin();
    const realm = await admin.makeRealm((file) => file);
    const [client] = JSON.parse(
      JSON.stringify((await admin.ask(`/${realm}/clients?clientId=gateway`)).json),
    );
    const change = async () => {
      const { json } = await admin.ask(`/${realm}/clients/${client.id}/client-secret`, { method: "POST" });
      return String(Reflect.get(Object(json), "value"));
    };
    try {
      let values: SecretValues = [await change()];
      const identity = openIdentity({
        issuer: `${admin.url}/realms/${realm}`,
        audience: "gateway",
        acceptedClients: ["gateway"],
        client: { id: "gateway", secret: Secret.changing("GOV_GATEWAY_SECRET", () => values) },
      });
      const isAnswered = async () => {
        const token = ["e30", "e30", crypto.randomUUID()].join("."); // another each time, for answers are kept
        return (await identity.introspect(token, AbortSignal.timeout(5_000))).kind === "rejected";
      };
      assert.ok(await isAnswered());
      const next = await change();
      setTimeout(() => values = [next, values[0]], 200);
      assert.ok(await isAnswered(), "Keycloak first");
      values = ["nanti-ini-rahasianya", values[0]];
      assert.ok(await isAnswered(), "here first");
    } finally {
      await admin.removeRealm(realm);
    }
  });
});

async function alterKafkaUser(...change: readonly string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command("java", {
    cwd: variable("KAFKA_HOME"),
    args: [
      ...["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "jars/*"],
      ...[
        "kafka.admin.ConfigCommand",
        "--bootstrap-server",
        variable("KAFKA_BROKERS").split(",")[0] ?? "",
      ],
      ...["--alter", "--entity-type", "users", "--entity-name", NAME, ...change],
    ],
    stdout: "null",
  }).output();
  if (code !== 0) throw new Error(`Change Kafka's user failed: ${new TextDecoder().decode(stderr)}`);
}

function record(): EventRecord {
  const bytes = new TextEncoder().encode("uji");
  return { key: bytes, value: bytes, headers: [] };
}
