import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { readToken } from "./read_token.ts";

const HEADER = { alg: "RS256", typ: "JWT", kid: "satu" };

describe("readToken", () => {
  it("reads header and payload of a token, whatever its claims are", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.uint8Array(), (claims, signature) => {
        const payload = JSON.parse(JSON.stringify(claims));
        const token = `${encode(HEADER)}.${encode(claims)}.${Buffer.from(signature).toString("base64url")}`;
        assert.deepEqual(readToken(token), { header: HEADER, payload });
      }),
    );
  });

  it("reads nothing out of any text that is no token, and never throws", () => {
    fc.assert(fc.property(fc.string(), (text) => assert.equal(readToken(text), undefined)));
    const segment = fc.stringMatching(/^[\w-]{0,40}$/);
    fc.assert(fc.property(segment, segment, segment, (...segments) => {
      assert.equal(readToken(segments.join(".")), undefined);
    }));
  });

  it("takes one spelling only: no character can be changed, added or left out for the same content", () => {
    const token = `${encode(HEADER)}.${encode({ sub: "b3a1" })}.${
      Buffer.from("tanda").toString("base64url")
    }`;
    const character = fc.constantFrom(..."ABCabc019-_+/=. ");
    fc.assert(fc.property(fc.nat(token.length - 1), character, fc.nat(2), (at, other, kept) => {
      const changed = token.slice(0, at) + other + token.slice(at + kept);
      if (changed === token || !readToken(changed)) return;
      assert.notDeepEqual(bytesOf(changed), bytesOf(token));
    }));
  });

  it("sees a member that is there twice at any depth, however it is written", () => {
    const twice = [
      '{"a":1,"a":1}',
      '{"a":1,"\\u0061":2}',
      '{"x":{"a":1,"b":{},"a":2}}',
      '{"x":[1,{"a":[],"a":{}}]}',
      '{"":1,"":2}',
    ];
    for (const json of twice) assert.equal(readToken(`${encode(HEADER)}.${encode(json)}.`), undefined, json);
    const once = ['{"a":{"a":1},"b":[{"a":1},{"a":2}]}', '{"a":"a","b":"\\"a\\":1"}', '{"x":["a","a"]}'];
    for (const json of once) assert.ok(readToken(`${encode(HEADER)}.${encode(json)}.`), json);
  });
});

/** A text is taken for JSON already. */
function encode(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

const bytesOf = (token: string) =>
  token.split(".").map((segment) => Buffer.from(segment, "base64url").toString("hex"));
