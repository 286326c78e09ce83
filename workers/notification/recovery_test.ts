import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { deadLetters } from "../../shared/dead_letters/dead_letters.ts";
import { readLetters } from "../../shared/dead_letters/letters.ts";
import { LEASE_MS, parseTelepon, smsId, type SmsIntent } from "../../shared/ports/sms.ts";
import { FakeEventLog } from "../../tests/fakes/event_log.ts";
import { FakeLedgerStore, FakeSender } from "../../tests/fakes/sms.ts";
import { PENDUDUK, PERSONAL, TELEPON } from "../../tests/fixtures.ts";
import { Pace } from "./pace.ts";
import { Recovery } from "./recovery.ts";

describe("Recovery", () => {
  let clock = 0;
  let store: FakeLedgerStore;
  let eventLog: FakeEventLog;
  let outcomes: string[];
  let logged: LogRecord[];
  const never = new AbortController().signal;
  const recovery = (sender: FakeSender) =>
    new Recovery({
      ledger: store.open(),
      sender,
      pace: new Pace({ now: () => clock, random: () => 0 }),
      deadLetters: deadLetters(eventLog, { group: "notification-group" }),
      observe: ({ outcome }) => void outcomes.push(outcome),
    });
  /** A message whose process died after the claim. */
  const abandoned = async () => {
    const message = intent();
    await store.open().claim(message, never);
    clock += LEASE_MS;
    return message;
  };

  beforeEach(async () => {
    clock = 0;
    store = new FakeLedgerStore(() => clock);
    eventLog = new FakeEventLog();
    outcomes = [];
    logged = [];
    await configure({
      sinks: { memory: (record) => void logged.push(record) },
      loggers: [
        { category: "kependudukan", sinks: ["memory"], lowestLevel: "debug" },
        { category: ["logtape", "meta"], sinks: [] },
      ],
    });
  });
  afterEach(async () => await reset());

  describe("with a sender that lists what it took", () => {
    it("settles a message that it finds there, without sending it", async () => {
      const message = await abandoned();
      const sender = new FakeSender();
      sender.taken.push(message);
      await recovery(sender).processAll(never);
      assert.equal(store.state(message.id), "sent");
      assert.equal(sender.calls.length, 0);
    });

    it("parks a message that it does not find, because a missing entry proves nothing", async () => {
      const message = await abandoned();
      const sender = new FakeSender();
      await recovery(sender).processAll(never);
      assert.deepEqual(store.rows.get(message.id)?.entry.code, "NOT_FOUND");
      assert.equal(store.state(message.id), "parked");
      assert.equal(sender.calls.length, 0);
    });

    it("writes a dead letter that names a parked message before it is parked, and parks none without", async () => {
      const message = await abandoned();
      eventLog.failure = new Error("Log is away");
      const recover = recovery(new FakeSender());
      await recover.processAll(never);
      assert.equal(store.state(message.id), "claimed");
      eventLog.failure = undefined;
      clock += LEASE_MS;
      await recover.processAll(never);
      assert.equal(store.state(message.id), "parked");
      const letters = await Array.fromAsync(readLetters(eventLog, never));
      assert.deepEqual(letters.map(({ failure }) => [failure.code, failure.smsId]), [
        ["SMS_PARKED_NOT_FOUND", message.id],
      ]);
    });

    it("asks again a lease later while the list cannot be read", async () => {
      const message = await abandoned();
      const sender = new FakeSender();
      sender.taken.push(message);
      sender.lookUp = "away";
      const recover = recovery(sender);
      await recover.processAll(never);
      assert.equal(store.state(message.id), "claimed");
      sender.lookUp = "truth";
      await recover.processAll(never);
      assert.equal(store.state(message.id), "claimed", "the lease still runs");
      clock += LEASE_MS;
      await recover.processAll(never);
      assert.equal(store.state(message.id), "sent");
      assert.deepEqual(outcomes, ["open", "sent"]);
    });
  });

  describe("with a sender that takes a message once however often it is sent", () => {
    it("sends it again", async () => {
      const message = await abandoned();
      const sender = new FakeSender({ idempotent: true });
      await recovery(sender).processAll(never);
      assert.equal(store.state(message.id), "sent");
      assert.deepEqual(sender.taken.map(({ id }) => id), [message.id]);
    });

    it("parks it when the sender refuses it, and leaves it for later when it does not answer", async () => {
      const [refused, unheard, throttled] = [await abandoned(), await abandoned(), await abandoned()];
      const sender = new FakeSender({ idempotent: true });
      sender.answer = ({ id }) => {
        if (id === refused.id) return { kind: "refused", code: "21211" };
        return id === unheard.id ? "lost-call" : { kind: "throttled", retryAfterMs: 100 };
      };
      await recovery(sender).processAll(never);
      assert.equal(store.state(refused.id), "parked");
      assert.equal(store.state(unheard.id), "claimed");
      assert.equal(store.state(throttled.id), "claimed");
    });
  });

  it("leaves alone what somebody may still be sending, and what is settled", async () => {
    const [fresh, settled] = [intent(), intent()];
    const ledger = store.open();
    await ledger.claim(settled, never);
    await ledger.settle(settled.id, { kind: "refused", code: "21211" });
    clock += LEASE_MS;
    await ledger.claim(fresh, never);
    const sender = new FakeSender({ idempotent: true });
    await recovery(sender).processAll(never);
    assert.equal(sender.calls.length, 0);
  });

  it("decides all that is due, however many", async () => {
    await Promise.all(Array.from({ length: 170 }, () => store.open().claim(intent(), never)));
    clock += LEASE_MS;
    const sender = new FakeSender({ idempotent: true });
    await recovery(sender).processAll(never);
    assert.equal(sender.taken.length, 170);
  });

  it("lets two processes recover at once without deciding anything twice", async () => {
    await Promise.all(Array.from({ length: 170 }, () => store.open().claim(intent(), never)));
    clock += LEASE_MS;
    const sender = new FakeSender({ idempotent: true });
    await Promise.all([recovery(sender).processAll(never), recovery(sender).processAll(never)]);
    assert.equal(sender.calls.length, 170);
  });

  it("begins by itself when started, and ends what it began before it is stopped", async () => {
    const message = await abandoned();
    const sender = new FakeSender({ idempotent: true });
    const gate = Promise.withResolvers<"sent">();
    sender.answer = () => gate.promise;
    const recover = recovery(sender);
    recover.start();
    while (sender.calls.length === 0) await new Promise(setImmediate);
    const stopped = recover.stop();
    gate.resolve("sent");
    await stopped;
    assert.equal(store.state(message.id), "sent");
  });

  it("outlives a ledger that is away", async () => {
    const message = await abandoned();
    const sender = new FakeSender({ idempotent: true });
    const ledger = store.open();
    const takeOver = ledger.takeOver.bind(ledger);
    let failures = 1;
    ledger.takeOver = (limit) => failures-- > 0 ? Promise.reject(new Error("ledger away")) : takeOver(limit);
    const pace = new Pace({ now: () => clock });
    const recover = new Recovery({
      ledger,
      sender,
      pace,
      deadLetters: deadLetters(eventLog, { group: "notification-group" }),
      everyMs: 0,
    });
    recover.start();
    while (store.state(message.id) === "claimed") await new Promise(setImmediate);
    await recover.stop();
    assert.equal(sender.taken.length, 1);
  });

  it("logs nothing personal", async () => {
    await abandoned();
    await abandoned();
    const sender = new FakeSender();
    sender.lookUp = "away";
    sender.find = () => Promise.reject(new Error(PERSONAL.join()));
    await recovery(sender).processAll(never);
    clock += LEASE_MS;
    await recovery(new FakeSender()).processAll(never);
    assert.equal(logged.length, 4);
    const text = JSON.stringify(logged.map(({ message, properties }) => [message, properties]));
    for (const secret of PERSONAL) assert.ok(!text.includes(secret));
  });
});

function intent(): SmsIntent {
  const eventId = crypto.randomUUID();
  const to = parseTelepon(TELEPON[0]) ?? assert.fail();
  return {
    id: smsId(eventId, "default"),
    eventId,
    to,
    body: `Pendaftaran Baru: ${PENDUDUK[0].nama} dari Aceh`,
  };
}
