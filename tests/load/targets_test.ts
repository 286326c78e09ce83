import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { report } from "./report.ts";
import type { Measures, Row } from "./scenario.ts";
import { scenariosFor } from "./scenarios.ts";
import { judge, type Target, TARGETS } from "./targets.ts";

const row = (contender: string, measures: Measures): Row => ({ name: "load", contender, measures });
const threefold: Target = { name: "load", measure: "perSecond", against: "baseline", atLeast: 3 };

describe("the bench", () => {
  it("exits with 0 when every target is reached", () => {
    const rows = [row("ours", { perSecond: [300] }), row("baseline", { perSecond: [100] })];
    const { code, text } = report(rows, [threefold]);
    assert.equal(code, 0);
    assert.match(text, /1 of 1 targets reached, 0 not measured/);
  });

  it("exits with 1 and names the target when one is missed", () => {
    const rows = [row("ours", { perSecond: [299] }), row("baseline", { perSecond: [100] })];
    const { code, text } = report(rows, [threefold]);
    assert.equal(code, 1);
    assert.match(text, /missed: load: perSecond \/ baseline is 2.99, not at least 3/);
  });

  it("judges the median of the rounds", () => {
    const rows = [
      row("ours", { perSecond: [1, 400, 310] }),
      row("baseline", { perSecond: [100, 100, 9000] }),
    ];
    assert.equal(judge(rows, [threefold])[0]?.value, 3.1);
  });

  it("takes more than a most for missed", () => {
    const quick: Target = { name: "load", measure: "p95Ms", atMost: 500 };
    assert.equal(report([row("ours", { p95Ms: [501] })], [quick]).code, 1);
    assert.equal(report([row("ours", { p95Ms: [500] })], [quick]).code, 0);
  });

  it("says how many targets it could not judge, as without the baseline", () => {
    const { code, text } = report([row("ours", { perSecond: [300] })], [threefold]);
    assert.equal(code, 0);
    assert.match(text, /0 of 0 targets reached, 1 not measured/);
  });
});

describe("each target", () => {
  it("has one bound", () => {
    const unclear = TARGETS.filter(({ atLeast, atMost }) =>
      (atLeast === undefined) === (atMost === undefined)
    );
    assert.deepEqual(unclear, []);
  });

  it("is judged once", () => {
    const names = TARGETS.map(({ name, measure, against }) => `${name} ${measure} ${against}`);
    assert.deepEqual(names.filter((name, i) => names.indexOf(name) !== i), []);
  });
});

describe("scenarios", () => {
  it("have names of their own", () => {
    const names = scenariosFor({ connections: [1] }).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });
});
