import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { toTable } from "./table.ts";

describe("the table", () => {
  it("shows medians, what was measured only, and how each compares in its row", () => {
    const table = toTable([
      { name: "load", contender: "ours", measures: { perSecond: [4000, 4400, 4200], p95Ms: [30.04] } },
      { name: "load", contender: "baseline", measures: { perSecond: [1000, 1100] }, note: "tuned" },
      { name: "load", contender: "raw", measures: { perSecond: [5250] } },
    ]);
    assert.equal(
      table,
      [
        "|      |          | per second | P95 ms | × baseline | × raw limit |       |",
        "| ---- | -------- | ---------: | -----: | ---------: | ----------: | ----- |",
        "| load | ours     |      4,200 |   30.0 |       4.00 |        0.80 |       |",
        "| load | baseline |      1,050 |        |            |        0.20 | tuned |",
        "| load | raw      |      5,250 |        |       5.00 |             |       |",
      ].join("\n"),
    );
  });

  it("leaves the comparison out where there is nobody to compare with", () => {
    const table = toTable([{ name: "alone", contender: "ours", measures: { perSecond: [7] } }]);
    assert.match(table, /\| alone \| ours \| +7 \| +\| +\| +\|$/);
  });
});
