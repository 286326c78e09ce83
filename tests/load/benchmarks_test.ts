import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { toBenchmarks } from "./benchmarks.ts";
import type { Row } from "./scenario.ts";

const rows: readonly Row[] = [{
  name: "registration, 100 connections",
  contender: "ours",
  measures: { perSecond: [3000, 3300, 2700], p95Ms: [60] },
}];
const circumstances = {
  machine: { hardware: "2 × Processor, 8 GB", versions: ["Deno 2.9.6"], commit: "abc1234" },
  rounds: 3,
  at: new Date("2026-11-23T00:00:00Z"),
  compared: false,
};

describe("BENCHMARKS.md", () => {
  const text = toBenchmarks(rows, circumstances);

  it("says when, of which commit, on what and in how many rounds it was measured", () => {
    assert.match(text, /2026-11-23, commit abc1234/);
    assert.match(text, /2 × Processor, 8 GB\. Deno 2\.9\.6/);
    assert.match(text, /Medians of 3 rounds/);
  });

  it("says how far the rounds lie apart", () => {
    assert.match(text, /- registration, 100 connections, ours: per second ± 10 % \(3 samples\)/);
  });

  it("names each target that was judged, reached or missed", () => {
    assert.match(text, /- reached: registration, 100 connections: perSecond is 3000\.00, at least 1000/);
  });

  it("says aloud that nothing was compared when the baseline was not there", () => {
    assert.match(text, /\*\*Not compared: the baseline was not there\.\*\*/);
    assert.doesNotMatch(toBenchmarks(rows, { ...circumstances, compared: true }), /Not compared/);
  });
});
