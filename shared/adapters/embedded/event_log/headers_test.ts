import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { unicodeText } from "../../../../tests/contract/unicode_text.ts";
import { decodeHeaders, encodeHeaders } from "./headers.ts";

describe("Headers of a record", () => {
  it("keep order, repeated names and every byte", () => {
    const header = fc.tuple(unicodeText(), fc.uint8Array());
    fc.assert(fc.property(fc.array(header), (headers) => {
      const decoded = decodeHeaders(encodeHeaders(headers));
      assert.deepEqual(decoded.map(([name, value]) => [name, Uint8Array.from(value)]), headers);
    }));
  });

  it("are legible in the table as long as they are plain", () => {
    assert.equal(encodeHeaders([["traceparent", new TextEncoder().encode("00-af")]]), "traceparent=MDAtYWY");
  });
});
