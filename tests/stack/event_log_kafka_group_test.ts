import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { createClient } from "../../shared/adapters/kafka/client.ts";
import { openKafkaEventLog } from "../../shared/adapters/kafka/event_log.ts";
import type { EventLog, PartitionBatch } from "../../shared/ports/event_log.ts";
import { sleep } from "../../shared/resilience/backoff.ts";
import { Received, sumOfLag, untilCaughtUp } from "../contract/event_log_probe.ts";
import { startMember } from "./kafka_member.ts";
import { aborted, GROUP, publish, records, TOPIC } from "./kafka_records.ts";
import { deleteAll, stackKafka, type TestOptions, withAdmin } from "./stack_kafka.ts";

describe("A group of Kafka", () => {
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

  it("does not let the other partitions wait for one whose handler rejects, not even for what comes later", async () => {
    const log = await open();
    const received = new Received();
    await log.consume(TOPIC, GROUP, (batch) => {
      const poisoned = batch.partition === 0;
      return poisoned ? Promise.reject(new Error("Refused for the test")) : received.by("a")(batch);
    }).start();
    // Twenty of its back-offs would take more than a minute.
    const deadline = AbortSignal.timeout(30_000);
    for (let round = 1; round <= 20; round++) {
      await publish(log, records(100));
      const refused = (await log.lag(TOPIC, GROUP)).find(({ partition }) => partition === 0)?.lag ?? 0;
      assert.ok(refused > 0);
      await received.count(100 * round - refused);
      deadline.throwIfAborted();
    }
    await log.check(AbortSignal.timeout(10_000));
  });

  it("hands over nothing twice when members come and go while all are busy", async () => {
    const [one, other] = [await open(), await open()];
    const received = new Received();
    const busily = (member: string) => async (batch: PartitionBatch) => {
      await received.by(member)(batch);
      await sleep(300, never);
    };
    const first = one.consume(TOPIC, GROUP, busily("a"));
    await first.start();
    let published = 0;
    let goesOn = true;
    const publishing = (async () => {
      for (; goesOn; published += 50) {
        await publish(one, records(50, `${published}-`));
        await sleep(50, never);
      }
    })();
    await received.count(300);
    await other.consume(TOPIC, GROUP, busily("b")).start();
    await received.until(() => received.members.includes("b"), "the second member got a partition");
    await first.stop();
    goesOn = false;
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

  it("reads a partition from its beginning when its offset was committed in an earlier incarnation", async () => {
    const log = await open({ partitions: 1 });
    await publish(log, records(10));
    await commit({ ...options, offset: "10", metadata: "the id that the topic had before" });
    assert.equal(await sumOfLag(log, TOPIC, GROUP), 0);
    const received = new Received();
    await log.consume(TOPIC, GROUP, received.by("a")).start();
    await received.count(10);
  });

  it("goes on from an offset that an operator has set", async () => {
    const log = await open({ partitions: 1 });
    await publish(log, records(10));
    await commit({ ...options, offset: "7" });
    const received = new Received();
    await log.consume(TOPIC, GROUP, received.by("a")).start();
    await untilCaughtUp(log, TOPIC, GROUP);
    assert.deepEqual(received.records.map(({ offset }) => offset), [7, 8, 9]);
  });
});

const never = new AbortController().signal;

/** Commits in the group's name as other programs do. */
async function commit(
  { brokers, prefix, ...committed }: TestOptions & { offset: string; metadata?: string },
): Promise<void> {
  const [topic, groupId] = [prefix + TOPIC, prefix + GROUP];
  const consumer = createClient({ brokers }).consumer({ groupId, maxWaitTimeInMs: 100 });
  const joined = Promise.withResolvers<void>();
  consumer.on("consumer.group_join", () => joined.resolve());
  await consumer.connect();
  await consumer.subscribe({ topics: [topic] });
  await consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() });
  await joined.promise;
  const { offset, metadata = null } = committed;
  await consumer.commitOffsets([{ topic, partition: 0, offset, metadata }]);
  await consumer.disconnect();
}
