import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { toBenchmarks } from "./benchmarks.ts";
import type { Row } from "./scenario.ts";
import type { Target } from "./targets.ts";

const name = "registration, 100 connections";
const rows: readonly Row[] = [
  {
    ...{ name, contender: "ours", measures: { perSecond: [3000, 3300, 2700], p95Ms: [60], cpuMs: [1.5] } },
    cpuMsByProcess: { edge: [0.5, 0.7, 0.6] },
  },
  { name, contender: "baseline", measures: { perSecond: [1000], p95Ms: [120], cpuMs: [2] } },
];
const of = (bound: Pick<Target, "measure" | "against" | "atLeast" | "atMost">): Target => ({
  ...{ scenario: "registration", name, ...bound },
});
const targets = [
  of({ measure: "perSecond", atLeast: 1000 }),
  of({ measure: "cpuMs", against: "baseline", atMost: 0.5 }),
  of({ measure: "wrong", atMost: 0 }),
];
const circumstances = {
  machine: { hardware: "2 × Processor, 8 GB", versions: ["Deno 2.9.6"], commit: "abc1234" },
  at: new Date("2026-11-23T00:00:00Z"),
};
const text = toBenchmarks(
  { rows, targets, failed: [{ name: "relay", reason: "Kafka is away" }] },
  circumstances,
);

describe("BENCHMARKS.md", () => {
  it("says when, of which commit and on what it was measured", () => {
    assert.match(text, /2026-11-23, commit abc1234/);
    assert.match(text, /2 × Processor, 8 GB\. Deno 2\.9\.6/);
  });

  it("says how far the rounds lie apart, and how many there were", () => {
    assert.match(text, /- registration, 100 connections, ours: per second ± 10 % \(3 samples\)/);
  });

  it("divides ours by the others", () => {
    assert.match(text, /^\| registration, 100 connections \| baseline \| +3\.00 \| +0\.50 \| +\| +0\.75 \|/m);
  });

  it("says of which processes the CPU of a registration is", () => {
    assert.match(text, /^\| ours \| edge \| +0\.60 \|/m);
  });

  it("names what failed, what was missed and what was not measured before what was reached", () => {
    assert.match(text, /1 of 3 are reached/);
    const lines = text.split("\n").filter((line) => /^- (\*\*\w[^*]*\*\*|reached): (relay|reg)/.test(line));
    assert.deepEqual(lines, [
      "- **failed**: relay: Kafka is away",
      "- **missed**: registration, 100 connections: cpuMs / baseline is 0.75, not at most 0.5",
      "- **not measured**: registration, 100 connections: wrong, at most 0",
      "- reached: registration, 100 connections: perSecond is 3000.00, at least 1000",
    ]);
  });
});
