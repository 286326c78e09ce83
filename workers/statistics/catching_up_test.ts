import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mock } from "node:test";
import { configure, reset } from "@logtape/logtape";
import { type CatchingUp, type Progress, watchCatchingUp } from "./catching_up.ts";

describe("watchCatchingUp", () => {
  let waiting: number | Error;
  let told: Progress[];
  let watch: CatchingUp;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setInterval", "Date"] });
    told = [];
    watch = watchCatchingUp({
      lag: () => waiting instanceof Error ? Promise.reject(waiting) : Promise.resolve(waiting),
      tell: (progress) => void told.push(progress),
      now: () => Date.now(),
    });
  });
  afterEach(() => {
    watch.stop();
    mock.timers.reset();
  });

  const tenSeconds = async (left: number | Error, counted = 0) => {
    waiting = left;
    watch.counted(counted);
    mock.timers.tick(10_000);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };

  it("tells what waits and how fast it is counted, and once more when it has caught up", async () => {
    await tenSeconds(900_000, 40_000);
    await tenSeconds(860_000, 40_000);
    await tenSeconds(3, 45_000);
    await tenSeconds(5, 100);
    assert.deepEqual(told, [
      { waiting: 900_000, perSecond: 4_000 },
      { waiting: 860_000, perSecond: 4_000 },
      { waiting: 3, perSecond: 4_500 },
    ]);
  });

  it("tells that nothing moves", async () => {
    await tenSeconds(50_000);
    assert.deepEqual(told, [{ waiting: 50_000, perSecond: 0 }]);
  });

  it("says nothing of the ordinary coming and going", async () => {
    await tenSeconds(9_999, 5_000);
    assert.deepEqual(told, []);
  });

  it("goes on after a lag that could not be read, and leaves out nothing that was counted meanwhile", async () => {
    await tenSeconds(new Error("away"), 10_000);
    await tenSeconds(20_000, 10_000);
    assert.deepEqual(told, [{ waiting: 20_000, perSecond: 1_000 }]);
  });

  it("is silent once stopped", async () => {
    watch.stop();
    await tenSeconds(900_000);
    assert.deepEqual(told, []);
  });

  it("tells the log how many seconds are left, or that nothing was counted", async () => {
    const lines: string[] = [];
    await configure({
      sinks: { memory: ({ message }) => void lines.push(message.join("")) },
      loggers: [
        { category: ["kependudukan", "statistics"], sinks: ["memory"] },
        { category: ["logtape", "meta"], lowestLevel: "fatal" },
      ],
    });
    watch.stop();
    watch = watchCatchingUp({
      lag: () => waiting instanceof Error ? Promise.reject(waiting) : Promise.resolve(waiting),
      now: () => Date.now(),
    });
    await tenSeconds(100_001, 10_000);
    await tenSeconds(100_001);
    await tenSeconds(7, 99_994);
    await reset();
    assert.deepEqual(lines, [
      "Catching up: 100001 events wait, 1000 counted per second, 101 s to go",
      "Catching up: 100001 events wait, none was counted lately",
      "Caught up, 7 events wait",
    ]);
  });
});
