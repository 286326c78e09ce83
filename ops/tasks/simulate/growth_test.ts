import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { EMPTY_FLEET, type Fleet } from "./fleet.ts";
import { growth, smsCaughtUp, statisticsCaughtUp } from "./growth.ts";

describe("The growth between two readings", () => {
  const full: Fleet = {
    registry: 10,
    cancelled: {},
    outbox: 0,
    events: 10,
    statistics: 10,
    sms: { claimed: 0, sent: 12, refused: 1, parked: 1 },
    smsExpected: 14,
    deadLetters: 0,
    provinces: new Map([["32", 10]]),
  };
  const grownTo = (changed: Partial<Fleet>) => growth(EMPTY_FLEET, { ...full, ...changed });

  it("counts a province that is new or that went away", () => {
    const before = { ...full, provinces: new Map([["31", 4], ["32", 3]]) };
    const after = { ...full, provinces: new Map([["32", 5], ["11", 1]]) };
    const { provinces, jumlah } = growth(before, after);
    assert.deepEqual([...provinces], [["11", 1], ["31", -4], ["32", 2]]);
    assert.equal(jumlah, -1);
  });

  it("has statistics that caught up only when every step of the way did", () => {
    assert.equal(statisticsCaughtUp(grownTo({}), 10), true);
    assert.equal(statisticsCaughtUp(grownTo({}), 11), false);
    for (
      const behind of [{ events: 9 }, { outbox: 1 }, { statistics: 9 }, { provinces: new Map([["32", 9]]) }]
    ) {
      assert.equal(statisticsCaughtUp(grownTo(behind), 10), false, JSON.stringify(behind));
    }
  });

  it("waits for two events and an SMS of a registration that was taken back, and counts nobody for it", () => {
    const cancelled = { registry: 9, cancelled: { "32": 1 }, events: 11, statistics: 9 };
    const provinces = new Map([["32", 9]]);
    assert.equal(statisticsCaughtUp(grownTo({ ...cancelled, provinces }), 10), true);
    assert.equal(statisticsCaughtUp(grownTo({ ...cancelled, provinces }), 11), false);
    for (const behind of [{ events: 10 }, { statistics: 10 }, { registry: 10 }]) {
      assert.equal(statisticsCaughtUp(grownTo({ ...cancelled, provinces, ...behind }), 10), false);
    }
    assert.equal(smsCaughtUp(grownTo({ ...cancelled, smsExpected: 9 }), 0), true);
    const sms = { claimed: 0, sent: 9, refused: 0, parked: 0 };
    assert.equal(smsCaughtUp(grownTo({ ...cancelled, smsExpected: 9, sms }), 0), false);
  });

  it("has SMS that caught up only when as many ended as are due, and one for each resident at least", () => {
    assert.equal(smsCaughtUp(grownTo({}), 10), true);
    assert.equal(smsCaughtUp(grownTo({ smsExpected: 15 }), 10), false);
    const none = { claimed: 3, sent: 0, refused: 0, parked: 0 };
    assert.equal(
      smsCaughtUp(grownTo({ sms: none, smsExpected: 0 }), 10),
      false,
      "not even the events were read",
    );
    assert.equal(smsCaughtUp(grownTo({ registry: 0, sms: none, smsExpected: 0 }), 10), false);
  });
});
