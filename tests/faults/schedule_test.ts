import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { seededRandom } from "../../ops/tasks/simulate/random.ts";
import type { Fault } from "./faults/fault.ts";
import { faultsOf } from "./faults/faults.ts";
import { schedule } from "./schedule.ts";

describe("the schedule of a chaos run", () => {
  for (const ground of ["embedded", "stack"] as const) {
    const faults = faultsOf(ground);

    it(`breaks each thing on ${ground} alone, then several at once that are not the same`, () => {
      const steps = planned(faults, 1, false);
      const alone = steps.filter((step) => step.length === 1).flat();
      assert.deepEqual(names(alone).sort(), names(faults).sort());
      const several = steps.filter((step) => step.length > 1);
      assert.ok(several.length >= 5);
      for (const step of several) {
        assert.equal(new Set(step.map(({ target }) => target)).size, step.length);
        assert.ok(step.every(({ unnoticed }) => !unnoticed));
      }
    });

    it(`breaks what is essential on ${ground} in a short run too`, () => {
      const alone = names(planned(faults, 2, true).filter((step) => step.length === 1).flat());
      for (const { name, essential } of faults) if (essential) assert.ok(alone.includes(name), name);
    });

    it(`breaks nothing on ${ground} that takes long in a short run`, () => {
      assert.ok(planned(faults, 3, true).flat().every(({ long }) => !long));
    });

    it(`gives each fault on ${ground} a name of its own`, () => {
      assert.equal(new Set(names(faults)).size, faults.length);
    });
  }

  it("is the same for the same seed, and another for another", () => {
    const faults = faultsOf("embedded");
    const order = (seed: number) => planned(faults, seed, true).map(names);
    assert.deepEqual(order(3), order(3));
    assert.notDeepEqual(order(3), order(4));
  });
});

function planned(faults: readonly Fault[], seed: number, quick: boolean): readonly (readonly Fault[])[] {
  return [...schedule(faults, { random: seededRandom(seed), quick })];
}

function names(faults: readonly Fault[]): string[] {
  return faults.map(({ name }) => name);
}
