import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type IndexKey, nikIndex } from "./key_use.ts";

describe("nikIndex", () => {
  const [first, second] = [{ nik: "3171014108909999" }, { nik: "3171014108909998" }];
  const key = (): IndexKey => ({ id: "a", bytes: new Uint8Array(randomBytes(32)) });

  it("is HMAC-SHA-256, as `keys rotate` makes it by pgcrypto", async () => {
    const { id, bytes } = key();
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const secret = await crypto.subtle.importKey("raw", Uint8Array.from(bytes), hmac, false, ["sign"]);
    const expected = await crypto.subtle.sign("HMAC", secret, new TextEncoder().encode(first.nik));
    assert.deepEqual(new Uint8Array(nikIndex({ id, bytes }, first)), new Uint8Array(expected));
  });

  it("is equal for equal numbers only, and under the same key only", () => {
    const [one, other] = [key(), key()];
    const hex = (key: IndexKey, person: { nik: string }) => nikIndex(key, person).toString("hex");
    assert.equal(hex(one, first), hex(one, first));
    assert.notEqual(hex(one, first), hex(one, second));
    assert.notEqual(hex(one, first), hex(other, first));
  });
});
