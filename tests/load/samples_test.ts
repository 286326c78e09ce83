import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { median, percentiles, Samples, spread } from "./samples.ts";

describe("samples", () => {
  it("become one row for each name and contender, with one sample a round", () => {
    const samples = new Samples();
    samples.add("load", "ours", { perSecond: 1, lag: 0 });
    samples.add("load", "baseline", { perSecond: 2 }, "tuned");
    samples.add("load", "ours", { perSecond: 3 });
    assert.deepEqual(samples.rows(), [
      { name: "load", contender: "ours", measures: { perSecond: [1, 3], lag: [0] } },
      { name: "load", contender: "baseline", measures: { perSecond: [2] }, note: "tuned" },
    ]);
  });

  it("tell of which processes the CPU is", () => {
    const samples = new Samples();
    for (const edge of [0.5, 0.7]) {
      samples.add("load", "ours", { cpuMs: 1, cpuMsByProcess: { edge, relay: 0.1 } });
    }
    assert.deepEqual(samples.rows(), [{
      ...{ name: "load", contender: "ours", measures: { cpuMs: [1, 1] } },
      cpuMsByProcess: { edge: [0.5, 0.7], relay: [0.1, 0.1] },
    }]);
  });

  it("keep what one of the rounds has to add in words", () => {
    const samples = new Samples();
    samples.add("load", "baseline", { perSecond: 1 });
    samples.add("load", "baseline", { perSecond: 2 }, "not done");
    samples.add("load", "baseline", { perSecond: 3 });
    assert.deepEqual(samples.rows().map(({ note }) => note), ["not done"]);
  });

  it("have a median that as many lie below as above", () => {
    assert.equal(median([]), undefined);
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
  });

  it("have percentiles that are samples and rise", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1 }), (ms) => {
      const { p50Ms = NaN, p95Ms = NaN, p99Ms = NaN } = percentiles(ms);
      assert.ok(ms.includes(p50Ms) && ms.includes(p95Ms) && ms.includes(p99Ms));
      assert.ok(p50Ms <= p95Ms && p95Ms <= p99Ms);
      assert.ok(ms.filter((each) => each <= p95Ms).length >= 0.95 * ms.length);
    }));
    assert.deepEqual(percentiles([]), {});
  });

  it("lie apart by half of their range", () => {
    assert.equal(spread([90, 100, 110]), 0.1);
    assert.equal(spread([5]), 0);
  });
});
