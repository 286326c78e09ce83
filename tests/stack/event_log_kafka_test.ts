import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { ConfigResourceTypes } from "kafkajs";
import { countKafkaEvents } from "../../shared/adapters/kafka/count_events.ts";
import { openKafkaEventLog } from "../../shared/adapters/kafka/event_log.ts";
import type { EventLog } from "../../shared/ports/event_log.ts";
import { eventLogContract } from "../contract/event_log_contract.ts";
import { Received, sumOfLag } from "../contract/event_log_probe.ts";
import { aborted, GROUP, publish, records, TOPIC } from "./kafka_records.ts";
import { deleteAll, stackKafka, type TestOptions, withAdmin } from "./stack_kafka.ts";

eventLogContract("Kafka", {
  async open() {
    const options = stackKafka();
    const [log, second] = [await openKafkaEventLog(options), await openKafkaEventLog(options)];
    return {
      log,
      second: () => Promise.resolve(second),
      async close() {
        await Promise.all([log.close(), second.close()]);
        await deleteAll(options);
      },
    };
  },
  close: () => Promise.resolve(),
});

/** What is its own about the log in Kafka; what it shares with the embedded one is in tests/contract/. */
describe("The event log in Kafka alone", () => {
  let options: TestOptions;
  let logs: EventLog[];

  beforeEach(() => {
    options = { ...stackKafka(), sessionMs: 6_000 };
    logs = [];
  });
  afterEach(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await deleteAll(options);
  });

  async function open(more: Partial<TestOptions> = {}): Promise<EventLog> {
    const log = await openKafkaEventLog({ ...options, ...more });
    logs.push(log);
    return log;
  }

  it("makes topics of 10 partitions, with the copies that were asked for, and keeps dead letters longer", async () => {
    await open();
    const names = [TOPIC, "pendaftaran-events.dlq"].map((topic) => options.prefix + topic);
    const [{ topics }, { resources }] = await withAdmin(options, async (admin) => [
      await admin.fetchTopicMetadata({ topics: names }),
      await admin.describeConfigs({
        includeSynonyms: false,
        resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
      }),
    ]);
    for (const { partitions } of topics) {
      assert.equal(partitions.length, 10);
      assert.ok(partitions.every(({ replicas }) => replicas.length === options.replication));
    }
    const settings = names.map((name) => {
      const { configEntries = [] } = resources.find(({ resourceName }) => resourceName === name) ?? {};
      return Object.fromEntries(
        configEntries.map(({ configName, configValue }) => [configName, configValue]),
      );
    });
    const [events, letters] = settings;
    assert.equal(events?.["min.insync.replicas"], String(options.minInsync));
    assert.ok(Number(letters?.["retention.ms"]) > Number(events?.["retention.ms"]));
  });

  it("lays the events of a key into one partition, whichever process writes them", async () => {
    const [one, other] = [await open(), await open()];
    for (let i = 0; i < 5; i++) await Promise.all([publish(one, records(50)), publish(other, records(50))]);
    const received = new Received();
    await one.consume(TOPIC, GROUP, received.by("a")).start();
    await received.count(500);
    const ofKey = Map.groupBy(received.records, ({ key }) => key);
    for (const [, seen] of ofKey) assert.equal(new Set(seen.map(({ partition }) => partition)).size, 1);
    assert.equal(new Set(received.records.map(({ partition }) => partition)).size, 10);
  });

  it("takes more in one publish, for one partition, than Kafka does in one batch", async () => {
    const log = await open({ partitions: 1 });
    const value = new Uint8Array(1_000);
    await publish(log, Array.from({ length: 4_000 }, () => ({ key: null, value, headers: [] })));
    assert.equal(await sumOfLag(log, TOPIC, GROUP), 4_000);
  });

  it("refuses a record that Kafka does, without its value in the error, and takes the next", async () => {
    const log = await open();
    const huge = { key: null, value: new Uint8Array(2_000_000).fill(120), headers: [] };
    await assert.rejects(publish(log, [huge]), {
      name: "RecordsRefused",
      message: "Event log refuses records: MESSAGE_TOO_LARGE",
    });
    await publish(log, records(10));
    assert.equal(await sumOfLag(log, TOPIC, GROUP), 10);
  });

  it("commits each part of a large batch when its handler resolves", async () => {
    const log = await open({ partitions: 1 });
    await publish(log, records(4_500));
    const received = new Received();
    const consumer = log.consume(TOPIC, GROUP, async (batch) => {
      await received.by("a")(batch);
      if (received.batches.length > 1) await aborted(batch.signal);
    });
    await consumer.start();
    await received.count(4_000);
    assert.deepEqual(received.batches.map(({ records }) => records.length), [2_000, 2_000]);
    assert.equal(await sumOfLag(log, TOPIC, GROUP), 2_500);
  });

  it("is opened by many processes at once", async () => {
    const opened = await Promise.all([open(), open(), open(), open(), open()]);
    for (const log of opened) await publish(log, records(2));
    assert.equal(await sumOfLag(await open(), TOPIC, GROUP), 10);
  });

  it("counts events of which the relay wrote some twice once", async () => {
    const log = await open();
    assert.equal(await countKafkaEvents(options), 0);
    await publish(log, records(30));
    await publish(log, records(10));
    await log.publish("pendaftaran-events.dlq", records(5, "dead"), AbortSignal.timeout(10_000));
    assert.equal(await countKafkaEvents(options), 30);
    assert.equal(await countKafkaEvents(options, "pendaftaran-events.dlq"), 5);
  });
});
