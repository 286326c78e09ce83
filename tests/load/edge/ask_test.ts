import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { together } from "./ask.ts";

const load = { succeeded: 10, perSecond: 5, p50Ms: 1, p95Ms: 9, p99Ms: 10, errorPercent: 0, socketErrors: 1 };

describe("two loads at the same time", () => {
  it("serve what both serve, as slowly as the slower one", () => {
    assert.deepEqual(together(load, { ...load, succeeded: 30, perSecond: 15, p50Ms: 2, p95Ms: 3 }), {
      ...{ succeeded: 40, perSecond: 20, p50Ms: 2, p95Ms: 9, p99Ms: 10, errorPercent: 0, socketErrors: 2 },
    });
  });

  it("hide no errors of one of them", () => {
    assert.equal(together(load, { ...load, errorPercent: 7 }).errorPercent, 7);
    assert.equal(together({ ...load, errorPercent: 7 }, load).errorPercent, 7);
  });
});
