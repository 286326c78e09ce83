import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { between, cpuIn, pssIn } from "./meter.ts";

describe("the meter", () => {
  it("reads the CPU of a process and its ended children, whatever the process is called", () => {
    const stat = "4711 (a) b (c) S 1 4711 4711 0 -1 4194560 100 0 0 0 250 50 30 20 20 0 5 0 100 1000 200";
    assert.equal(cpuIn(stat), 3.5);
  });

  it("takes a process that has ended for idle", () => {
    assert.equal(cpuIn(""), 0);
    assert.equal(pssIn(""), 0);
  });

  it("reads the share of memory in MB", () => {
    assert.equal(pssIn("55d-7ff ---p 00000000 00:00 0 [rollup]\nRss:  4096 kB\nPss:  2048 kB\n"), 2);
  });

  it("tells what was used between two readings, of all or of some", () => {
    const [before, after] = [{ a: 1, b: 2 }, { a: 1.5, b: 5 }];
    assert.equal(between(before, after), 3.5);
    assert.equal(between(before, after, ["b"]), 3);
  });
});
