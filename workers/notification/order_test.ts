import assert from "node:assert/strict";
import { beforeEach, describe, it } from "@std/testing/bdd";
import type { EventRecord } from "../../shared/ports/event_log.ts";
import { parseTelepon } from "../../shared/ports/sms.ts";
import { batchOf, eventKeys, kodeProvinsi, registration } from "../../tests/fakes/registrations.ts";
import { FakeLedgerStore, FakeOfficers, FakeSender } from "../../tests/fakes/sms.ts";
import { TELEPON } from "../../tests/fixtures.ts";
import { notify } from "./consumer.ts";
import { Delivery } from "./delivery.ts";
import { Pace } from "./pace.ts";

const ring = eventKeys();
const [first, second] = TELEPON.map((text) => parseTelepon(text) ?? assert.fail());
assert.ok(first && second);

describe("The order of the messages of one officer", () => {
  const officers = new FakeOfficers(first);
  officers.byProvince.set(kodeProvinsi("11"), [{ id: "b", telepon: second }]);
  let leaps: number;
  beforeEach(() => {
    leaps = 0;
  });
  const deliver = async (sender: FakeSender, batches: readonly (readonly EventRecord[])[]) => {
    const pace = new Pace({ now: () => leaps += 1e9 });
    const delivery = new Delivery({ ledger: new FakeLedgerStore().open(), sender, pace });
    const none = () => Promise.reject(new Error("Nothing here is a dead letter"));
    const deadLetters = { send: none, sendSms: none };
    const parts = { delivery, officers, deadLetters, eventKeys: ring, nikMode: "masked" as const };
    await Promise.all(batches.map((records, partition) => notify(batchOf(records, { partition }), parts)));
  };
  const registrations = (...kodes: readonly string[]) => kodes.map((kode) => registration({ ring, kode }));

  it("is that of the events, one at a time, while officers are told side by side", async () => {
    const sender = new FakeSender();
    const open = new Set<string>();
    let most = 0;
    sender.answer = async ({ to }) => {
      assert.ok(!open.has(to));
      most = Math.max(most, open.add(to).size);
      await new Promise(setImmediate);
      open.delete(to);
      return "sent" as const;
    };
    const records = registrations("32", "11", "32", "32", "11", "32");
    await deliver(sender, [records]);
    assertOrder(sender, records);
    assert.equal(most, 2);
  });

  it("is that of the events when one has to be sent again", async () => {
    const sender = new FakeSender();
    let throttles = 3;
    sender.answer = () => throttles-- > 0 ? { kind: "throttled", retryAfterMs: 1_000 } : "sent";
    const records = registrations("32", "32", "32", "32");
    await deliver(sender, [records]);
    assertOrder(sender, records);
  });

  it("is that of the events with a sender that takes overlapping messages, 200 at once", async () => {
    const sender = new FakeSender({ ordered: true, idempotent: true });
    let open = 0;
    let most = 0;
    sender.answer = async () => {
      most = Math.max(most, ++open);
      await new Promise(setImmediate);
      open--;
      return "sent" as const;
    };
    const records = registrations(...new Array<string>(600).fill("32"));
    await deliver(sender, [records]);
    assertOrder(sender, records);
    assert.equal(most, 200);
  });

  it("is that of each partition, and partitions share the 200", async () => {
    const sender = new FakeSender({ ordered: true, idempotent: true });
    let open = 0;
    let most = 0;
    sender.answer = async () => {
      most = Math.max(most, ++open);
      await new Promise(setImmediate);
      open--;
      return "sent" as const;
    };
    const partitions = [0, 1, 2].map(() => registrations(...new Array<string>(150).fill("32")));
    await deliver(sender, partitions);
    for (const records of partitions) assertOrder(sender, records);
    assert.equal(most, 200);
  });
});

/** Each message of the records was taken once, and those of one officer in the order of the records. */
function assertOrder(sender: FakeSender, records: readonly EventRecord[]): void {
  const places = new Map(
    records.map(({ value }, i) => [JSON.parse(new TextDecoder().decode(value ?? undefined)).id, i]),
  );
  const taken = sender.taken.flatMap(({ id, to }) => {
    const place = places.get(id.split(":")[0]);
    return place === undefined ? [] : [{ to, place }];
  });
  assert.equal(taken.length, records.length);
  for (const officer of new Set(taken.map(({ to }) => to))) {
    const order = taken.filter(({ to }) => to === officer).map(({ place }) => place);
    assert.deepEqual(order, order.toSorted((a, b) => a - b));
  }
}
