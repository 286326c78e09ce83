import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { certificateOf } from "../../ops/stack/servers/kafka_certificate.ts";
import { CREDENTIALS } from "../../ops/stack/servers/kafka_nodes.ts";
import { type KafkaEventLogOptions, openKafkaEventLog } from "../../shared/adapters/kafka/event_log.ts";
import { Cut } from "./cut.ts";
import { closedPort, FAULTS, faultServer } from "./fault_server.ts";
import { deleteAll, stackKafka, type TestOptions, withAdmin } from "./stack_kafka.ts";
import { variable } from "./variables.ts";

describe("The start against Kafka", () => {
  let options: TestOptions;
  let secure: Pick<KafkaEventLogOptions, "brokers" | "ssl" | "ca" | "credentials">;

  beforeEach(() => {
    options = stackKafka();
    const ca = Deno.readTextFileSync(certificateOf({ programs: variable("KAFKA_HOME") }).pem);
    const brokers = variable("KAFKA_SECURE_BROKERS").split(",");
    secure = { brokers, ssl: true, ca, credentials: CREDENTIALS };
  });
  afterEach(async () => await deleteAll(options));

  async function open(changes: Partial<KafkaEventLogOptions>): Promise<void> {
    const log = await openKafkaEventLog({ ...options, ...changes });
    await log.check(AbortSignal.timeout(10_000)).finally(() => log.close());
  }

  async function assertUnusable(changes: Partial<KafkaEventLogOptions>, message: string): Promise<void> {
    await assert.rejects(open(changes), { name: "Unusable", message });
  }

  it("passes with the Kafka of the stack", () => open({}));

  it("passes with TLS and a password", () => open(secure));

  it("waits for a broker that is not up yet", async () => {
    const [hostname = "", port] = options.brokers[0]?.split(":") ?? [];
    const cut = await Cut.before({ hostname, port: Number(port) });
    await cut.down();
    const opening = open({ brokers: [`127.0.0.1:${cut.port}`] });
    await cut.up();
    await opening;
    await cut.down();
  });

  it("finds a broker that is up among others that are not", async () => {
    await open({ brokers: [`127.0.0.1:${await closedPort()}`, ...options.brokers] });
  });

  for (
    const [what, fault, reason] of [
      ["never answers", FAULTS.hang, "no answer in time"],
      ["speaks something else", FAULTS.garbage, "no answer in time"],
      ["closes at once", FAULTS.close, `${CLOSED} TLS (KAFKA_SSL) or a password (KAFKA_USERNAME)`],
    ] as const
  ) {
    it(`gives up in time on a server that ${what}`, async () => {
      await using server = await faultServer(fault);
      await assertUnusable({ brokers: [`127.0.0.1:${server.port}`], ...SHORT }, `${UNREACHABLE}: ${reason}`);
    });
  }

  it("gives up in time where nobody listens, and on a name that nobody has", async () => {
    const nobody = [`127.0.0.1:${await closedPort()}`];
    await assertUnusable({ brokers: nobody, ...SHORT }, `${UNREACHABLE}: connection refused`);
    const unknown = ["tidak-ada.invalid:9092"];
    await assertUnusable({ brokers: unknown, ...SHORT }, `${UNREACHABLE}: its name is not known`);
  });

  it("gives up in time without the TLS or the password that Kafka expects", async () => {
    const { brokers, ssl, ca, credentials } = secure;
    const [tls, password] = ["TLS (KAFKA_SSL)", "a password (KAFKA_USERNAME)"];
    await assertUnusable({ brokers, ...SHORT }, `${UNREACHABLE}: ${CLOSED} ${tls} or ${password}`);
    await assertUnusable({ brokers, credentials, ...SHORT }, `${UNREACHABLE}: ${CLOSED} ${tls}`);
    await assertUnusable({ brokers, ssl, ca, ...SHORT }, `${UNREACHABLE}: ${CLOSED} ${password}`);
  });

  it("gives up in time with TLS that Kafka does not speak", async () => {
    const reason = "it closes the connection, as if it spoke no TLS (KAFKA_SSL)";
    await assertUnusable({ ssl: true, ...SHORT }, `${UNREACHABLE}: ${reason}`);
  });

  it("does not wait for a password that is wrong, or that nobody asks for", async () => {
    const credentials = { ...CREDENTIALS, password: "salah" };
    await assertUnusable(
      { ...secure, credentials },
      "KAFKA_USERNAME and KAFKA_PASSWORD are refused by Kafka",
    );
    await assertUnusable({ credentials }, "KAFKA_USERNAME is set, but Kafka asks for no password there");
  });

  it("does not wait for a certificate that it does not trust", async () => {
    const sentence = "KAFKA_SSL is set, but Kafka's certificate is not trusted: DEPTH_ZERO_SELF_SIGNED_CERT";
    await assertUnusable({ ...secure, ca: undefined }, sentence);
  });

  it("does not wait for an address that is none", async () => {
    await assertUnusable({ brokers: ["kafka"] }, 'KAFKA_BROKERS names "kafka", which is not host:port');
  });

  it("gives up in time when there are fewer brokers than copies", async () => {
    const { brokers: { length } } = options;
    const there = length === 1 ? "1 broker" : `${length} brokers`;
    await assertUnusable({ replication: 9, ...SHORT }, `KAFKA_REPLICATION is 9, but Kafka has ${there}`);
  });

  it("does not take a topic that has too few partitions", async () => {
    const topic = `${options.prefix}pendaftaran-events`;
    await withAdmin(
      options,
      (admin) => admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: false }),
    );
    await assertUnusable({}, `PARTITIONS is 10, but topic "${topic}" of KAFKA_BROKERS has 3`);
  });

  it("does not take a topic that cannot be written", async () => {
    const topic = `${options.prefix}pendaftaran-events`;
    const configEntries = [{ name: "min.insync.replicas", value: "4" }];
    const topics = [{ topic, numPartitions: 10, configEntries }];
    await withAdmin(options, (admin) => admin.createTopics({ topics, waitForLeaders: false }));
    const reason = `min.insync.replicas is 4 of ${options.replication}`;
    await assertUnusable(
      {},
      `KAFKA_BROKERS names a Kafka whose topic "${topic}" can never be written: ${reason}`,
    );
  });

  it("ends with the process, however long it may still wait", async () => {
    const stop = new AbortController();
    await using server = await faultServer(() => stop.abort(new Error("stopping")));
    await assert.rejects(open({ brokers: [`127.0.0.1:${server.port}`], signal: stop.signal }), /stopping/);
  });
});

const UNREACHABLE = "KAFKA_BROKERS names a Kafka that cannot be reached";
const CLOSED = "it closes the connection, as if it expected";

/** For faults that may pass, which are waited for. */
const SHORT = { withinMs: 1_500 };
