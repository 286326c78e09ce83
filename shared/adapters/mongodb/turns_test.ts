import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { turns } from "./turns.ts";

describe("turns", () => {
  it("rise within a millisecond, with the clock, and when the clock goes back", () => {
    let clock = 1_000.25;
    const next = turns(() => clock);
    assert.deepEqual([next(), next(), next()], [1_000_000, 1_000_001, 1_000_002]);
    clock = 1_001;
    assert.equal(next(), 1_001_000);
    clock = 999;
    assert.equal(next(), 1_001_001);
  });
});
