import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import { Batcher, QueueFull } from "./batcher.ts";

const never = new AbortController().signal;

describe("Batcher", () => {
  it("sends a lone item at once and answers its own result", async () => {
    const batcher = new Batcher(double, { lanes: 1, batch: 10, queue: 10 });
    assert.equal(await batcher.add(21, never), 42);
  });

  it("joins items that come while every lane is busy, up to the size of a batch", async () => {
    const sizes: number[] = [];
    const gate = Promise.withResolvers<void>();
    const batcher = new Batcher(async (items: readonly number[]) => {
      sizes.push(items.length);
      await gate.promise;
      return items;
    }, { lanes: 1, batch: 3, queue: 10 });
    const first = batcher.add(0, never);
    await until(() => sizes.length === 1);
    const others = [1, 2, 3, 4].map((n) => batcher.add(n, never));
    gate.resolve();
    assert.deepEqual(await Promise.all([first, ...others]), [0, 1, 2, 3, 4]);
    assert.deepEqual(sizes, [1, 3, 1]);
  });

  it("runs no more batches at once than it has lanes", async () => {
    let running = 0;
    let most = 0;
    const batcher = new Batcher(async (items: readonly number[]) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      return items;
    }, { lanes: 2, batch: 1, queue: 100 });
    await Promise.all(Array.from({ length: 20 }, (_, n) => batcher.add(n, never)));
    assert.equal(most, 2);
  });

  it("refuses an item when too many wait, and takes it once there is room", async () => {
    const gate = Promise.withResolvers<void>();
    const batcher = new Batcher(async (items: readonly number[]) => {
      await gate.promise;
      return items;
    }, { lanes: 1, batch: 1, queue: 2 });
    const accepted = [batcher.add(1, never), batcher.add(2, never)];
    await assert.rejects(batcher.add(3, never), QueueFull);
    gate.resolve();
    await Promise.all(accepted);
    assert.equal(await batcher.add(4, never), 4);
  });

  it("drops an item whose caller gave up before it left, and sends the others", async () => {
    const sent: number[] = [];
    const batcher = new Batcher((items: readonly number[]) => {
      sent.push(...items);
      return Promise.resolve(items);
    }, { lanes: 1, batch: 10, queue: 10 });
    const caller = new AbortController();
    const dropped = batcher.add(1, caller.signal);
    const kept = batcher.add(2, never);
    caller.abort(new Error("gave up"));
    await assert.rejects(dropped, /gave up/);
    assert.equal(await kept, 2);
    assert.deepEqual(sent, [2]);
  });

  it("fails every item of a batch that fails, and none of the next", async () => {
    let fail = true;
    const batcher = new Batcher(
      (items: readonly number[]) => fail ? Promise.reject(new Error("down")) : Promise.resolve(items),
      {
        lanes: 1,
        batch: 10,
        queue: 10,
      },
    );
    const results = await Promise.allSettled([batcher.add(1, never), batcher.add(2, never)]);
    assert.deepEqual(results.map((result) => result.status), ["rejected", "rejected"]);
    fail = false;
    assert.equal(await batcher.add(3, never), 3);
  });

  it("refuses a batch that was answered with too few results instead of mixing them up", async () => {
    const batcher = new Batcher(() => Promise.resolve([]), { lanes: 1, batch: 10, queue: 10 });
    await assert.rejects(batcher.add(1, never), /answered with 0 results/);
  });
});

function double(items: readonly number[]): Promise<readonly number[]> {
  return Promise.resolve(items.map((n) => n * 2));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
