import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { FakeSender } from "../../tests/fakes/sms.ts";
import { leaseFor, parseTelepon, SEND_DEADLINE_MS, smsId } from "./sms.ts";

describe("parseTelepon", () => {
  for (
    const [written, number] of [
      ["+6280000012345", "+6280000012345"],
      ["080000012345", "+6280000012345"],
      ["0800-0001-2345", "+6280000012345"],
      ["62800 0001 2345", "+6280000012345"],
      [" +62 (800) 0001.2345 ", "+6280000012345"],
      ["021-5550100", "+62215550100"],
      ["+12025550100", "+12025550100"],
    ] as const
  ) {
    it(`reads "${written}" as ${number}`, () => assert.equal(parseTelepon(written), number));
  }

  for (
    const text of [
      "",
      "+",
      "110",
      "0",
      "00",
      "0062800000123",
      "+62080000012345",
      "+0800000123",
      "8000000123a",
      "+1234567890123456",
      "０８００００００１２３４",
      "+62800+00012345",
      "0800\n00012345",
      "+62800",
      "800000123456",
    ]
  ) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseTelepon(text), undefined));
  }

  it("reads its own answer as itself, whatever it was given", () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."+0628 -") }), (text) => {
      const number = parseTelepon(text);
      if (number !== undefined) assert.equal(parseTelepon(number), number);
    }));
  });
});

describe("smsId", () => {
  it("is the same for one event and officer, and differs when either does", () => {
    assert.equal(smsId("e1", "o1"), smsId("e1", "o1"));
    assert.equal(new Set([smsId("e1", "o1"), smsId("e1", "o2"), smsId("e2", "o1")]).size, 3);
  });

  it("refuses parts that would make two pairs one id", () => {
    assert.throws(() => smsId("e:1", "o"), /Cannot name an SMS/);
    assert.throws(() => smsId("", "o"), /Cannot name an SMS/);
  });
});

describe("leaseFor", () => {
  it("outlasts a call of the sender unless a message may be sent again", () => {
    assert.ok(leaseFor(new FakeSender({ idempotent: false })) >= 2 * SEND_DEADLINE_MS);
    assert.ok(leaseFor(new FakeSender({ idempotent: true })) <= 5_000);
  });
});
