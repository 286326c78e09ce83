import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { reach, Unusable } from "./reach.ts";

const target = { variable: "KAFKA_BROKERS", server: "Kafka" };

describe("reach", () => {
  it("tries again until the server answers", async () => {
    let tries = 0;
    const answer = await reach(
      target,
      () => ++tries < 2 ? Promise.reject(new Error("refused")) : Promise.resolve("up"),
    );
    assert.deepEqual([answer, tries], ["up", 2]);
  });

  it("gives up in time with one sentence that names the variable and the reason", async () => {
    const hopeless = reach(
      { ...target, withinMs: 1, explain: () => "connection refused" },
      () => Promise.reject(new Error("x")),
    );
    await assert.rejects(hopeless, {
      name: "Unusable",
      message: "KAFKA_BROKERS names a Kafka that cannot be reached: connection refused",
    });
  });

  it("gives the reason that the server gave when only the last attempt was cut short", async () => {
    let tries = 0;
    const starting = (signal: AbortSignal) =>
      ++tries === 1
        ? Promise.reject(new Error("it is starting"))
        : new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const explain = (error: unknown) => error instanceof Error ? error.message : "";
    await assert.rejects(
      reach({ ...target, withinMs: 300, attemptMs: 20, explain }, starting),
      /cannot be reached: it is starting$/,
    );
  });

  it("does not try again what no retry will mend", async () => {
    let tries = 0;
    await assert.rejects(
      reach(target, () => {
        tries++;
        return Promise.reject(new Unusable("KAFKA_BROKERS", "refuses the password"));
      }),
      /^Unusable: KAFKA_BROKERS refuses the password$/,
    );
    assert.equal(tries, 1);
  });

  it("ends an attempt that hangs", async () => {
    const hung = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    await assert.rejects(reach({ ...target, withinMs: 5 }, hung), Unusable);
  });

  it("stops when the process is told to stop", async () => {
    const stop = AbortSignal.abort(new Error("stopping"));
    await assert.rejects(
      reach({ ...target, signal: stop }, () => Promise.reject(new Error("x"))),
      /stopping/,
    );
  });
});
