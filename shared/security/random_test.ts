import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { randomBytes } from "./random.ts";

describe("randomBytes", () => {
  it("gives as many as were asked for, and no byte twice", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 200 }), (lengths) => {
      const given = lengths.map((length) => randomBytes(length));
      assert.deepEqual(given.map((bytes) => bytes.length), lengths);
      const places = new Map<ArrayBuffer, Set<number>>();
      for (const { buffer, byteOffset, length } of given) {
        const taken = places.get(buffer) ?? new Set();
        places.set(buffer, taken);
        for (let at = byteOffset; at < byteOffset + length; at++) {
          assert.ok(!taken.has(at));
          taken.add(at);
        }
      }
    }));
  });
});
