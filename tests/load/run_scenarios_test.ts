import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mock } from "node:test";
import { clock, type Plan, type Planned, runScenarios } from "./run_scenarios.ts";
import { Samples } from "./samples.ts";
import type { Context } from "./scenario.ts";

describe("the scenarios of the bench", () => {
  let gone = 0;
  let said: string[] = [];
  let stop = new AbortController();
  beforeEach(() => {
    [gone, said, stop] = [0, [], new AbortController()];
    mock.timers.enable({ apis: ["setTimeout"] });
  });
  afterEach(() => mock.timers.reset());

  const scenario = (name: string, run: (context: Context) => Promise<void>): Planned => ({
    scenario: { name, run, full: { rounds: 1, each: 10, once: 0 } },
    effort: { rounds: 1, seconds: 10 },
  });
  const planOf = (scenarios: readonly Planned[], limitSeconds = 100): Plan => ({
    ...{ scenarios, limitSeconds, stop: stop.signal, now: () => 1000 * gone },
    say: (sentence) => void said.push(sentence),
    contextOf: (_, signal) => Promise.resolve(contextWith(signal)),
  });

  it("go on after one that failed, whose reason is told and answered", async () => {
    const ran: string[] = [];
    const failed = await runScenarios(planOf([
      scenario("first", () => Promise.reject(new Error("Kafka is away"))),
      scenario("second", () => Promise.resolve(void ran.push("second"))),
    ]));
    assert.deepEqual(failed, [{ name: "first", reason: "Kafka is away" }]);
    assert.deepEqual(ran, ["second"]);
    assert.ok(said.includes("first failed: Kafka is away"), said.join("\n"));
  });

  it("are told with what they take and what is gone", async () => {
    await runScenarios(planOf([
      scenario("first", () => Promise.resolve(void (gone = 12))),
      scenario("second", () => Promise.resolve()),
    ]));
    assert.deepEqual(said, [
      "1 of 2, first: about 0:10; 0:00 of 1:40 gone",
      "2 of 2, second: about 0:10; 0:12 of 1:40 gone",
    ]);
  });

  it("are told to end after twice the time that they take", async () => {
    const begun = Promise.withResolvers<void>();
    const failing = runScenarios(planOf([scenario("slow", async ({ signal }) => {
      begun.resolve();
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("broken"))));
    })]));
    await begun.promise;
    mock.timers.tick(20_000);
    assert.deepEqual(await failing, [{ name: "slow", reason: "It was ended after 0:20" }]);
  });

  it("are left behind when they do not end", async () => {
    const begun = Promise.withResolvers<void>();
    const failing = runScenarios(planOf([scenario("stuck", () => {
      begun.resolve();
      return new Promise(() => {});
    })]));
    await begun.promise;
    mock.timers.tick(40_000);
    assert.deepEqual(await failing, [{ name: "stuck", reason: "It was ended after 0:20" }]);
  });

  it("are not begun with too little time left", async () => {
    const failed = await runScenarios(planOf([
      scenario("first", () => Promise.resolve(void (gone = 95))),
      scenario("second", () => Promise.reject(new Error("Expect not to be run"))),
    ]));
    assert.deepEqual(failed, [{ name: "second", reason: "It was not begun, for only 0:05 were left" }]);
  });

  it("stop when the person does", async () => {
    const stopping = runScenarios(planOf([
      scenario("first", () => {
        stop.abort(new Error("Ctrl-C"));
        return Promise.reject(new Error("broken"));
      }),
      scenario("second", () => Promise.reject(new Error("Expect not to be run"))),
    ]));
    await assert.rejects(stopping, /Ctrl-C/);
  });
});

describe("the clock", () => {
  it("tells minutes and seconds", () => {
    assert.deepEqual([0, 59.6, 65, 1500].map(clock), ["0:00", "1:00", "1:05", "25:00"]);
  });
});

function contextWith(signal: AbortSignal): Context {
  const unused = () => Promise.reject(new Error("Expect no servers"));
  return {
    ...{ quick: true, rounds: 1, samples: new Samples(), folder: "", baseline: undefined, signal },
    servers: { variables: {}, processes: {}, newDatabase: unused, query: unused },
    startPart: unused,
    meter: () => ({ cpuSeconds: unused, memoryMb: unused }),
    say: () => {},
  };
}
