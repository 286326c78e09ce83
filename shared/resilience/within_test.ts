import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mock } from "node:test";
import { callWithin, within } from "./within.ts";

describe("within", () => {
  it("answers what the work comes to, and rejects with its own reason", async () => {
    assert.equal(await within(60_000, Promise.resolve("done")), "done");
    await assert.rejects(within(60_000, Promise.reject(new Error("away"))), /away/);
  });

  it("rejects with a TimeoutError when the work takes longer, and drops what comes later", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const work = Promise.withResolvers<string>();
      const waited = within(100, work.promise);
      const late = assert.rejects(waited, { name: "TimeoutError" });
      mock.timers.tick(100);
      await late;
      work.reject(new Error("too late for anybody"));
    } finally {
      mock.timers.reset();
    }
  });
});

describe("callWithin", () => {
  it("aborts the call's signal with a TimeoutError when its time is over, and not before", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const signals: AbortSignal[] = [];
      const called = callWithin(100, (signal) => {
        signals.push(signal);
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      });
      const late = assert.rejects(called, { name: "TimeoutError" });
      mock.timers.tick(99);
      assert.equal(signals[0]?.aborted, false);
      mock.timers.tick(1);
      await late;
    } finally {
      mock.timers.reset();
    }
  });

  it("answers what the call comes to, whose signal never aborts then", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const signal = await callWithin(100, (signal) => Promise.resolve(signal));
      mock.timers.tick(200);
      assert.equal(signal.aborted, false);
    } finally {
      mock.timers.reset();
    }
  });
});
