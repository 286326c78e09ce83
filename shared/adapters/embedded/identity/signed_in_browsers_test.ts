import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { SignedInBrowsers } from "./signed_in_browsers.ts";

describe("a browser that is signed in", () => {
  let now: number;
  let browsers: SignedInBrowsers;
  beforeEach(() => {
    now = 1_800_000_000_000;
    browsers = new SignedInBrowsers({ sessionIdleSeconds: 100, sessionMaxSeconds: 250 }, () => now);
  });
  const later = (seconds: number) => now += seconds * 1_000;

  it("is known by an id of its own that nobody guesses", () => {
    const [one, other] = [browsers.remember("a"), browsers.remember("a")];
    assert.notEqual(one, other);
    assert.match(one, /^[\w-]{43}$/);
    assert.deepEqual([browsers.userIn(one), browsers.userIn(other)], ["a", "a"]);
    assert.equal(browsers.userIn(""), undefined);
  });

  it("is forgotten when it idles, and lives on by being used", () => {
    const id = browsers.remember("a");
    later(99);
    assert.equal(browsers.userIn(id), "a");
    later(99);
    assert.equal(browsers.userIn(id), "a");
    later(100);
    assert.equal(browsers.userIn(id), undefined);
  });

  it("is forgotten at the end of the longest life, however much it is used", () => {
    const id = browsers.remember("a");
    for (let i = 0; i < 4; i++) {
      later(60);
      assert.equal(browsers.userIn(id), "a");
    }
    later(10);
    assert.equal(browsers.userIn(id), undefined);
  });

  it("is forgotten with its user, and no other is", () => {
    const [one, other] = [browsers.remember("a"), browsers.remember("b")];
    browsers.forgetAllOf("a");
    assert.deepEqual([browsers.userIn(one), browsers.userIn(other)], [undefined, "b"]);
  });

  it("gives way to newer ones beyond 10,000", () => {
    const first = browsers.remember("a");
    for (let i = 0; i < 10_000; i++) browsers.remember("b");
    assert.equal(browsers.userIn(first), undefined);
  });
});
