import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import { countKafkaEvents } from "../../shared/adapters/kafka/count_events.ts";
import { type KafkaEventLogOptions, openKafkaEventLog } from "../../shared/adapters/kafka/event_log.ts";
import type { EventLog } from "../../shared/ports/event_log.ts";
import { backoffMs, sleep } from "../../shared/resilience/backoff.ts";
import { Received, untilCaughtUp } from "../contract/event_log_probe.ts";
import { GROUP, record, TOPIC } from "./kafka_records.ts";
import { type OwnKafka, startOwnKafka } from "./own_kafka.ts";

const never = new AbortController().signal;

describe("The event log in a Kafka of one broker", () => {
  let kafka: OwnKafka;
  let options: KafkaEventLogOptions;
  let log: EventLog;

  before(async () => {
    kafka = await startOwnKafka(1);
  });
  after(async () => await kafka.stop());
  beforeEach(async () => {
    options = { brokers: kafka.brokers, prefix: `${crypto.randomUUID()}.`, sessionMs: 6_000 };
    log = await openKafkaEventLog(options);
  });
  afterEach(async () => await log.close());

  it("loses nothing when the broker is killed while records are published and consumed", async () => {
    const received = new Received();
    await log.consume(TOPIC, GROUP, received.by("a")).start();
    const publishing = publishRounds(log, 60);
    await received.count(200);
    await kafka.end(1, "SIGKILL");
    await until(log, false);
    kafka.start(1);
    await publishing;
    await received.until(() => new Set(received.sortedValues()).size === 60 * 50, "all were received");
    assert.equal(await countKafkaEvents(options), 60 * 50);
    await untilCaughtUp(log, TOPIC, GROUP);
    await until(log, true);
  });

  it("gives up in time while the broker is frozen, and goes on when it is not", async () => {
    const received = new Received();
    await log.consume(TOPIC, GROUP, received.by("a")).start();
    await log.publish(TOPIC, [record("k", "before")], AbortSignal.timeout(30_000));
    await received.count(1);
    kafka.send(1, "SIGSTOP");
    try {
      const late = { name: "TimeoutError" };
      await assert.rejects(log.publish(TOPIC, [record("k", "lost?")], AbortSignal.timeout(500)), late);
      await assert.rejects(log.check(AbortSignal.timeout(500)), late);
    } finally {
      kafka.send(1, "SIGCONT");
    }
    await log.publish(TOPIC, [record("k", "after")], AbortSignal.timeout(30_000));
    await received.until(() => received.sortedValues().includes("after"), "it was received");
  });
});

describe("The event log in a Kafka of three brokers", () => {
  let kafka: OwnKafka;
  let options: KafkaEventLogOptions;
  let log: EventLog;

  before(async () => {
    kafka = await startOwnKafka(3);
    options = { brokers: kafka.brokers, replication: 3, minInsync: 2, sessionMs: 6_000 };
    log = await openKafkaEventLog(options);
  });
  after(async () => {
    await log.close();
    await kafka.stop();
  });

  it("loses nothing, and keeps the order of a key, when one broker is killed and comes back", async () => {
    const received = new Received();
    await log.consume(TOPIC, GROUP, received.by("a")).start();
    const publishing = publishRounds(log, 100);
    await received.count(500);
    await kafka.end(1, "SIGKILL");
    await publishing;
    await received.until(() => new Set(received.sortedValues()).size === 100 * 50, "all were received");
    kafka.start(1);
    await kafka.ready();
    assert.equal(await countKafkaEvents(options), 100 * 50);
    await untilCaughtUp(log, TOPIC, GROUP);
    for (const [, ofKey] of Map.groupBy(received.records, ({ key }) => key)) {
      const rounds = [...new Set(ofKey.map(({ value }) => Number(value?.split("-")[0])))];
      assert.deepEqual(rounds, Array.from({ length: 100 }, (_, round) => round));
    }
  });

  it("takes nothing that only one broker would hold, and goes on when the others are back", async () => {
    await Promise.all([kafka.end(1, "SIGKILL"), kafka.end(2, "SIGKILL")]);
    await assert.rejects(log.publish(TOPIC, [record("k", "alone")], AbortSignal.timeout(5_000)));
    kafka.start(1);
    kafka.start(2);
    await kafka.ready();
    await publishRounds(log, 1);
    await until(log, true);
  });
});

/** As the relay does: a round that was rejected is published again. */
async function publishRounds(log: EventLog, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const records = Array.from({ length: 50 }, (_, i) => record(`key ${i}`, `${round}-${i}`));
    for (let attempt = 0;; attempt++) {
      try {
        await log.publish(TOPIC, records, AbortSignal.timeout(30_000));
        break;
      } catch {
        assert.ok(attempt < 100, "It never recovered");
        await sleep(backoffMs(attempt, { capMs: 2_000 }), never);
      }
    }
  }
}

/** Asks until the log's check passes, or fails. */
async function until(log: EventLog, passes: boolean): Promise<void> {
  const deadline = AbortSignal.timeout(60_000);
  const check = () => log.check(AbortSignal.timeout(2_000)).then(() => true, () => false);
  while (await check() !== passes) {
    deadline.throwIfAborted();
    await sleep(100, deadline);
  }
}
