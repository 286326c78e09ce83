import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { Consumer, EventLog, EventRecord, Group, PartitionBatch } from "../../shared/ports/event_log.ts";
import {
  aborted,
  bytes,
  type OnBatch,
  plain,
  Received,
  record,
  records,
  sumOfLag,
  untilCaughtUp,
} from "./event_log_probe.ts";

/** What every event log promises. Everything in it also holds for Kafka. */
export function eventLogContract(name: string, harness: EventLogHarness): void {
  describe(`The event log in ${name}`, () => {
    let opened: OpenEventLog;
    let log: EventLog;
    let consumers: Consumer[];

    beforeEach(async () => {
      opened = await harness.open();
      log = opened.log;
      consumers = [];
    });
    afterEach(async () => {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await opened.close();
    });
    after(async () => await harness.close());

    const publish = (records: readonly EventRecord[], by = log) =>
      by.publish(topic, records, AbortSignal.timeout(30_000));

    async function consume(onBatch: OnBatch, { by = log, group = statistics } = {}): Promise<Consumer> {
      const consumer = by.consume(topic, group, onBatch);
      consumers.push(consumer);
      await consumer.start();
      return consumer;
    }

    it("delivers the records of a key in their order and from one partition", async () => {
      const received = new Received();
      await consume(received.by("a"));
      const rounds = Array.from({ length: 20 }, (_, i) => i);
      for (const i of rounds) await publish(["x", "y", "z"].map((key) => record(key, `${key}${i}`)));
      await received.count(60);
      for (const key of ["x", "y", "z"]) {
        const ofKey = received.records.filter((seen) => seen.key === key);
        assert.deepEqual(ofKey.map((seen) => seen.value), rounds.map((i) => `${key}${i}`));
        assert.equal(new Set(ofKey.map((seen) => seen.partition)).size, 1);
      }
    });

    it("delivers every record to both groups, also what was written before they began", async () => {
      await publish(records(100));
      const [first, second] = [new Received(), new Received()];
      await consume(first.by("a"), { group: "statistics-group" });
      await consume(second.by("b"), { group: "notification-group" });
      await Promise.all([first.count(100), second.count(100)]);
      assert.deepEqual(first.sortedValues(), second.sortedValues());
    });

    it("keeps topics apart", async () => {
      const received = new Received();
      await log.publish("pendaftaran-events.dlq", records(3, "dead"), AbortSignal.timeout(30_000));
      await publish(records(3, "alive"));
      await consume(received.by("a"));
      await received.count(3);
      assert.deepEqual(received.sortedValues(), ["alive0", "alive1", "alive2"]);
    });

    it("numbers the records of a partition densely and names one epoch", async () => {
      const received = new Received();
      await consume(received.by("a"));
      for (let i = 0; i < 10; i++) await publish(records(30, `${i}-`));
      await received.count(300);
      for (const [, offsets] of Map.groupBy(received.records, (seen) => seen.partition)) {
        assert.deepEqual(offsets.map((seen) => seen.offset), offsets.map((_, i) => i));
      }
      assert.equal(new Set(received.batches.map((batch) => batch.epoch)).size, 1);
      assert.ok(received.batches.every((batch) => batch.topic === topic && batch.epoch !== ""));
    });

    it("delivers a batch whose handler rejects again, and does not move the offset", async () => {
      await publish(Array.from({ length: 10 }, (_, i) => record("one", String(i))));
      const received = new Received();
      const lags: number[] = [];
      await consume(async (batch) => {
        await received.by("a")(batch);
        lags.push(await sumOfLag(log, topic, statistics));
        if (lags.length <= 2) throw new Error("Refused for the test");
      });
      await untilCaughtUp(log, topic, statistics);
      const [first, second, third] = received.batches.map(offsetsOf);
      assert.deepEqual(second, first);
      assert.deepEqual(third, first);
      assert.deepEqual(lags.slice(0, 3), [10, 10, 10]);
    });

    it("goes on with the other partitions while a handler rejects one", async () => {
      await publish(records(200));
      const received = new Received();
      let refused: number | undefined;
      let refusing = true;
      await consume((batch) => {
        refused ??= batch.partition;
        if (refusing && batch.partition === refused) return Promise.reject(new Error("Refused for the test"));
        return received.by("a")(batch);
      });
      const refusedLag = async () =>
        (await log.lag(topic, statistics)).find(({ partition }) => partition === refused)?.lag ?? 0;
      await received.until(() => refused !== undefined, "a batch was refused");
      await received.count(200 - await refusedLag());
      assert.ok(await refusedLag() > 0);
      refusing = false;
      await received.count(200);
    });

    it("delivers a batch again whose member died in the middle of it", async () => {
      await publish([record("one", "x"), record("one", "y")]);
      const begun = new Received();
      const dying = await consume(async (batch) => {
        await begun.by("a")(batch);
        await aborted(batch.signal);
        throw new Error("Died for the test");
      });
      await begun.count(2);
      await dying.stop();
      assert.equal(await sumOfLag(log, topic, statistics), 2);
      const received = new Received();
      await consume(received.by("b"), { by: await opened.second() });
      await received.count(2);
      assert.deepEqual(received.batches.flatMap(offsetsOf), begun.batches.flatMap(offsetsOf));
    });

    it("shares the partitions among two members, each record with one, and leaves all to the last", async () => {
      const received = new Received();
      const first = await consume(received.by("a"));
      await consume(received.by("b"), { by: await opened.second() });
      for (let round = 0; new Set(received.members).size < 2; round++) {
        assert.ok(round < 1_000, "The second member never got a partition");
        await publish(records(50, `warm${round}-`));
        await received.count(50 * (round + 1));
      }
      const warm = received.records.length;
      await publish(records(1_000, "shared"));
      await received.count(warm + 1_000);
      const shared = received.records.filter((seen) => seen.value?.startsWith("shared"));
      assert.equal(new Set(shared.map((seen) => seen.value)).size, 1_000);
      assert.equal(shared.length, 1_000);
      assert.deepEqual([...new Set(shared.map((seen) => seen.member))].sort(), ["a", "b"]);

      await first.stop();
      await publish(records(200, "left"));
      await received.count(warm + 1_200);
      const left = received.records.filter((seen) => seen.value?.startsWith("left"));
      assert.ok(left.every((seen) => seen.member === "b"));
    });

    it("takes 5,000 records at once and delivers all of them", async () => {
      const received = new Received();
      await publish(records(5_000));
      await consume(received.by("a"));
      await received.count(5_000);
      assert.equal(new Set(received.records.map((seen) => seen.value)).size, 5_000);
    });

    it("leaves keys, values and headers untouched to the byte", async () => {
      const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);
      const odd: EventRecord[] = [
        { key: everyByte, value: everyByte, headers: [["every", everyByte]] },
        { key: null, value: null, headers: [] },
        { key: bytes("k"), value: bytes(""), headers: [["empty", bytes("")]] },
        { key: null, value: bytes("v"), headers: [["b", bytes("1")], ["a", bytes("2")], ["b", bytes("3")]] },
        {
          key: bytes("k"),
          value: Uint8Array.of(0xff, 0xfe, 0x00, 0xc3),
          headers: [["ké&y=+ %", bytes("é")]],
        },
      ];
      const received = new Received();
      await consume(received.by("a"));
      for (const one of odd) await publish([one]);
      await received.count(odd.length);
      const seen = received.batches.flatMap((batch) => batch.records.map(plain));
      assert.deepEqual(seen.toSorted(), odd.map(plain).toSorted());
    });

    it("tells when a record was written", async () => {
      const before = Date.now();
      const received = new Received();
      await consume(received.by("a"));
      await publish(records(1));
      await received.count(1);
      const written = received.batches[0]?.records[0]?.timestamp.getTime() ?? 0;
      assert.ok(written >= before && written <= Date.now());
    });

    it("counts the lag of a group that never began, and lets it fall to 0", async () => {
      await publish(records(100));
      assert.equal(await sumOfLag(log, topic, statistics), 100);
      const received = new Received();
      await consume(async (batch) => {
        await batch.heartbeat();
        await received.by("a")(batch);
      });
      await untilCaughtUp(log, topic, statistics);
      assert.equal(received.records.length, 100);
      assert.equal(await sumOfLag(log, topic, "notification-group"), 100);
    });

    it("delivers nothing while paused, and everything once resumed", async () => {
      const [received, other] = [new Received(), new Received()];
      const paused = await consume(received.by("a"));
      await consume(other.by("b"), { group: "notification-group" });
      await publish(records(10, "first"));
      await Promise.all([received.count(10), other.count(10)]);
      await untilCaughtUp(log, topic, statistics);
      paused.pause();
      await publish(records(50, "second"));
      await other.count(60);
      assert.equal(received.records.length, 10);
      paused.resume();
      await received.count(60);
    });

    it("stops while a handler waits on its signal", async () => {
      await publish(records(1));
      const begun = new Received();
      const consumer = await consume((batch) => begun.by("a")(batch).then(() => aborted(batch.signal)));
      await begun.count(1);
      await consumer.stop();
      assert.ok(begun.batches[0]?.signal.aborted);
    });

    it("begins no batch after it has stopped", async () => {
      const [received, other] = [new Received(), new Received()];
      const stopped = await consume(received.by("a"));
      await consume(other.by("b"), { group: "notification-group" });
      await stopped.stop();
      await publish(records(20));
      await other.count(20);
      assert.equal(received.records.length, 0);
    });

    it("rejects a publish whose signal has aborted, and writes nothing", async () => {
      const reason = new Error("Gone");
      await assert.rejects(log.publish(topic, records(5), AbortSignal.abort(reason)), reason);
      assert.equal(await sumOfLag(log, topic, statistics), 0);
    });

    it("takes an empty publish and writes nothing", async () => {
      await publish([]);
      assert.equal(await sumOfLag(log, topic, statistics), 0);
    });

    it("loses nothing of concurrent publishers in two processes", async () => {
      const processes = [log, await opened.second()];
      const received = new Received();
      await consume(received.by("a"));
      await Promise.all(
        Array.from({ length: 40 }, (_, i) => publish(records(25, `p${i}-`), processes[i % 2])),
      );
      await received.count(1_000);
      assert.equal(new Set(received.records.map((seen) => seen.value)).size, 1_000);
    });

    it("lets anybody read what a topic holds, as it is and in order, and moves no group", async () => {
      const odd: EventRecord = {
        key: null,
        value: null,
        headers: [["a", bytes("1")], ["b", bytes("")], ["a", Uint8Array.of(255)]],
      };
      await publish([odd, ...records(700)]);
      await log.publish("pendaftaran-events.dlq", records(3, "dead"), AbortSignal.timeout(30_000));
      for (const by of [log, await opened.second()]) {
        const read = await Array.fromAsync(by.read(topic, AbortSignal.timeout(60_000)));
        assert.deepEqual(read.map(plain).toSorted(), [odd, ...records(700)].map(plain).toSorted());
        for (const [, ofOne] of Map.groupBy(read, ({ partition }) => partition)) {
          assert.deepEqual(ofOne.map(({ offset }) => offset), ofOne.map((_, i) => i));
        }
        assert.ok(read.every(({ timestamp }) => Math.abs(timestamp.getTime() - Date.now()) < 120_000));
      }
      assert.equal(await sumOfLag(log, topic, statistics), 701);
      const received = new Received();
      await consume(received.by("a"));
      await received.count(701);
    });

    it("ends a reading that is broken off, and one whose signal has aborted", async () => {
      assert.deepEqual(await Array.fromAsync(log.read(topic, AbortSignal.timeout(60_000))), []);
      await publish(records(700));
      for await (const { value } of log.read(topic, AbortSignal.timeout(60_000))) {
        assert.ok(value);
        break;
      }
      const gone = AbortSignal.abort(new Error("Gone"));
      await assert.rejects(Array.fromAsync(log.read(topic, gone)), { message: "Gone" });
    });

    it("answers a check, and rejects one whose signal has aborted", async () => {
      await log.check(AbortSignal.timeout(10_000));
      await assert.rejects(log.check(AbortSignal.abort()));
    });
  });
}

export interface EventLogHarness {
  /** Called for each test: a log whose topics are empty. */
  open(): Promise<OpenEventLog>;
  /** Called once, after all tests. */
  close(): Promise<void>;
}

export interface OpenEventLog {
  readonly log: EventLog;
  /** The same log as another process sees it. */
  second(): Promise<EventLog>;
  close(): Promise<void>;
}

const topic = "pendaftaran-events";
const statistics: Group = "statistics-group";

function offsetsOf(batch: PartitionBatch): readonly string[] {
  return batch.records.map((record) => `${batch.partition}/${record.offset}`);
}
