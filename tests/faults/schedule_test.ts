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

    it(`breaks on ${ground} in a short run what it must always, and everything in the end`, () => {
      const alone = names(planned(faults, 2, true).filter((step) => step.length === 1).flat());
      for (const { name, inShortRun } of faults) {
        if (inShortRun === "always") assert.ok(alone.includes(name), name);
      }
      assert.equal(alone.at(-1), "kill-everything");
    });

    it(`breaks on ${ground} in a short run in every way, several at once`, () => {
      const steps = planned(faults, 2, true);
      assert.deepEqual(
        new Set(steps.flat().map(({ kind }) => kind)),
        new Set(faults.map(({ kind }) => kind)),
      );
      assert.ok(steps.some((step) => step.length > 2));
      for (const step of steps) assert.equal(new Set(step.map(({ target }) => target)).size, step.length);
    });

    it(`breaks nothing on ${ground} that takes long in a short run`, () => {
      assert.ok(planned(faults, 3, true).flat().every(({ inShortRun }) => inShortRun !== "never"));
    });

    it(`ends a run on ${ground} when time is up, and says what is missing of a short one`, () => {
      assert.equal(planned(faults, 4, false, 6).length, 6);
      const missing: string[] = [];
      const steps = planned(faults, 4, true, 3, ({ name }) => missing.push(name));
      assert.equal(steps.length, 4);
      assert.deepEqual(names(steps.at(-1) ?? []), ["kill-everything"]);
      const done = [...names(steps.slice(0, 3).flat()), ...missing];
      assert.deepEqual(done.sort(), names(planned(faults, 4, true).slice(0, -1).flat()).sort());
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

/** With time for so many steps. */
function planned(
  faults: readonly Fault[],
  seed: number,
  quick: boolean,
  time = Infinity,
  leaveOut: (fault: Fault) => void = (fault) => assert.fail(fault.name),
): readonly (readonly Fault[])[] {
  const options = { random: seededRandom(seed), quick, inTime: () => time-- > 0, leaveOut };
  return [...schedule(faults, options)];
}

function names(faults: readonly Fault[]): string[] {
  return faults.map(({ name }) => name);
}
