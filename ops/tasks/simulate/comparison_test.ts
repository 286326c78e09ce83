import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Answers, differences } from "./comparison.ts";
import { EMPTY_FLEET, type Fleet } from "./fleet.ts";

describe("The comparison of the stores", () => {
  const before: Fleet = {
    ...EMPTY_FLEET,
    registry: 100,
    events: 100,
    statistics: 100,
    sms: { claimed: 0, sent: 140, refused: 1, parked: 1 },
    smsExpected: 142,
    deadLetters: 3,
    provinces: new Map([["31", 60], ["32", 40]]),
  };
  /** Ten residents more: four of Jakarta, five of Jawa Barat, the first of Aceh; two officers in Jakarta. */
  const after: Fleet = {
    ...before,
    registry: 110,
    events: 110,
    statistics: 110,
    sms: { ...before.sms, sent: 154 },
    smsExpected: 156,
    provinces: new Map([["31", 64], ["32", 45], ["11", 1]]),
  };
  const answers: Answers = { registered: new Map([["31", 4], ["32", 5], ["11", 1]]), uncertain: new Map() };
  const compare = (changed: Partial<Fleet>, told: Answers = answers) =>
    differences(before, { ...after, ...changed }, told);

  it("finds nothing when every store grew by what was answered", () => {
    assert.deepEqual(compare({}), []);
  });

  it("finds a resident who was answered and is not stored", () => {
    assert.deepEqual(compare({ registry: 109 }), [
      "The registry grew by 9 residents, but 10 were answered 201",
      "The log has 10 new events for 9 new residents",
      "The statistics grew by 10, but the registry by 9 residents",
    ]);
  });

  it("finds nothing when a registration was taken back and every store knows it", () => {
    const takenBack = {
      registry: 109,
      cancelled: { "31": 1 },
      events: 111,
      statistics: 109,
      provinces: new Map([["31", 63], ["32", 45], ["11", 1]]),
    };
    assert.deepEqual(compare(takenBack), []);
    assert.deepEqual(compare({ ...takenBack, cancelled: {} }).length, 3);
    assert.deepEqual(compare({ ...takenBack, events: 110 }), [
      "The log has 10 new events for 9 new residents and 1 cancellations",
    ]);
    assert.deepEqual(compare({ ...takenBack, cancelled: { "31": 2 } }), [
      "The registry grew by 9 residents and 2 cancellations, but 10 were answered 201",
      "The log has 11 new events for 9 new residents and 2 cancellations",
      "Daerah Khusus Ibukota Jakarta grew by 5, but 4 of its residents were answered 201",
    ]);
  });

  it("finds a resident who was stored and never answered", () => {
    const told = { ...answers, registered: new Map([["31", 4], ["32", 4], ["11", 1]]) };
    assert.deepEqual(compare({}, told), [
      "The registry grew by 10 residents, but 9 were answered 201",
      "Jawa Barat grew by 5, but 4 of its residents were answered 201",
    ]);
  });

  it("allows for as many more as may have been stored, and no further", () => {
    const registered = new Map([["31", 4], ["32", 3], ["11", 1]]);
    assert.deepEqual(compare({}, { registered, uncertain: new Map([["32", 2]]) }), []);
    assert.deepEqual(compare({}, { registered, uncertain: new Map([["32", 1]]) }), [
      "The registry grew by 10 residents, but 8 were answered 201 and 1 more may have been stored",
      "Jawa Barat grew by 5, but 3 of its residents were answered 201",
    ]);
  });

  it("finds events that are missing or doubled", () => {
    assert.match(
      compare({ events: 109, statistics: 110 })[0] ?? "",
      /log has 9 new events for 10 new residents/,
    );
    assert.match(compare({ events: 111 })[0] ?? "", /log has 11 new events for 10 new residents/);
    assert.deepEqual(compare({ outbox: 2 }), ["The outbox still holds 2 events that were not published"]);
    assert.deepEqual(compare({ deadLetters: 4 }), ["1 events went to the dead letters"]);
  });

  it("finds a count that was lost, doubled or given to another province", () => {
    assert.deepEqual(compare({ statistics: 109 }), [
      "The statistics grew by 9, but the registry by 10 residents",
      "GET /stats grew by 10 over all provinces, but the statistics counted 9",
    ]);
    assert.deepEqual(compare({ provinces: new Map([["31", 65], ["32", 44], ["11", 1]]) }), [
      "Daerah Khusus Ibukota Jakarta grew by 5, but 4 of its residents were answered 201",
      "Jawa Barat grew by 4, but 5 of its residents were answered 201",
    ]);
    assert.match(
      compare({ provinces: new Map([["31", 64], ["32", 45]]) }).join(),
      /Aceh grew by 0, but 1 of its/,
    );
  });

  it("finds SMS that were lost, refused, parked or doubled", () => {
    assert.deepEqual(compare({ sms: { claimed: 1, sent: 151, refused: 2, parked: 2 } }), [
      "11 SMS were sent of 14 that are due; 1 refused, 1 parked, 1 begun and not ended",
    ]);
    assert.match(compare({ sms: { ...after.sms, sent: 155 } })[0] ?? "", /^15 SMS were sent of 14/);
    assert.match(
      compare({ sms: { ...after.sms, sent: 149 }, smsExpected: 151 })[0] ?? "",
      /^9 SMS are due for 10 registrations/,
    );
  });
});
