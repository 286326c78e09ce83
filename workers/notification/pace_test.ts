import assert from "node:assert/strict";
import { mock } from "node:test";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { Pace } from "./pace.ts";

describe("Pace", () => {
  let clock = 0;
  let random = 0;
  let pace: Pace;
  const never = new AbortController().signal;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    clock = 0;
    random = 0;
    pace = new Pace({ now: () => clock, random: () => random });
  });
  afterEach(() => mock.timers.reset());

  it("lets everybody pass until somebody is told to wait", async () => {
    await pace.ready(never);
    await pace.ready(never);
    assert.deepEqual(await passedAfter(0, 3), [0, 1, 2]);
  });

  it("holds everybody back for as long as the provider says, and lets them go in their order", async () => {
    pace.throttled(5_000);
    const passed = waiters(5);
    assert.deepEqual(await passed.after(4_999), []);
    assert.deepEqual(await passed.after(1), [0, 1, 2, 3, 4]);
  });

  it("adds jitter of up to the same time again", async () => {
    random = 0.5;
    pace.throttled(5_000);
    const passed = waiters(1);
    assert.deepEqual(await passed.after(7_499), []);
    assert.deepEqual(await passed.after(1), [0]);
  });

  it("waits on when it is told so again meanwhile", async () => {
    pace.throttled(1_000);
    const passed = waiters(2);
    await passed.after(900);
    pace.throttled(1_000);
    assert.deepEqual(await passed.after(999), []);
    assert.deepEqual(await passed.after(1), [0, 1]);
  });

  it("waits neither for no time at all nor for hours, whatever it is told", async () => {
    for (const nonsense of [-1, Number.NaN]) {
      pace.throttled(nonsense);
      assert.deepEqual(await passedAfter(99, 1), []);
      assert.deepEqual(await passedAfter(1, 1), [0]);
    }
    pace.throttled(Number.POSITIVE_INFINITY);
    assert.deepEqual(await passedAfter(60_000, 1), [0]);
  });

  it("rejects whoever leaves and lets the others wait on", async () => {
    pace.throttled(1_000);
    const leaver = new AbortController();
    const left = assert.rejects(pace.ready(leaver.signal), /gone/);
    const passed = waiters(2);
    leaver.abort(new Error("gone"));
    await left;
    assert.deepEqual(await passed.after(999), []);
    assert.deepEqual(await passed.after(1), [0, 1]);
    await assert.rejects(pace.ready(leaver.signal), /gone/);
  });

  it("hardly waits after one uncertain answer, and ever longer after many", async () => {
    random = 1;
    pace.uncertain();
    assert.deepEqual(await passedAfter(100, 1), [0]);
    for (let i = 0; i < 20; i++) pace.uncertain();
    const passed = waiters(1);
    assert.deepEqual(await passed.after(29_999), []);
    assert.deepEqual(await passed.after(1), [0]);
  });

  it("lets one message a second try in an outage, and all pass after the first answer", async () => {
    for (let i = 0; i < 5; i++) pace.uncertain();
    const passed = waiters(4);
    assert.deepEqual(await passed.after(0), [0]);
    assert.deepEqual(await passed.after(999), [0]);
    assert.deepEqual(await passed.after(1), [0, 1]);
    pace.answered();
    assert.deepEqual(await passed.after(1_000), [0, 1, 2, 3]);
  });

  async function passedAfter(ms: number, count: number): Promise<readonly number[]> {
    return await waiters(count).after(ms);
  }

  function waiters(count: number) {
    const passed: number[] = [];
    for (let i = 0; i < count; i++) void pace.ready(never).then(() => passed.push(i));
    return {
      async after(ms: number): Promise<readonly number[]> {
        await new Promise(setImmediate);
        clock += ms;
        mock.timers.tick(ms);
        await new Promise(setImmediate);
        return [...passed];
      },
    };
  }
});
