import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { type BreakerChange, type CallResult, CircuitBreaker } from "./circuit_breaker.ts";

describe("CircuitBreaker", () => {
  it("stays closed while fewer than 20 calls came, though all of them failed", () => {
    const { breaker, fail } = world();
    fail(19);
    assert.equal(breaker.state, "closed");
    fail(1);
    assert.equal(breaker.state, "open");
  });

  it("opens when half of the calls failed, and not before", () => {
    const { breaker, call, fail } = world();
    for (let i = 0; i < 30; i++) call("answered");
    fail(29);
    assert.equal(breaker.state, "closed");
    fail(1);
    assert.equal(breaker.state, "open");
  });

  it("forgets what is longer than 10 seconds ago", () => {
    const { breaker, clock, fail } = world();
    fail(19);
    clock.now += 10_000;
    fail(19);
    assert.equal(breaker.state, "closed");
  });

  it("counts a slow answer as a failure, and a caller who left only when it was slow", () => {
    for (const [result, ms, expected] of SLOWNESS) {
      const { breaker, clock, enter } = world();
      const calls = Array.from({ length: 20 }, enter);
      clock.now += ms;
      for (const settle of calls) settle(result);
      assert.equal(breaker.state, expected, `${result} after ${ms} ms`);
    }
  });

  it("refuses while it is open and tells how long that will be, a fifth more or less than 30 s", () => {
    for (const [random, openMs] of [[0, 24_000], [0.5, 30_000], [1, 36_000]] as const) {
      const { breaker, clock, fail } = world(random);
      fail(20);
      assert.deepEqual(breaker.enter(), { kind: "refused", retryAfterMs: openMs });
      clock.now += openMs - 1;
      assert.deepEqual(breaker.enter(), { kind: "refused", retryAfterMs: 1 });
      clock.now += 1;
      assert.equal(breaker.enter().kind, "entered");
    }
  });

  it("lets 5 trial calls through, closes when most of them were answered and counts from nothing then", () => {
    const { breaker, halfOpen, enter, fail } = world();
    halfOpen();
    const trials = Array.from({ length: 5 }, enter);
    assert.equal(breaker.enter().kind, "refused");
    for (const settle of trials.slice(0, 3)) settle("answered");
    assert.equal(breaker.state, "closed");
    fail(19);
    assert.equal(breaker.state, "closed");
  });

  it("is open again when most of the trial calls failed", () => {
    const { breaker, halfOpen, enter } = world();
    halfOpen();
    const trials = Array.from({ length: 5 }, enter);
    trials[0]?.("answered");
    trials[1]?.("failed");
    trials[2]?.("answered");
    trials[3]?.("failed");
    assert.equal(breaker.state, "half-open");
    trials[4]?.("failed");
    assert.equal(breaker.state, "open");
  });

  it("gives the place of a trial call whose caller left to another", () => {
    const { breaker, halfOpen, enter } = world();
    halfOpen();
    const trials = Array.from({ length: 5 }, enter);
    trials[0]?.("abandoned");
    assert.equal(breaker.enter().kind, "entered");
    assert.equal(breaker.enter().kind, "refused");
  });

  it("does not take the late result of an earlier call for one of a trial", () => {
    const { breaker, halfOpen, enter } = world();
    const late = Array.from({ length: 10 }, enter);
    halfOpen();
    for (const settle of late) settle("failed");
    assert.equal(breaker.state, "half-open");
  });

  it("tells of each change once, with the count that led to it", () => {
    const { breaker, clock, changes, fail, call } = world();
    call("answered");
    fail(19);
    clock.now += 60_000;
    for (let i = 0; i < 3; i++) call("answered");
    assert.equal(breaker.state, "closed");
    assert.deepEqual(changes, [
      { to: "open", calls: 20, failures: 19 },
      { to: "half-open", calls: 0, failures: 0 },
      { to: "closed", calls: 3, failures: 0 },
    ]);
  });

  it("agrees with a model that remembers every call, whatever happens when", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 250, maxLength: 400 }), (steps) => {
        const { breaker, clock } = world();
        const model = new Model();
        const open: Open[] = [];
        for (const { waitMs, finish, result } of steps) {
          clock.now += waitMs;
          if (finish && open.length > 0) {
            const [call] = open.splice(finish % open.length, 1);
            call?.settle(result);
            call?.judged(result, clock.now);
          } else {
            const entry = breaker.enter();
            const judged = model.enter(clock.now);
            assert.equal(entry.kind === "entered", judged !== undefined);
            if (entry.kind === "entered" && judged) open.push({ settle: entry.settle, judged });
          }
          assert.equal(breaker.state, model.state);
        }
      }),
      { numRuns: 150 },
    );
  });
});

const SLOWNESS = [
  ["answered", 5_000, "closed"],
  ["answered", 5_001, "open"],
  ["abandoned", 5_000, "closed"],
  ["abandoned", 5_001, "open"],
] as const;

function world(random = 0.5) {
  const clock = { now: 1_000_000 };
  const changes: BreakerChange[] = [];
  const breaker = new CircuitBreaker({
    now: () => clock.now,
    random: () => random,
    onChange: (change) => changes.push(change),
  });
  const enter = () => {
    const entry = breaker.enter();
    return entry.kind === "entered" ? entry.settle : assert.fail("the breaker is open");
  };
  const call = (result: CallResult) => enter()(result);
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) call("failed");
  };
  const halfOpen = () => {
    fail(20);
    clock.now += 30_000;
    call("abandoned");
    assert.equal(breaker.state, "half-open");
  };
  return { breaker, clock, changes, enter, call, fail, halfOpen };
}

interface Open {
  readonly settle: (result: CallResult) => void;
  readonly judged: (result: CallResult, now: number) => void;
}

const step = fc.record({
  waitMs: fc.oneof(
    { weight: 60, arbitrary: fc.nat(100) },
    { weight: 1, arbitrary: fc.nat(6_000) },
    { weight: 1, arbitrary: fc.constant(30_000) },
  ),
  finish: fc.nat(2),
  result: fc.constantFrom<CallResult>("failed", "failed", "answered", "answered", "abandoned"),
});

/** What the breaker promises, without any thought for memory or speed. */
class Model {
  state: "closed" | "open" | "half-open" = "closed";
  #era = 0;
  #openUntil = 0;
  #results: { readonly second: number; readonly failed: boolean }[] = [];
  #trialsUnderWay = 0;

  enter(now: number): Open["judged"] | undefined {
    if (this.state === "open" && now >= this.#openUntil) this.#become("half-open");
    if (this.state === "open") return undefined;
    if (this.state === "half-open" && this.#trialsUnderWay + this.#results.length === 5) return undefined;
    if (this.state === "half-open") this.#trialsUnderWay++;
    const era = this.#era;
    return (result, ended) => {
      if (era === this.#era) this.#end(result, ended - now > 5_000, ended);
    };
  }

  #end(result: CallResult, slow: boolean, now: number): void {
    if (this.state === "half-open") this.#trialsUnderWay--;
    if (result === "abandoned" && !slow) return;
    this.#results.push({ second: Math.floor(now / 1_000), failed: slow || result === "failed" });
    const recent = this.#results.filter(({ second }) =>
      this.state === "half-open" || second > Math.floor(now / 1_000) - 10
    );
    const failed = recent.filter((result) => result.failed).length;
    const enough = this.state === "half-open"
      ? failed >= 3
      : recent.length >= 20 && failed >= recent.length / 2;
    if (enough && recent.at(-1)?.failed) {
      this.#openUntil = now + 30_000;
      this.#become("open");
    } else if (this.state === "half-open" && recent.length - failed >= 3) this.#become("closed");
  }

  #become(state: Model["state"]): void {
    this.state = state;
    this.#era++;
    this.#results = [];
    this.#trialsUnderWay = 0;
  }
}
