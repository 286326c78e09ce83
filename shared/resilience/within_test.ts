import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mock } from "node:test";
import { within } from "./within.ts";

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
