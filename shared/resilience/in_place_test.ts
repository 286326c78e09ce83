import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { tryInPlace } from "./in_place.ts";

describe("tryInPlace", () => {
  const never = new AbortController().signal;
  const failing = (failures: number) => {
    const calls: number[] = [];
    const work = () => {
      calls.push(calls.length);
      return calls.length <= failures
        ? Promise.reject(new Error(`Failure ${calls.length}`))
        : Promise.resolve("x");
    };
    return { calls, work };
  };

  it("answers what the first try that succeeds does, and waits between two", async () => {
    const waits: number[] = [];
    const { calls, work } = failing(3);
    const options = { tries: 5, backoff: (attempt: number) => (waits.push(attempt), 0) };
    assert.deepEqual(await tryInPlace(work, never, options), { kind: "done", value: "x" });
    assert.deepEqual([calls.length, waits], [4, [0, 1, 2]]);
  });

  it("gives up after so many tries, with the last error", async () => {
    const { calls, work } = failing(10);
    const tried = await tryInPlace(work, never, { tries: 3, backoff: () => 0 });
    assert.deepEqual(tried, { kind: "exhausted", tries: 3, error: new Error("Failure 3") });
    assert.equal(calls.length, 3);
  });

  it("ends with the signal's reason, in a try and between two", async () => {
    for (const backoff of [0, 60_000]) {
      const stop = new AbortController();
      const work = () => {
        setTimeout(() => stop.abort(new Error("Stopped")), backoff > 0 ? 1 : 0);
        return new Promise<never>((_, reject) =>
          setTimeout(() => reject(new Error("Away")), backoff > 0 ? 0 : 2)
        );
      };
      await assert.rejects(tryInPlace(work, stop.signal, { backoff: () => backoff }), { message: "Stopped" });
    }
  });
});
