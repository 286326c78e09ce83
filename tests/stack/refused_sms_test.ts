import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openKafkaEventLog } from "../../shared/adapters/kafka/event_log.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { type Client, signIn } from "../e2e/client.ts";
import { eventually, freePort, startProcess, type TestProcess, waitUntilReady } from "../e2e/process.ts";
import { PENDUDUK } from "../fixtures.ts";
import { type ServedMessagesApi, serveMessagesApi } from "./messages_api.ts";
import { type OwnKafka, startOwnKafka } from "./own_kafka.ts";
import { type OwnMongo, startOwnMongo } from "./own_mongodb.ts";

/** From the public edge to the provider and back, on PostgreSQL, Kafka, MongoDB and the Messages API. */
describe("An SMS that the provider refuses", () => {
  let folder = "";
  let env: Record<string, string> = {};
  let database: TestDatabase;
  let kafka: OwnKafka;
  let mongo: OwnMongo;
  let provider: ServedMessagesApi;
  let system: TestProcess;
  let admin: Client;

  before(async () => {
    folder = await Deno.makeTempDir();
    database = await openTestDatabase();
    [kafka, mongo] = await Promise.all([startOwnKafka(1), startOwnMongo()]);
    provider = serveMessagesApi();
    const port = await freePort();
    const { accountSid, authToken, from, apiUrl } = provider.account;
    env = {
      ...{ REDIS_URL: "", UPSTASH_REDIS_REST_URL: "", KEYCLOAK_URL: "", TWILIO_STATUS_CALLBACK: "" },
      ...{ PORT: String(port), DATA_DIR: folder, AUDIT_SINKS: "table", DATABASE_URL: database.url },
      ...{ KAFKA_BROKERS: kafka.brokers.join(), KAFKA_REPLICATION: "1", KAFKA_MIN_INSYNC: "1" },
      ...mongo.variables,
      ...{ TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken },
      ...{ TWILIO_FROM: from, TWILIO_API_URL: apiUrl },
    };
    system = startProcess("ops/tasks/dev.ts", { env });
    const url = `http://127.0.0.1:${port}`;
    await waitUntilReady(`${url}/readyz`, system);
    admin = await signIn(url, "admin");
  });
  after(async () => {
    await system?.stop();
    await provider?.stop();
    await Promise.all([kafka?.stop(), mongo?.stop()]);
    await database?.drop();
    await Deno.remove(folder, { recursive: true });
  });

  async function dlq(...args: readonly string[]): Promise<string> {
    const task = startProcess("ops/tasks/dlq.ts", { args, env });
    assert.equal((await task.ended).code, 0);
    return task.printed();
  }

  async function lag(): Promise<number> {
    const log = await openKafkaEventLog({ brokers: kafka.brokers });
    const partitions = await log.lag("pendaftaran-events", "notification-group");
    await log.close();
    return partitions.reduce((sum, { lag }) => sum + lag, 0);
  }

  it("becomes a dead letter, and is sent once when a person replays it after mending, and never again", async () => {
    await provider.order({ mode: "refused", code: 21211 });
    assert.equal((await admin.post("/penduduk", PENDUDUK[0])).status, 201);
    await eventually("it is a dead letter", async () => /SMS_REFUSED_21211/.test(await dlq("list")), 60_000);
    assert.match(await dlq("replay", "--code", "SMS_REFUSED_21211", "--dry-run"), /1 letter/);
    assert.equal((await provider.count()).accepted, 0);

    await provider.order({});
    for (const printed of ["1 letter replayed", "0 letters replayed"]) {
      assert.match(await dlq("replay", "--code", "SMS_REFUSED_21211"), new RegExp(`^${printed}$`, "m"));
    }
    await eventually("all that was published is consumed", async () => await lag() === 0, 60_000);
    assert.deepEqual(await provider.count().then(({ accepted }) => accepted), 1);
    const messages: readonly { readonly state: string }[] = await (await admin.get("/sms?limit=9")).json();
    assert.deepEqual(messages.map(({ state }) => state), ["sent"]);
    assert.match(await dlq("list"), /^0 letters$/m);
  });
});
