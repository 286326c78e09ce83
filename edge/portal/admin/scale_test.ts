import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { PROVINSI } from "../../../shared/penduduk/provinsi.ts";
import { scaleOf } from "./scale.ts";

describe("scaleOf", () => {
  it("spreads the residents of the 38 provinces, of which one has a hundred times another, over all classes", () => {
    const { starts, classOf } = scaleOf(PROVINSI.map(({ penduduk }) => penduduk));
    assert.deepEqual(starts, [500_000, 1_000_000, 5_000_000, 10_000_000, 20_000_000].slice(0, starts.length));
    const filled = new Set(PROVINSI.map(({ penduduk }) => classOf(penduduk)));
    assert.equal(filled.size, starts.length);
  });

  it("gives zero a class of its own, and greater numbers never a lower one", () => {
    fc.assert(fc.property(fc.array(fc.nat({ max: 10_000_000 }), { minLength: 1 }), (values) => {
      const { starts, classOf } = scaleOf(values);
      const sorted = [...values].sort((a, b) => a - b).map(classOf);
      assert.deepEqual(sorted, [...sorted].sort((a, b) => a - b));
      for (const value of values) assert.equal(classOf(value) === 0, value === 0);
      assert.ok(starts.length <= 5);
    }));
  });

  it("has no class where there is nothing", () => {
    assert.deepEqual(scaleOf([0, 0]).starts, []);
  });
});
