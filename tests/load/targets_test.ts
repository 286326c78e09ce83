import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { SMS_SECONDS, STATISTICS_SECONDS } from "../../ops/slo.ts";
import { MEASURES } from "./samples.ts";
import type { Measures, Row } from "./scenario.ts";
import { scenariosFor } from "./scenarios.ts";
import { judge, type Target, TARGETS, targetsFor } from "./targets.ts";

const row = (contender: string, measures: Measures): Row => ({ name: "load", contender, measures });
const threefold: Target = {
  ...{ scenario: "registration", name: "load", measure: "perSecond", against: "baseline", atLeast: 3 },
};
const scenarios = scenariosFor({ connections: [1] }).map(({ name }) => name);
const all = { scenarios, connections: [100, 256, 1000] };

describe("a target", () => {
  it("is judged by the median of the rounds", () => {
    const rows = [
      row("ours", { perSecond: [1, 400, 310] }),
      row("baseline", { perSecond: [100, 100, 9000] }),
    ];
    assert.deepEqual(judge(rows, [threefold]), [{ kind: "reached", target: threefold, value: 3.1 }]);
  });

  it("is missed by less than its least", () => {
    const rows = [row("ours", { perSecond: [299] }), row("baseline", { perSecond: [100] })];
    assert.equal(judge(rows, [threefold])[0]?.kind, "missed");
  });

  it("is missed by more than its most, not by as much", () => {
    const quick: Target = { scenario: "registration", name: "load", measure: "p95Ms", atMost: 500 };
    assert.equal(judge([row("ours", { p95Ms: [501] })], [quick])[0]?.kind, "missed");
    assert.equal(judge([row("ours", { p95Ms: [500] })], [quick])[0]?.kind, "reached");
  });

  it("is not measured without its row, its measure or whom it compares with", () => {
    const kinds = [
      [],
      [row("ours", { p95Ms: [1] }), row("baseline", { perSecond: [100] })],
      [row("ours", { perSecond: [300] })],
    ].map((rows) => judge(rows, [threefold])[0]?.kind);
    assert.deepEqual(kinds, Array(3).fill("not measured"));
  });
});

describe("the targets", () => {
  it("are those of the scenarios that run", () => {
    const targets = targetsFor({ ...all, quick: true, scenarios: ["relay", "edge"] });
    assert.deepEqual(new Set(targets.map(({ scenario }) => scenario)), new Set(["relay", "edge"]));
  });

  it("are those of the connections that are tried", () => {
    const targets = targetsFor({ quick: true, scenarios: ["registration"], connections: [7, 256] });
    assert.ok(targets.length > 0);
    assert.deepEqual(targets.filter(({ name }) => name !== "registration, 256 connections"), []);
  });

  it("ask for another size of the registry with --quick", () => {
    const sizes = (quick: boolean) =>
      new Set(targetsFor({ ...all, quick, scenarios: ["registry-size"] }).map(({ name }) => name));
    assert.deepEqual(sizes(true), new Set(["registry of 30,000, rebuild with fill-in"]));
    assert.equal(sizes(false).size, 3);
  });

  it("have one bound each", () => {
    const unclear = TARGETS.filter(({ atLeast, atMost }) =>
      (atLeast === undefined) === (atMost === undefined)
    );
    assert.deepEqual(unclear, []);
  });

  it("ask for nothing twice", () => {
    const names = TARGETS.map(({ name, measure, against }) => `${name} ${measure} ${against}`);
    assert.deepEqual(names.filter((name, i) => names.indexOf(name) !== i), []);
  });

  it("name scenarios and measures that there are", () => {
    const unknown = TARGETS.filter(({ scenario, measure }) =>
      !scenarios.includes(scenario) || !MEASURES.includes(measure)
    );
    assert.deepEqual(unknown, []);
  });

  it("hold the whole way against the service levels", () => {
    const bound = (what: string) =>
      TARGETS.find(({ name, measure }) => name.startsWith(`request to ${what},`) && measure === "p99Ms")
        ?.atMost;
    assert.equal(bound("statistics"), 1000 * STATISTICS_SECONDS);
    assert.equal(bound("SMS accepted"), 1000 * SMS_SECONDS);
  });
});
