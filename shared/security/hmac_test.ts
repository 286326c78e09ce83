import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { hmacSha256 } from "./hmac.ts";

describe("hmacSha256", () => {
  it("is the HMAC of node:crypto for every key and text, and again for the same key", () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 100 });
    const text = fc.string({ unit: "grapheme", maxLength: 200 });
    fc.assert(fc.property(key, text, text, (key, first, second) => {
      for (const text of [first, second, first]) {
        const expected = createHmac("sha256", key).update(text).digest("hex");
        assert.equal(hmacSha256(key, text).toString("hex"), expected);
      }
    }));
  });
});
