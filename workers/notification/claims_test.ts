import assert from "node:assert/strict";
import { mock } from "node:test";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  parseTelepon,
  SEND_DEADLINE_MS,
  type SendResult,
  smsId,
  type SmsLedger,
} from "../../shared/ports/sms.ts";
import { FakeLedgerStore, FakeSender } from "../../tests/fakes/sms.ts";
import { TELEPON } from "../../tests/fixtures.ts";
import { Delivery } from "./delivery.ts";
import { Pace } from "./pace.ts";

const to = parseTelepon(TELEPON[0]) ?? assert.fail();

describe("The claims of one officer's messages", () => {
  let store: FakeLedgerStore;
  let ledger: SmsLedger;
  let sender: FakeSender;
  let stop: AbortController;
  let answers: PromiseWithResolvers<"sent" | Extract<SendResult, { kind: "throttled" }>>[];
  let deliveries: Promise<string>[];

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    store = new FakeLedgerStore();
    ledger = store.open();
    sender = new FakeSender();
    answers = [];
    sender.answer = () => {
      const answer = Promise.withResolvers<"sent" | Extract<SendResult, { kind: "throttled" }>>();
      answers.push(answer);
      return answer.promise;
    };
    stop = new AbortController();
  });
  afterEach(() => mock.timers.reset());

  async function deliver(messages: number, inFlight = 10): Promise<void> {
    const pace = new Pace({ now: () => Date.now(), random: () => 0 });
    const delivery = new Delivery({ ledger, sender, pace, inFlight });
    deliveries = Array.from({ length: messages }, (_, i) => {
      const intent = { id: idOf(i), eventId: `event-${i}`, to, body: `${i}` };
      const never = () => Promise.reject(new Error("Nothing here is refused"));
      return delivery.deliver({ intent, again: false, signal: stop.signal, refused: never });
    });
    await turns();
  }
  const idOf = (i: number) => smsId(`event-${i}`, "officer");
  const states = (messages: number) =>
    Array.from({ length: messages }, (_, i) => store.state(idOf(i)) ?? "free");

  it("are made for two of them while one is sent, so that those need not wait for the ledger", async () => {
    await deliver(4);
    assert.equal(sender.calls.length, 1);
    assert.deepEqual(states(4), ["claimed", "claimed", "claimed", "free"]);
    answers[0]?.resolve("sent");
    await turns();
    assert.deepEqual(sender.calls.map(({ body }) => body), ["0", "1"]);
    assert.deepEqual(states(4), ["sent", "claimed", "claimed", "claimed"]);
    for (let i = 1; i < 4; i++) {
      answers[i]?.resolve("sent");
      await turns();
    }
    assert.deepEqual(await Promise.all(deliveries), ["sent", "sent", "sent", "sent"]);
    assert.deepEqual(sender.taken.map(({ body }) => body), ["0", "1", "2", "3"]);
  });

  it("are given back at once when the process stops, though the one before them takes its time", async () => {
    await deliver(3);
    stop.abort(new Error("stopped"));
    await turns();
    assert.deepEqual(states(3), ["claimed", "free", "free"]);
    answers[0]?.resolve("sent");
    const [first, ...others] = await Promise.allSettled(deliveries);
    assert.deepEqual(first, { status: "fulfilled", value: "sent" });
    assert.deepEqual(others.map(({ status }) => status), ["rejected", "rejected"]);
    assert.equal(sender.calls.length, 1);
  });

  it("are given back while the provider makes everybody wait, and made anew afterwards", async () => {
    await deliver(2);
    answers[0]?.resolve({ kind: "throttled", retryAfterMs: 5_000 });
    await turns();
    assert.deepEqual(states(2), ["free", "claimed"]);
    mock.timers.tick(5_000);
    await turns();
    answers[1]?.resolve({ kind: "throttled", retryAfterMs: 60_000 });
    await turns();
    mock.timers.tick(SEND_DEADLINE_MS);
    await turns();
    assert.deepEqual(states(2), ["free", "free"], "a claim that waits for long would look abandoned");
    mock.timers.tick(60_000);
    await turns();
    answers[2]?.resolve("sent");
    await turns();
    answers[3]?.resolve("sent");
    assert.deepEqual(await Promise.all(deliveries), ["sent", "sent"]);
    assert.deepEqual(sender.taken.map(({ body }) => body), ["0", "1"]);
  });

  it("wait until their turn when as many messages are under way as may be", async () => {
    await deliver(2, 1);
    assert.deepEqual(states(2), ["claimed", "free"]);
    answers[0]?.resolve("sent");
    await turns();
    answers[1]?.resolve("sent");
    assert.deepEqual(await Promise.all(deliveries), ["sent", "sent"]);
  });
});

/** Lets all go on that waits for nothing but its turn. */
async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
}
