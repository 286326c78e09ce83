import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { parseTelepon, smsId } from "./sms.ts";

describe("parseTelepon", () => {
  for (
    const [written, number] of [
      ["+6281100000000", "+6281100000000"],
      ["081100000000", "+6281100000000"],
      ["0811-0000-0000", "+6281100000000"],
      ["62811 0000 0000", "+6281100000000"],
      [" +62 (811) 0000.0000 ", "+6281100000000"],
      ["021-5550000", "+62215550000"],
      ["+6588880000", "+6588880000"],
    ] as const
  ) {
    it(`reads "${written}" as ${number}`, () => assert.equal(parseTelepon(written), number));
  }

  for (
    const text of ["", "+", "110", "0", "00", "0062811000000", "+62081100000000", "+0811000000", "8110000000a",
      "+1234567890123456", "０８１１００００００００", "+62811+00000000", "0811\n00000000", "+62811", "811000000000"]
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
