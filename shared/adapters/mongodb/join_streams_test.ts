import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { CountableBatch } from "../../ports/statistics_store.ts";
import { joinStreams } from "./join_streams.ts";

describe("joinStreams", () => {
  const batch = (epoch: string, partition: number): CountableBatch => ({ epoch, partition, events: [] });
  const nameOf = ({ epoch, partition }: CountableBatch) => `${epoch}${partition}`;

  /** Fails whenever this batch is among those that are applied. */
  function applying(poison?: string) {
    const applied: string[][] = [];
    const apply = joinStreams((batches) => {
      applied.push(batches.map(nameOf));
      if (batches.some((batch) => nameOf(batch) === poison)) return Promise.reject(new Error(`No ${poison}`));
      return Promise.resolve(batches.map(({ partition }) => ({ counted: partition, repeated: 0 })));
    });
    return { apply, applied };
  }

  it("applies together what streams of one epoch deliver at once, and tells each its own", async () => {
    const { apply, applied } = applying();
    const outcomes = await Promise.all([apply(batch("a", 1)), apply(batch("a", 2)), apply(batch("a", 3))]);
    assert.deepEqual(outcomes.map(({ counted }) => counted), [1, 2, 3]);
    assert.deepEqual(applied, [["a1", "a2", "a3"]]);
  });

  it("keeps apart and in order what one stream delivers twice, and what is of another epoch", async () => {
    const { apply, applied } = applying();
    const batches = [
      batch("a", 1),
      batch("a", 2),
      batch("a", 1),
      batch("a", 3),
      batch("b", 4),
      batch("b", 1),
    ];
    await Promise.all(batches.map(apply));
    assert.deepEqual(applied, [["a1", "a2"], ["a1", "a3"], ["b4", "b1"]]);
  });

  it("applies one by one what fails together, so that only who brings the failure gets it", async () => {
    const { apply, applied } = applying("a2");
    const outcomes = await Promise.allSettled([1, 2, 3].map((partition) => apply(batch("a", partition))));
    assert.deepEqual(outcomes.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
    assert.deepEqual(applied, [["a1", "a2", "a3"], ["a1"], ["a2"], ["a3"]]);
  });
});
