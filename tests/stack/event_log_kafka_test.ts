import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { ConfigResourceTypes } from "kafkajs";
import { countKafkaEvents } from "../../shared/adapters/kafka/count_events.ts";
import { openKafkaEventLog } from "../../shared/adapters/kafka/event_log.ts";
import type { EventLog, EventRecord, Group } from "../../shared/ports/event_log.ts";
import { eventLogContract } from "../contract/event_log_contract.ts";
import { Received, sumOfLag, untilCaughtUp } from "../contract/event_log_probe.ts";
import { startMember } from "./kafka_member.ts";
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
      name: "PublishFailed",
      message: `Cannot publish to "${options.prefix}${TOPIC}": MESSAGE_TOO_LARGE`,
    });
    await publish(log, records(10));
    assert.equal(await sumOfLag(log, TOPIC, GROUP), 10);
  });

  it("commits each part of a large batch when its handler resolves", async () => {
    const log = await open({ partitions: 1 });
    await publish(log, records(1_200));
    const received = new Received();
    const consumer = log.consume(TOPIC, GROUP, async (batch) => {
      await received.by("a")(batch);
      if (received.batches.length > 1) await aborted(batch.signal);
    });
    await consumer.start();
    await received.count(1_000);
    assert.deepEqual(received.batches.map(({ records }) => records.length), [500, 500]);
    assert.equal(await sumOfLag(log, TOPIC, GROUP), 700);
  });

  it("goes on with what is written to the other partitions while a handler rejects one", async () => {
    const log = await open();
    const received = new Received();
    await log.consume(TOPIC, GROUP, (batch) => {
      const poisoned = batch.partition === 0;
      return poisoned ? Promise.reject(new Error("Refused for the test")) : received.by("a")(batch);
    }).start();
    for (let round = 1; round <= 5; round++) {
      await publish(log, records(100));
      const refused = (await log.lag(TOPIC, GROUP)).find(({ partition }) => partition === 0)?.lag ?? 0;
      assert.ok(refused > 0);
      await received.count(100 * round - refused);
    }
    await log.check(AbortSignal.timeout(10_000));
  });

  it("hands over nothing twice when members come and go while it is busy", async () => {
    const [one, other] = [await open(), await open()];
    const received = new Received();
    const first = one.consume(TOPIC, GROUP, received.by("a"));
    await first.start();
    let published = 0;
    let busy = true;
    const publishing = (async () => {
      for (; busy; published += 50) await publish(one, records(50, `${published}-`));
    })();
    await received.count(300);
    await other.consume(TOPIC, GROUP, received.by("b")).start();
    await received.until(() => received.members.includes("b"), "the second member got a partition");
    await first.stop();
    busy = false;
    await publishing;
    await untilCaughtUp(other, TOPIC, GROUP);
    assert.equal(received.records.length, published);
    assert.equal(new Set(received.sortedValues()).size, published);
    await other.check(AbortSignal.timeout(10_000));
  });

  it("keeps its partitions while a handler works for longer than the session lasts", async () => {
    const log = await open();
    await publish(log, records(20));
    const received = new Received();
    let lost = false;
    await log.consume(TOPIC, GROUP, async (batch) => {
      await aborted(AbortSignal.timeout(7_000));
      lost ||= batch.signal.aborted;
      await received.by("a")(batch);
    }).start();
    await received.count(20);
    await untilCaughtUp(log, TOPIC, GROUP);
    assert.deepEqual([lost, received.records.length], [false, 20]);
  });

  it("delivers the batches of a member that was killed to another when its session is over", async () => {
    const log = await open({ partitions: 1 });
    await publish(log, records(100));
    const member = startMember({ ...options, partitions: 1 });
    await member.said("begun 0");
    await member.kill();
    const received = new Received();
    await log.consume(TOPIC, GROUP, received.by("b")).start();
    await received.count(100);
  });

  it("takes no commit from a member that was frozen and has lost its partitions", async () => {
    const log = await open({ partitions: 1 });
    await publish(log, records(100));
    const member = startMember({ ...options, partitions: 1 });
    await member.said("begun 0");
    member.send("SIGSTOP");
    const received = new Received();
    const heir = log.consume(TOPIC, GROUP, received.by("b"));
    await heir.start();
    await received.count(100);
    await publish(log, records(1, "later"));
    await received.count(101);
    await untilCaughtUp(log, TOPIC, GROUP);
    await heir.stop();
    await member.letGo();
    member.send("SIGCONT");
    await member.said("done 0");
    // It becomes a member again, and goes on where its heir was.
    await publish(log, records(1, "last"));
    await member.said("done last0");
    await untilCaughtUp(log, TOPIC, GROUP);
    await assert.rejects(
      Promise.race([member.said("begun later0"), Promise.reject(new Error("It did not"))]),
    );
    await member.kill();
  });

  it("names another epoch when the topic was made anew, and its members go on with that", async () => {
    const log = await open();
    const received = new Received();
    await log.consume(TOPIC, GROUP, received.by("a")).start();
    await publish(log, records(10));
    await received.count(10);
    await untilCaughtUp(log, TOPIC, GROUP);
    await withAdmin(options, (admin) => admin.deleteTopics({ topics: [options.prefix + TOPIC] }));
    const successor = await open();
    await publish(successor, records(10));
    const [{ epoch: first } = assert.fail("Expected a batch")] = received.batches;
    // What came first may bear the epoch that its reader knew: all of it comes again.
    const anew = () => received.batches.filter(({ epoch }) => epoch !== first);
    await received.until(
      () => anew().flatMap((batch) => batch.records).length === 10,
      "all came in the new epoch",
    );
    assert.equal(new Set(anew().map(({ epoch }) => epoch)).size, 1);
    await untilCaughtUp(successor, TOPIC, GROUP);
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

const TOPIC = "pendaftaran-events";
const GROUP: Group = "statistics-group";

function publish(log: EventLog, records: readonly EventRecord[]): Promise<void> {
  return log.publish(TOPIC, records, AbortSignal.timeout(30_000));
}

/** Records of as many keys, so that they spread over the partitions. */
function records(count: number, prefix = ""): readonly EventRecord[] {
  const bytes = (text: string) => new TextEncoder().encode(text);
  return Array.from({ length: count }, (_, i) => ({
    key: bytes(`key ${i}`),
    value: bytes(`${prefix}${i}`),
    headers: [],
  }));
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
