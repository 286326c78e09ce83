import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Lanes } from "./lanes.ts";

describe("Lanes", () => {
  it("give the tasks of a key their turns one by one and in order, whatever fails, and let few start early", async () => {
    const tasks = fc.array(fc.record({ key: fc.constantFrom("a", "b", "c"), fails: fc.boolean() }), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(tasks, fc.integer({ min: 0, max: 3 }), fc.scheduler(), async (tasks, early, s) => {
        const lanes = new Lanes(early);
        const started = new Map<string, number>();
        const running = new Set<string>();
        const finished = new Map<string, number[]>();
        const all = tasks.map(({ key, fails }, i) =>
          lanes.run(key, async (turn) => {
            started.set(key, (started.get(key) ?? 0) + 1);
            assert.ok((started.get(key) ?? 0) <= 1 + early, "too many have started");
            await s.schedule(Promise.resolve());
            await turn;
            assert.ok(!running.has(key), "two have their turn");
            running.add(key);
            await s.schedule(Promise.resolve());
            running.delete(key);
            started.set(key, (started.get(key) ?? 0) - 1);
            finished.set(key, [...finished.get(key) ?? [], i]);
            if (fails) throw new Error("broken");
            return i;
          })
        );
        const settled = await s.waitFor(Promise.allSettled(all));
        for (const order of finished.values()) assert.deepEqual(order, order.toSorted((a, b) => a - b));
        assert.deepEqual(settled.map(({ status }) => status === "rejected"), tasks.map(({ fails }) => fails));
      }),
    );
  });

  it("keep the order when a task that started early ends before its turn", async () => {
    const lanes = new Lanes(1);
    const gate = Promise.withResolvers<void>();
    const order: string[] = [];
    const first = lanes.run("a", () => gate.promise.then(() => void order.push("first")));
    const second = lanes.run("a", () => Promise.reject(new Error("broken")));
    const third = lanes.run("a", async (turn) => {
      await turn;
      order.push("third");
    });
    await assert.rejects(second, /broken/);
    gate.resolve();
    await Promise.all([first, third]);
    assert.deepEqual(order, ["first", "third"]);
  });

  it("let the tasks of other keys run side by side", async () => {
    const lanes = new Lanes(0);
    const gate = Promise.withResolvers<void>();
    const waiting = lanes.run("a", () => gate.promise);
    assert.equal(await lanes.run("b", () => Promise.resolve("b")), "b");
    gate.resolve();
    await waiting;
  });
});
