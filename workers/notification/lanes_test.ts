import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Lanes } from "./lanes.ts";

describe("Lanes", () => {
  it("runs no more tasks at once than it is wide, those of a key one by one and in order", async () => {
    const tasks = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(tasks, fc.integer({ min: 1, max: 4 }), fc.scheduler(), async (keys, width, s) => {
        const lanes = new Lanes(width);
        const running = new Set<string>();
        const finished = new Map<string, number[]>();
        const all = keys.map((key, i) =>
          lanes.run(key, async () => {
            assert.ok(!running.has(key), "two tasks of one key overlap");
            running.add(key);
            assert.ok(running.size <= width, "too many tasks run at once");
            await s.schedule(Promise.resolve());
            running.delete(key);
            finished.set(key, [...finished.get(key) ?? [], i]);
          })
        );
        await s.waitFor(Promise.all(all));
        for (const order of finished.values()) assert.deepEqual(order, order.toSorted((a, b) => a - b));
        assert.equal([...finished.values()].flat().length, keys.length);
      }),
    );
  });

  it("starts tasks without a key in the order of the calls and lets them overlap", async () => {
    const lanes = new Lanes(3);
    const started: number[] = [];
    const gate = Promise.withResolvers<void>();
    const all = [0, 1, 2, 3].map((i) =>
      lanes.run(undefined, async () => {
        started.push(i);
        await gate.promise;
      })
    );
    await new Promise(setImmediate);
    assert.deepEqual(started, [0, 1, 2]);
    gate.resolve();
    await Promise.all(all);
    assert.deepEqual(started, [0, 1, 2, 3]);
  });

  it("goes on with the next task of a key when one fails, and tells only its own caller", async () => {
    const lanes = new Lanes(2);
    const failed = lanes.run("a", () => Promise.reject(new Error("broken")));
    const next = lanes.run("a", () => Promise.resolve("fine"));
    await assert.rejects(failed, /broken/);
    assert.equal(await next, "fine");
  });
});
