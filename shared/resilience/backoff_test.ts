import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { backoffMs, sleep } from "./backoff.ts";

describe("backoffMs", () => {
  it("stays between nothing and the cap, whatever the attempt", () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
        const ms = backoffMs(attempt, { baseMs: 100, capMs: 10_000 }, () => random);
        assert.ok(ms >= 0 && ms <= 10_000);
      }),
    );
  });

  it("doubles its ceiling with each attempt", () => {
    assert.deepEqual([0, 1, 2, 3].map((attempt) => backoffMs(attempt, { baseMs: 100 }, () => 1)), [
      100,
      200,
      400,
      800,
    ]);
  });
});

describe("sleep", () => {
  it("ends at once when the signal aborts", async () => {
    const stop = new AbortController();
    const sleeping = sleep(60_000, stop.signal);
    stop.abort();
    await sleeping;
  });
});
