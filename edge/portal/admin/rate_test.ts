import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Rate } from "./rate.ts";

describe("Rate", () => {
  it("counts the growth of the last minute and forgets what is older", () => {
    const rate = new Rate();
    rate.see(1_000, 0);
    rate.see(1_010, 30_000);
    assert.equal(rate.perMinute(30_000), 10);
    rate.see(1_015, 80_000);
    assert.equal(rate.perMinute(80_000), 15, "the first still stands where the minute began");
    assert.equal(rate.perMinute(95_000), 5);
    assert.equal(rate.perMinute(200_000), 0);
  });

  it("is zero before anything was seen, and when the total falls", () => {
    const rate = new Rate();
    assert.equal(rate.perMinute(0), 0);
    rate.see(5, 0);
    rate.see(4, 1);
    assert.equal(rate.perMinute(1), 0);
  });
});
