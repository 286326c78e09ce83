import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { toRatios, toTable } from "./table.ts";

const rows = [
  { name: "PostgreSQL, insert", contender: "raw", measures: { perSecond: [5250] } },
  { name: "registration, x", contender: "ours", measures: { perSecond: [4000, 4400, 4200], p95Ms: [30.04] } },
  {
    ...{ name: "registration, x", contender: "baseline", note: "tuned" },
    measures: { perSecond: [1000, 1100], p95Ms: [60] },
  },
];

describe("the table", () => {
  it("shows medians, what was measured only, and how each compares with the baseline and the raw limit", () => {
    assert.equal(
      toTable(rows),
      [
        "|                    |          | per second | P95 ms | × baseline | × raw limit |       |",
        "| ------------------ | -------- | ---------: | -----: | ---------: | ----------: | ----- |",
        "| PostgreSQL, insert | raw      |      5,250 |        |            |             |       |",
        "| registration, x    | ours     |      4,200 |   30.0 |       4.00 |        0.80 |       |",
        "| registration, x    | baseline |      1,050 |   60.0 |            |        0.20 | tuned |",
      ].join("\n"),
    );
  });

  it("leaves the comparison out where there is nobody to compare with", () => {
    const table = toTable([{ name: "alone", contender: "ours", measures: { perSecond: [7] } }]);
    assert.match(table, /\| alone \| ours \| +7 \| +\| +\| +\|$/);
  });
});

describe("the ratios", () => {
  it("divide ours by each other in the same row", () => {
    assert.equal(
      toRatios(rows),
      [
        "|                 | ours /   | per second | P95 ms | P99 ms | CPU ms each | PSS MB |     |",
        "| --------------- | -------- | ---------: | -----: | -----: | ----------: | -----: | --- |",
        "| registration, x | baseline |       4.00 |   0.50 |        |             |        |     |",
      ].join("\n"),
    );
  });
});
