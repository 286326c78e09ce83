import assert from "node:assert/strict";
import { mock } from "node:test";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { deadLetters } from "../../shared/dead_letters/dead_letters.ts";
import { readLetters } from "../../shared/dead_letters/letters.ts";
import { replay } from "../../shared/dead_letters/replay.ts";
import type { KodeProvinsi } from "../../shared/penduduk/provinsi.ts";
import type { EventRecord } from "../../shared/ports/event_log.ts";
import { LEASE_MS, parseTelepon, type SmsIntent, type SmsLedger } from "../../shared/ports/sms.ts";
import { FakeEventLog } from "../../tests/fakes/event_log.ts";
import { eventKeys, kodeProvinsi, registration } from "../../tests/fakes/registrations.ts";
import { FakeLedgerStore, FakeOfficers, FakeSender } from "../../tests/fakes/sms.ts";
import { TELEPON } from "../../tests/fixtures.ts";
import { createNotificationConsumer, type NotificationParts } from "./consumer.ts";
import { Delivery } from "./delivery.ts";
import { Pace } from "./pace.ts";
import { Recovery } from "./recovery.ts";

const TOPIC = "pendaftaran-events";
const GROUP = "notification-group";
const ring = eventKeys();
const [first, second] = TELEPON.map((text) => parseTelepon(text) ?? assert.fail());
assert.ok(first && second);

describe("The dead letters of the notification", () => {
  let clock: number;
  let eventLog: FakeEventLog;
  let store: FakeLedgerStore;
  let ledger: SmsLedger;
  let sender: FakeSender;
  let officers: FakeOfficers;
  let parts: NotificationParts;

  beforeEach(() => {
    clock = 0;
    eventLog = new FakeEventLog();
    store = new FakeLedgerStore(() => clock);
    ledger = store.open();
    sender = new FakeSender();
    officers = new FakeOfficers(first);
    parts = {
      delivery: new Delivery({ ledger, sender, pace: newPace() }),
      officers,
      deadLetters: deadLetters(eventLog, { group: GROUP }),
      inPlace: { tries: 3, backoff: () => 0 },
      eventKeys: ring,
      nikMode: "masked",
    };
  });
  afterEach(() => mock.restoreAll());

  const newPace = () => new Pace({ now: () => clock, random: () => 0 });
  const deliver = async (...records: EventRecord[]) => {
    const consumer = createNotificationConsumer(eventLog, parts);
    await consumer.start();
    await eventLog.publish(TOPIC, records, AbortSignal.timeout(1_000));
    return await eventLog.deliver(TOPIC, GROUP);
  };
  const letters = () =>
    eventLog.records("pendaftaran-events.dlq").map((letter) =>
      new Map(letter.headers.map(([name, value]) => [name, new TextDecoder().decode(value)]))
    );

  describe("when only some of it fails", () => {
    const ofAceh = () => registration({ ring, kode: "11" });
    /** The officers of Aceh alone cannot be read. */
    const acehFails = (failures = Infinity) => {
      const of = officers.of.bind(officers);
      return mock.method(officers, "of", (kode: KodeProvinsi) => {
        return kode === "11" && failures-- > 0 ? Promise.reject(new Error("unreadable")) : of(kode);
      });
    };

    it("tries again in place, and sends when that helps", async () => {
      acehFails(2);
      await deliver(ofAceh(), registration({ ring }));
      assert.equal(sender.taken.length, 2);
      assert.deepEqual(letters(), []);
    });

    it("makes a record whose officers cannot be read a dead letter after so many tries, and goes on", async () => {
      const asked = acehFails();
      await deliver(ofAceh(), registration({ ring }), ofAceh(), registration({ ring }));
      assert.equal(sender.taken.length, 2);
      assert.deepEqual(
        letters().map((headers) => [headers.get("dlq-error-code"), headers.get("dlq-attempts")]),
        [
          ["OFFICERS_UNREADABLE", "3"],
          ["OFFICERS_UNREADABLE", "3"],
        ],
      );
      assert.equal(
        asked.mock.callCount(),
        4,
        "a province is asked for once a batch, and again when that fails",
      );
    });

    it("makes an SMS that the ledger does not take a dead letter after so many tries, and goes on", async () => {
      const claim = ledger.claim.bind(ledger);
      let claims = 0;
      mock.method(ledger, "claim", (intent: SmsIntent, signal: AbortSignal) => {
        if (intent.body.endsWith("Aceh")) return Promise.reject(new Error(`refused ${claims++}`));
        return claim(intent, signal);
      });
      await deliver(ofAceh(), registration({ ring }));
      assert.equal(sender.taken.length, 1);
      assert.equal(claims, 3);
      assert.deepEqual(letters().map((headers) => headers.get("dlq-error-code")), ["SMS_LEDGER_FAILED"]);
    });
  });

  describe("when a person replays dead letters", () => {
    const GONE_ON = AbortSignal.timeout(60_000);
    const replayAll = async () => {
      const open = async function* () {
        for await (const letter of readLetters(eventLog, GONE_ON)) if (letter.state === "open") yield letter;
      };
      const replayed = await replay(open(), { eventLog, signal: GONE_ON });
      await eventLog.deliver(TOPIC, GROUP);
      return replayed;
    };
    const refuse = (code: string) => sender.answer = () => ({ kind: "refused", code });

    it("really sends a refused SMS again, to the number that was corrected, and only once", async () => {
      refuse("21211");
      await deliver(registration({ ring, kode: "32" }));
      officers.byProvince.set(kodeProvinsi("32"), [{ id: "default", telepon: second }]);
      sender.answer = () => "sent";
      assert.equal(await replayAll(), 1);
      assert.deepEqual(sender.taken.map(({ to }) => to), [second]);
      assert.deepEqual((await ledger.recent(1)).map(({ state, to }) => [state, to]), [["sent", second]]);
      assert.equal(await replayAll(), 0);
      eventLog.rewind(TOPIC, GROUP);
      await eventLog.deliver(TOPIC, GROUP);
      assert.equal(sender.calls.length, 2);
    });

    it("sends to the refused officer alone, not to those who got it", async () => {
      officers.byProvince.set(kodeProvinsi("32"), [{ id: "a", telepon: first }, {
        id: "b",
        telepon: second,
      }]);
      sender.answer = ({ to }) => to === second ? { kind: "refused", code: "21610" } : "sent";
      await deliver(registration({ ring, kode: "32" }));
      sender.answer = () => "sent";
      await replayAll();
      assert.deepEqual(sender.taken.map(({ to }) => to), [first, second]);
    });

    it("makes it a letter again when it is refused again, with the tries of both", async () => {
      refuse("21211");
      await deliver(registration({ ring }));
      refuse("21612");
      await replayAll();
      assert.deepEqual(
        letters().map((headers) => [headers.get("dlq-error-code"), headers.get("dlq-attempts")]),
        [
          ["SMS_REFUSED_21211", "1"],
          [undefined, undefined],
          ["SMS_REFUSED_21612", "2"],
        ],
      );
      assert.deepEqual(await ledger.counts(), { claimed: 0, sent: 0, refused: 1, parked: 0 });
    });

    for (const taken of [true, false]) {
      it(`looks a parked SMS up before it sends it again (taken: ${taken})`, async () => {
        sender.answer = () => taken ? "lost-answer" : "lost-call";
        await deliver(registration({ ring }));
        const [message = assert.fail()] = await ledger.recent(1);
        sender.lookUp = "knows-nothing";
        clock += LEASE_MS;
        const { deadLetters: to } = parts;
        await new Recovery({ ledger, sender, pace: newPace(), deadLetters: to }).processAll(GONE_ON);
        assert.equal(store.state(message.id), "parked");
        [sender.lookUp, sender.answer] = ["truth", () => "sent"];
        assert.equal(await replayAll(), 1);
        assert.equal(sender.calls.length, taken ? 1 : 2);
        assert.equal(sender.taken.length, 1);
        assert.equal(store.state(message.id), "sent");
      });
    }

    it("keeps a parked SMS while the sender makes it wait: the ledger has the only copy", async () => {
      const pace = newPace();
      const waitedAs: unknown[] = [];
      mock.method(pace, "ready", () => {
        for (const { entry } of store.rows.values()) waitedAs.push(entry.state);
        return Promise.resolve();
      });
      parts = { ...parts, delivery: new Delivery({ ledger, sender, pace }) };
      sender.answer = () => "lost-call";
      await deliver(registration({ ring }));
      const [message = assert.fail()] = await ledger.recent(1);
      await ledger.settle(message.id, { kind: "parked", code: "NOT_FOUND" });
      const cause = { code: "SMS_PARKED_NOT_FOUND", message: "-", attempts: 1 };
      await parts.deadLetters.sendSms(message, cause, GONE_ON);
      let throttles = 1;
      sender.answer = () => throttles-- > 0 ? { kind: "throttled", retryAfterMs: 1_000 } : "sent";
      await replayAll();
      assert.deepEqual(waitedAs, ["parked", "parked"]);
      assert.equal(store.state(message.id), "sent");
      assert.equal(sender.taken.length, 1);
    });

    it("leaves a parked SMS to the recovery while the provider cannot be asked", async () => {
      sender.answer = () => "lost-call";
      await deliver(registration({ ring }));
      const [message = assert.fail()] = await ledger.recent(1);
      await ledger.settle(message.id, { kind: "parked", code: "NOT_FOUND" });
      await parts.deadLetters.sendSms(
        message,
        { code: "SMS_PARKED_NOT_FOUND", message: "-", attempts: 1 },
        GONE_ON,
      );
      sender.lookUp = "away";
      await replayAll();
      assert.equal(sender.calls.length, 1);
      assert.equal(store.state(message.id), "claimed");
    });

    it("passes over a replay for the other group", async () => {
      const other = deadLetters(eventLog, { group: "statistics-group" });
      const record = { ...registration({ ring }), offset: 0, timestamp: new Date() };
      const cause = { code: "BAD_DATA", message: "-", attempts: 1 };
      await other.send(record, { topic: TOPIC, partition: 0 }, cause, GONE_ON);
      await deliver();
      await replayAll();
      assert.equal(sender.calls.length, 0);
    });

    it("makes a replay of an SMS that nobody knows a dead letter", async () => {
      const cause = { code: "SMS_PARKED_NOT_FOUND", message: "-", attempts: 1 };
      await parts.deadLetters.sendSms({ id: "gone:default", eventId: "gone" }, cause, GONE_ON);
      await deliver();
      await replayAll();
      assert.equal(letters().at(-1)?.get("dlq-error-code"), "SMS_UNKNOWN");
    });
  });
});
