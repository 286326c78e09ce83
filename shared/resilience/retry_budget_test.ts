import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { RetryBudget } from "./retry_budget.ts";

describe("RetryBudget", () => {
  it("never allows more than ten retries and a tenth of the calls, over any stretch of time", () => {
    fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 500 }), (steps) => {
      const budget = new RetryBudget();
      const events = steps.map((isCall) => {
        if (!isCall) return budget.spend() ? "retry" : "refused";
        budget.earn();
        return "call";
      });
      for (let from = 0; from < events.length; from += 25) {
        const stretch = events.slice(from);
        const calls = stretch.filter((event) => event === "call").length;
        const retries = stretch.filter((event) => event === "retry").length;
        assert.ok(retries <= 10 + calls / 10, `${retries} retries for ${calls} calls`);
      }
    }));
  });

  it("allows a retry again after ten more calls", () => {
    const budget = new RetryBudget();
    while (budget.spend());
    for (let calls = 0; calls < 9; calls++) budget.earn();
    assert.equal(budget.spend(), false);
    budget.earn();
    assert.deepEqual([budget.spend(), budget.spend()], [true, false]);
  });
});
