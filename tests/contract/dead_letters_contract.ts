import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { deadLetters } from "../../shared/dead_letters/dead_letters.ts";
import { markLetters, openLetters, readLetters } from "../../shared/dead_letters/letters.ts";
import { recordsFor, replay } from "../../shared/dead_letters/replay.ts";
import type { Consumer, EventLog, EventRecord, Group, StoredRecord } from "../../shared/ports/event_log.ts";
import type { EventLogHarness, OpenEventLog } from "./event_log_contract.ts";
import { bytes, plain, Received, record, untilCaughtUp } from "./event_log_probe.ts";

/** What the dead letters promise on every event log, with consumers that bury what they are told to. */
export function deadLettersContract(name: string, harness: EventLogHarness): void {
  describe(`The dead letters in ${name}`, () => {
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

    /** A group that takes what it must look at, and buries what is poison to it. */
    async function consume(group: Group, isPoison: (record: StoredRecord) => boolean): Promise<Received> {
      const received = new Received();
      const letters = deadLetters(log, { group });
      const take = received.by(group);
      const consumer = log.consume(topic, group, async (batch) => {
        const records = recordsFor(group, batch.records);
        for (const record of records.filter(isPoison)) {
          await letters.send(record, batch, { code: "POISON", message: "-", attempts: 1 }, batch.signal);
        }
        await take({ ...batch, records: records.filter((record) => !isPoison(record)) });
      });
      consumers.push(consumer);
      await consumer.start();
      return received;
    }

    const letters = async () => await Array.fromAsync(readLetters(log, AbortSignal.timeout(60_000)));
    const open = async function* () {
      for await (const letter of readLetters(log, AbortSignal.timeout(60_000))) {
        if (letter.state === "open") yield letter;
      }
    };
    const replayOpen = () => replay(open(), { eventLog: log, signal: AbortSignal.timeout(60_000) });
    const caughtUp = () =>
      Promise.all([untilCaughtUp(log, topic, statistics), untilCaughtUp(log, topic, notification)]);
    const publish = (...records: readonly EventRecord[]) =>
      log.publish(topic, records, AbortSignal.timeout(30_000));

    it("bring a record back as it was to the group that failed, under its key, and to no other", async () => {
      let cured = false;
      const bad: EventRecord = {
        key: Uint8Array.of(0, 255),
        value: Uint8Array.of(0xc3, 0x28),
        headers: [["traceparent", bytes("x")], ["a", Uint8Array.of(255)], ["a", bytes("")]],
      };
      const isBad = ({ value }: StoredRecord) => !cured && value?.[0] === 0xc3;
      const counted = await consume("statistics-group", isBad);
      const told = await consume("notification-group", () => false);
      await publish(record("k", "before"), bad, record("k", "after"));
      await Promise.all([counted.count(2), told.count(3)]);
      await caughtUp();
      const [letter, ...more] = await letters();
      assert.deepEqual(more, []);
      assert.ok(letter);
      assert.equal(plain(letter.record), plain(bad));
      assert.deepEqual([letter.failure.group, letter.failure.code, letter.state], [
        "statistics-group",
        "POISON",
        "open",
      ]);
      const [before] = told.records.filter(({ value }) => value !== "before" && value !== "after");
      assert.equal(letter.failure.origin?.partition, before?.partition);
      assert.equal(letter.failure.origin?.offset, before?.offset);

      cured = true;
      assert.equal(await replayOpen(), 1);
      await counted.count(3);
      await caughtUp();
      assert.equal(told.records.length, 3);
      const [back] = counted.records.filter(({ value }) => value !== "before" && value !== "after");
      assert.equal(back?.partition, before?.partition);
      assert.deepEqual((await letters()).map(({ state }) => state), ["replayed"]);
      assert.equal(await replayOpen(), 0);
    });

    it("keep each letter of a group until it is dealt with, through failed replays, and count those that are open", async () => {
      const count = openLetters(log);
      assert.equal(await count(), 0);
      await consume("notification-group", ({ value }) => value !== null && value[0] !== 0x67);
      await consume("statistics-group", () => false);
      await publish(
        ...Array.from({ length: 30 }, (_, i) => record(`key ${i}`, `bad${i}`)),
        record("k", "good"),
      );
      await caughtUp();
      assert.equal(await count(), 30);
      assert.equal(await replayOpen(), 30);
      await caughtUp();
      assert.equal(await count(), 30);
      const all = await letters();
      assert.equal(all.length, 60);
      const again = all.filter(({ state }) => state === "open");
      assert.ok(again.every(({ failure }) => failure.attempts === 2));
      assert.deepEqual(
        again.map((letter) => plain(letter.record)).toSorted(),
        all.filter(({ state }) => state === "replayed").map((letter) => plain(letter.record)).toSorted(),
      );
      await markLetters(log, again.slice(0, 10), "dropped", AbortSignal.timeout(30_000));
      assert.equal(await count(), 20);
    });
  });
}

const topic = "pendaftaran-events";
const [statistics, notification] = ["statistics-group", "notification-group"] as const;
