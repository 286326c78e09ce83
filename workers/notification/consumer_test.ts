import assert from "node:assert/strict";
import { mock } from "node:test";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { SYNTHETIC, SYNTHETIC_PROBE } from "../../shared/penduduk/synthetic.ts";
import type { EventRecord } from "../../shared/ports/event_log.ts";
import { parseTelepon, type SmsLedger } from "../../shared/ports/sms.ts";
import { deadLetters } from "../../shared/dead_letters/dead_letters.ts";
import { FakeEventLog } from "../../tests/fakes/event_log.ts";
import { batchOf, eventKeys, kodeProvinsi, registration, TRACE_ID } from "../../tests/fakes/registrations.ts";
import { FakeLedgerStore, FakeOfficers, FakeSender } from "../../tests/fakes/sms.ts";
import { PERSONAL, TELEPON } from "../../tests/fixtures.ts";
import { createNotificationConsumer, type NotificationParts, notify } from "./consumer.ts";
import { Delivery } from "./delivery.ts";
import { Pace } from "./pace.ts";

const TOPIC = "pendaftaran-events";
const GROUP = "notification-group";
const ring = eventKeys();
const [first, second] = TELEPON.map((text) => parseTelepon(text) ?? assert.fail());
assert.ok(first && second);

describe("The notification consumer", () => {
  let eventLog: FakeEventLog;
  let store: FakeLedgerStore;
  let ledger: SmsLedger;
  let sender: FakeSender;
  let officers: FakeOfficers;
  let parts: NotificationParts;
  let outcomes: string[];
  let logged: LogRecord[];

  const assemble = () => {
    const delivery = new Delivery({
      ledger,
      sender,
      pace: new Pace({ now: () => Date.now(), random: () => 0 }),
    });
    const observe: NotificationParts["observe"] = ({ outcome }) => void outcomes.push(outcome);
    parts = {
      delivery,
      officers,
      deadLetters: deadLetters(eventLog, { group: GROUP }),
      inPlace: { tries: 3, backoff: () => 0 },
      eventKeys: ring,
      nikMode: "masked",
      observe,
    };
  };
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

  beforeEach(async () => {
    logged = [];
    await configure({
      sinks: { memory: (record) => void logged.push(record) },
      loggers: [
        { category: "kependudukan", sinks: ["memory"], lowestLevel: "debug" },
        { category: ["logtape", "meta"], sinks: [] },
      ],
    });
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    eventLog = new FakeEventLog();
    store = new FakeLedgerStore(() => Date.now());
    ledger = store.open();
    officers = new FakeOfficers(first);
    outcomes = [];
    sender = new FakeSender();
    assemble();
  });
  afterEach(async () => {
    mock.timers.reset();
    await reset();
  });

  it("tells the default officer of a registration, with the NIK masked", async () => {
    await deliver(registration({ ring, id: "0190a6f2-7c1e-7b4a-9d2e-3f5a6b7c8d9e", kode: "32" }));
    assert.deepEqual(sender.taken, [{
      id: "0190a6f2-7c1e-7b4a-9d2e-3f5a6b7c8d9e:default",
      eventId: "0190a6f2-7c1e-7b4a-9d2e-3f5a6b7c8d9e",
      to: first,
      body: "Pendaftaran Baru: Ujang Sintetis Percobaan (320***********91) dari Jawa Barat",
    }]);
    assert.deepEqual(await ledger.counts(), { claimed: 0, sent: 1, refused: 0, parked: 0 });
    assert.deepEqual(outcomes, ["sent"]);
  });

  it("tells each officer of the province once", async () => {
    officers.byProvince.set(kodeProvinsi("32"), [{ id: "a", telepon: first }, { id: "b", telepon: second }]);
    await deliver(registration({ ring, kode: "32" }), registration({ ring, kode: "11" }));
    assert.deepEqual(sender.taken.map(({ to }) => to), [first, second, first]);
  });

  it("tells nobody of the synthetic people of the smoke test and of the probe", async () => {
    const synthetic = [SYNTHETIC, SYNTHETIC_PROBE].map((person) =>
      registration({ ring, kode: "31", person })
    );
    await deliver(...synthetic, registration({ ring }));
    assert.equal(sender.calls.length, 1);
    assert.deepEqual(outcomes.toSorted(), ["sent", "synthetic", "synthetic"]);
    assert.deepEqual(await ledger.counts(), { claimed: 0, sent: 1, refused: 0, parked: 0 });
    assert.deepEqual(letters(), []);
  });

  it("sends nothing for an event that comes again, in the same batch or another", async () => {
    const record = registration({ ring });
    await deliver(record, record);
    eventLog.rewind(TOPIC, GROUP);
    await deliver(record);
    assert.equal(sender.calls.length, 1);
    assert.deepEqual(outcomes.toSorted(), ["known", "known", "known", "known", "sent"]);
  });

  it("makes what nobody can read a dead letter at once, and goes on", async () => {
    const text = (value: string): EventRecord => ({
      key: null,
      value: new TextEncoder().encode(value),
      headers: [],
    });
    const handled = await deliver(
      { key: null, value: null, headers: [] },
      text("{"),
      text('{"specversion":"1.0"}'),
      registration({ ring: { active: ring.active, keys: new Map([[ring.active, new Uint8Array(32)]]) } }),
      registration({ ring: { active: "other", keys: new Map([["other", new Uint8Array(32)]]) } }),
      registration({ ring }),
    );
    assert.equal(handled, 6);
    assert.equal(sender.taken.length, 1);
    assert.deepEqual(letters().map((headers) => headers.get("dlq-error-code")), [
      "NO_VALUE",
      "NOT_JSON",
      "NOT_CLOUDEVENT",
      "PERSONAL_TAMPERED",
      "PERSONAL_UNKNOWN_KEY",
    ]);
    assert.equal(letters()[3]?.get("dlq-trace-id"), TRACE_ID);
    assert.deepEqual(letters().map((headers) => headers.get("dlq-original-offset")), [
      "0",
      "1",
      "2",
      "3",
      "4",
    ]);
    assert.deepEqual(outcomes.toSorted(), ["dead", "dead", "dead", "dead", "dead", "sent"]);
  });

  it("takes the batch for undone when a dead letter cannot be written", async () => {
    const send = () => Promise.reject(new Error("log away"));
    parts = { ...parts, deadLetters: { ...parts.deadLetters, send } };
    await assert.rejects(deliver({ key: null, value: null, headers: [] }), /log away/);
  });

  it("waits as long as the sender asks, with heartbeats and without a claim, and then sends", async () => {
    let heartbeats = 0;
    let throttles = 2;
    sender.answer = () => throttles-- > 0 ? { kind: "throttled", retryAfterMs: 7_000 } : "sent";
    const heartbeat = () => Promise.resolve(void heartbeats++);
    const running = notify(batchOf([registration({ ring })], { heartbeat }), parts);
    for (const [seconds, calls] of [[0, 1], [6, 1], [1, 2], [6, 2], [1, 3]] as const) {
      await pass(seconds);
      assert.equal(sender.calls.length, calls);
      if (calls < 3) assert.equal(store.rows.size, 0);
    }
    await running;
    assert.equal(heartbeats, 4);
    assert.deepEqual(outcomes, ["sent"]);
  });

  it("holds back all messages while one is told to wait", async () => {
    officers.byProvince.set(kodeProvinsi("11"), [{ id: "b", telepon: second }]);
    let throttles = 1;
    sender.answer = () => throttles-- > 0 ? { kind: "throttled", retryAfterMs: 5_000 } : "sent";
    const running = notify(batchOf([registration({ ring })]), parts);
    await pass(0);
    const other = notify(batchOf([registration({ ring, kode: "11" })]), parts);
    await pass(4);
    assert.equal(sender.calls.length, 1);
    await pass(1);
    await Promise.all([running, other]);
    assert.equal(sender.taken.length, 2);
  });

  it("makes a refused message a dead letter before it is settled", async () => {
    sender.answer = () => ({ kind: "refused", code: "21211" });
    const states: unknown[] = [];
    const { deadLetters: to } = parts;
    parts = {
      ...parts,
      deadLetters: {
        ...to,
        send(...letter) {
          states.push([...store.rows.values()].map(({ entry }) => entry.state));
          return to.send(...letter);
        },
      },
    };
    await deliver(registration({ ring }));
    assert.deepEqual(letters().map((headers) => headers.get("dlq-error-code")), ["SMS_REFUSED_21211"]);
    assert.deepEqual(states, [["claimed"]]);
    assert.deepEqual(await ledger.counts(), { claimed: 0, sent: 0, refused: 1, parked: 0 });
    eventLog.rewind(TOPIC, GROUP);
    await eventLog.deliver(TOPIC, GROUP);
    assert.equal(sender.calls.length, 1);
  });

  it("leaves a message whose fate nobody knows claimed, goes on, and never sends it again", async () => {
    sender.answer = () => sender.calls.length === 1 ? "lost-answer" : "sent";
    const [lost, next] = [registration({ ring }), registration({ ring })];
    const running = deliver(lost, next);
    await pass(1);
    assert.equal(await running, 2);
    assert.deepEqual(await ledger.counts(), { claimed: 1, sent: 1, refused: 0, parked: 0 });
    await deliver(lost);
    assert.equal(sender.taken.length, 2);
    assert.deepEqual(outcomes, ["uncertain", "sent", "known"]);
  });

  it("rejects when it is stopped while it waits, begins nothing more and leaves no claim behind", async () => {
    sender.answer = () => ({ kind: "throttled", retryAfterMs: 60_000 });
    const stop = new AbortController();
    const records = Array.from({ length: 5 }, () => registration({ ring }));
    const rejected = assert.rejects(notify(batchOf(records, { signal: stop.signal }), parts), /stopped/);
    await pass(1);
    stop.abort(new Error("stopped"));
    await rejected;
    assert.equal(sender.calls.length, 1);
    assert.equal(store.rows.size, 0);
  });

  it("lets a call that is under way end when it is stopped, and settles it", async () => {
    const gate = Promise.withResolvers<"sent">();
    sender.answer = () => gate.promise;
    const stop = new AbortController();
    const records = [registration({ ring }), registration({ ring })];
    const rejected = assert.rejects(notify(batchOf(records, { signal: stop.signal }), parts), /stopped/);
    await pass(0);
    stop.abort(new Error("stopped"));
    gate.resolve("sent");
    await rejected;
    assert.deepEqual(await ledger.counts(), { claimed: 0, sent: 1, refused: 0, parked: 0 });
    assert.equal(sender.calls.length, 1);
  });

  it("rejects when the group has lost the member, after what it began has ended", async () => {
    sender.answer = () => ({ kind: "throttled", retryAfterMs: 60_000 });
    const heartbeat = () => Promise.reject(new Error("fenced"));
    const rejected = assert.rejects(
      notify(batchOf([registration({ ring })], { heartbeat }), parts),
      /fenced/,
    );
    await pass(3);
    await rejected;
    assert.equal(store.rows.size, 0);
  });

  it("rejects when the officers or the ledger cannot be read, and sends all when the batch comes again", async () => {
    const record = registration({ ring });
    officers.failure = new Error("directory away");
    await assert.rejects(deliver(record), /directory away/);
    officers.failure = undefined;
    const claim = mock.method(ledger, "claim", () => Promise.reject(new Error("ledger away")));
    const check = mock.method(ledger, "check", () => Promise.reject(new Error("ledger away")));
    await assert.rejects(eventLog.deliver(TOPIC, GROUP), /ledger away/);
    claim.mock.restore();
    check.mock.restore();
    assert.deepEqual(letters(), []);
    assert.equal(await eventLog.deliver(TOPIC, GROUP), 1);
    assert.equal(sender.taken.length, 1);
  });

  it("logs nothing personal, whatever happens", async () => {
    const answers = ["lost-answer", { kind: "refused", code: "21610" }, {
      kind: "throttled",
      retryAfterMs: 1,
    }] as const;
    sender.answer = () => answers[sender.calls.length - 1] ?? "sent";
    const running = deliver(...Array.from({ length: 4 }, () => registration({ ring })), {
      key: null,
      value: new TextEncoder().encode(PERSONAL.join()),
      headers: [],
    });
    for (let i = 0; i < 5; i++) await pass(1);
    await running;
    const text = JSON.stringify(logged.map(({ message, properties }) => [message, properties]));
    assert.ok(logged.length >= 3, "something was logged");
    for (const secret of PERSONAL) assert.ok(!text.includes(secret));
  });
});

/** Lets time pass, and all that follows from it. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second <= seconds; second++) {
    if (second > 0) mock.timers.tick(1_000);
    for (let i = 0; i < 5; i++) await new Promise(setImmediate);
  }
}
