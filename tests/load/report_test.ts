import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { report } from "./report.ts";
import type { Row } from "./scenario.ts";
import type { Target } from "./targets.ts";

const threefold: Target = {
  ...{ scenario: "registration", name: "load", measure: "perSecond", against: "baseline", atLeast: 3 },
};
const ours: Row = { name: "load", contender: "ours", measures: { perSecond: [300] } };
const baseline = (perSecond: number): Row => ({
  ...{ name: "load", contender: "baseline", measures: { perSecond: [perSecond] } },
});
const result = { rows: [ours, baseline(100)], targets: [threefold], failed: [] };

describe("the bench", () => {
  it("exits with 0 when every target is reached", () => {
    const { code, text } = report(result);
    assert.equal(code, 0);
    assert.match(text, /1 of 1 targets reached, 0 missed, 0 not measured; 0 scenarios failed/);
  });

  it("exits with 1 and names the target when one is missed", () => {
    const { code, text } = report({ ...result, rows: [ours, baseline(101)] });
    assert.equal(code, 1);
    assert.match(text, /^missed: load: perSecond \/ baseline is 2\.97, not at least 3$/m);
  });

  it("exits with 1 and names the target when one was not measured, as without the baseline", () => {
    const { code, text } = report({ ...result, rows: [ours] });
    assert.equal(code, 1);
    assert.match(text, /^not measured: load: perSecond \/ baseline, at least 3$/m);
    assert.match(text, /0 of 1 targets reached, 0 missed, 1 not measured/);
  });

  it("exits with 1 and gives the reason when a scenario failed, whatever was measured before", () => {
    const { code, text } = report({ ...result, failed: [{ name: "relay", reason: "Kafka is away" }] });
    assert.equal(code, 1);
    assert.match(text, /^failed: relay: Kafka is away$/m);
    assert.match(text, /1 of 1 targets reached/);
  });
});
