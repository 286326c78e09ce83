import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { chosen, limitOf, secondsOf } from "./plan.ts";
import type { Scenario } from "./scenario.ts";
import { scenariosFor } from "./scenarios.ts";

const run = () => Promise.resolve();
const short: Scenario = {
  ...{ name: "short", run, quick: { rounds: 1, each: 8, once: 2 }, full: { rounds: 3, each: 20, once: 5 } },
};
const long: Scenario = { name: "long", run, full: { rounds: 1, each: 90, once: 10 } };
const all = { quick: false, only: undefined, rounds: undefined };
const names = (options: Parameters<typeof chosen>[1]) =>
  chosen([short, long], options).map(({ scenario }) => scenario.name);

describe("the plan of the bench", () => {
  it("has all scenarios in the full run, and with --quick those that have a quick form", () => {
    assert.deepEqual(names(all), ["short", "long"]);
    assert.deepEqual(names({ ...all, quick: true }), ["short"]);
  });

  it("has what --only names in either", () => {
    assert.deepEqual(names({ ...all, only: ["long"] }), ["long"]);
    assert.deepEqual(names({ ...all, only: ["long"], quick: true }), ["long"]);
  });

  it("gives a scenario as many rounds as are asked for, and the time that they take", () => {
    assert.deepEqual(chosen([short], { ...all, rounds: 6 })[0]?.effort, { rounds: 6, seconds: 125 });
    assert.deepEqual(chosen([short], { ...all, quick: true })[0]?.effort, { rounds: 1, seconds: 10 });
  });

  for (const choice of [{ rounds: 90 }, { quick: true, only: ["short"], rounds: 90 }]) {
    it(`lets what is chosen by hand take as long as it needs: ${JSON.stringify(choice)}`, () => {
      const options = { ...all, ...choice };
      const planned = chosen([short, long], options);
      assert.ok(limitOf(planned, options) > secondsOf(planned));
    });
  }

  for (const [mode, quick] of [["--quick", true], ["the full run", false]] as const) {
    it(`fits ${mode} into its time with a tenth to spare`, () => {
      const options = { ...all, quick };
      const planned = chosen(scenariosFor({ connections: [100, 256, 1000] }), options);
      const [estimate, limit] = [secondsOf(planned), limitOf(planned, options)];
      assert.ok(estimate <= 0.9 * limit, `${estimate} s of ${limit} s`);
    });
  }
});
