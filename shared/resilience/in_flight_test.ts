import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import fc from "fast-check";
import { InFlight } from "./in_flight.ts";

const never = new AbortController().signal;

describe("InFlight", () => {
  it("keeps the wait near its bound and the other side busy, at five times what that can do", () => {
    const { done, refused } = simulate({ offered: () => 1_000, capacity: () => 200, forMs: 20_000 });
    assert.ok(done.length >= 0.95 * 200 * 20, `${done.length} done`);
    assert.ok(percentile(99, done) <= 1_300, `${percentile(99, done)} ms`);
    assert.ok(refused.length > 15_000);
  });

  it("takes a burst at once when there was calm before, as large as can be done within its bound", () => {
    const burst = (ms: number) => ms < 1_000 ? 5 : ms < 1_010 ? 90_000 : 0;
    const { done, refused } = simulate({ offered: burst, capacity: () => 1_000, forMs: 5_000 });
    assert.deepEqual([done.length, refused.length], [905, 0]);
  });

  it("refuses after a second while the other side hangs, and takes calls again when it goes on", () => {
    const hanging = (ms: number) => ms >= 3_000 && ms < 8_000 ? 0 : 1_000;
    const { refused } = simulate({ offered: () => 300, capacity: hanging, forMs: 12_000 });
    assert.ok(refused.every((ms) => ms > 3_000 && ms < 9_000));
    assert.ok(refused.filter((ms) => ms < 8_000).length >= 300 * 3.8);
  });

  it("refuses none two seconds after the overload", () => {
    const { refused } = simulate({
      offered: (ms) => ms < 10_000 ? 1_000 : 100,
      capacity: () => 200,
      forMs: 20_000,
    });
    assert.ok(refused.every((ms) => ms < 12_000));
  });

  it("never holds more than its bound, nor refuses one of few, whatever load and pace", () => {
    const phases = fc.array(fc.nat(2_000), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(phases, phases, (loads, paces) => {
        const at = (values: readonly number[]) => (ms: number) => values[Math.floor(ms / 500) % 8] ?? 0;
        const seen = simulate({ offered: at(loads), capacity: at(paces), forMs: 4_000, most: 300 });
        assert.ok(seen.most <= 300);
        assert.ok(seen.refusedAmong.every((calls) => calls >= 32));
      }),
      { numRuns: 30 },
    );
  });

  it("takes no small first batch of the other side for its pace", () => {
    assert.equal(refusedByBatches({ callers: 100, first: 3, batch: 128, everyMs: 300, forMs: 10_000 }), 0);
  });

  it("takes the time until the first answers to many at once for no sign of the pace behind them", () => {
    const soon = { first: 1, batch: 12, everyMs: 10, forMs: 10_000 };
    assert.equal(refusedByBatches({ callers: 1_000, startMs: 300, ...soon }), 0);
  });

  it("does not take callers who left for work that was done", () => {
    let now = 0;
    const inFlight = new InFlight({ most: 1_000, waitMs: 1_000 }, () => now);
    for (let i = 0; i < 200; i++) void inFlight.enter(never);
    for (now = 0; now < 1_001; now += 10) {
      inFlight.leave(false);
      void inFlight.enter(never);
    }
    assert.equal(inFlight.isFull(), true);
  });
});

describe("InFlight with a bound on those that are away at once", () => {
  it("lets the others go in the order of their coming, one for each that leaves", async () => {
    const { inFlight, went, come } = turns(2);
    for (const name of "abcde") void come(name);
    await settled();
    assert.equal(went.join(""), "ab");
    inFlight.leave(true);
    await settled();
    assert.equal(went.join(""), "abc");
    inFlight.leave(false);
    inFlight.leave(true);
    await settled();
    assert.equal(went.join(""), "abcde");
  });

  it("counts those that wait", () => {
    const { inFlight, come } = turns(1, 3);
    for (const name of "abc") void come(name);
    assert.equal(inFlight.isFull(), true);
  });

  it("forgets who leaves while he waits, at once, and passes nobody's turn to him", async () => {
    const { inFlight, went, come } = turns(1, 3);
    const leaving = new AbortController();
    void come("a");
    const left = assert.rejects(come("b", leaving.signal), { message: "Left" });
    void come("c");
    leaving.abort(new Error("Left"));
    await left;
    assert.equal(inFlight.isFull(), false);
    inFlight.leave(true);
    await settled();
    assert.equal(went.join(""), "ac");
  });

  it("gives the turn to the next when its owner leaves in the same moment", async () => {
    const { inFlight, went, come } = turns(1);
    const leaving = new AbortController();
    void come("a");
    const left = assert.rejects(come("b", leaving.signal), { message: "Left" });
    void come("c");
    inFlight.leave(true);
    leaving.abort(new Error("Left"));
    await left;
    await settled();
    assert.equal(went.join(""), "ac");
  });

  it("neither loses nor doubles a place, whoever comes, leaves or gives up", async () => {
    const step = fc.constantFrom("come", "come", "done", "give up");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        const { inFlight, went, come, gone } = turns(3, Infinity);
        const callers = new Map<string, AbortController>();
        let done = 0;
        for (const [i, what] of steps.entries()) {
          const [first] = callers.keys();
          if (what === "come") {
            const caller = new AbortController();
            callers.set(`${i}`, caller);
            come(`${i}`, caller.signal).catch(() => {});
          } else if (what === "give up" && first !== undefined && !went.includes(first)) {
            callers.get(first)?.abort(new Error("Left"));
            callers.delete(first);
          } else if (what === "done" && went.length > done) {
            callers.delete(went[done++] ?? "");
            inFlight.leave(true);
          }
          await settled();
          const entered = steps.slice(0, i + 1).filter((each) => each === "come").length - gone.length;
          assert.equal(went.length, Math.min(entered, done + 3));
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** Calls by name: those whose turn came, in that order, and those that gave up before. */
function turns(atOnce: number, most = 100) {
  const inFlight = new InFlight({ most, waitMs: 1_000, atOnce }, () => 0);
  const went: string[] = [];
  const gone: string[] = [];
  const come = async (name: string, signal = never) => {
    try {
      await inFlight.enter(signal);
      went.push(name);
    } catch (error) {
      gone.push(name);
      throw error;
    }
  };
  return { inFlight, went, gone, come };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Callers who ask again as soon as they are answered, all `first` to `batch` of them at once every `everyMs`. */
function refusedByBatches({ callers, startMs = 1, first, batch, everyMs, forMs }: Batches): number {
  let now = 0;
  const inFlight = new InFlight({ most: 2_000, waitMs: 2_000 }, () => now);
  let [calls, refused, next] = [0, 0, first];
  for (; now < forMs; now++) {
    if (now >= startMs && now % everyMs === 0) {
      const done = Math.min(calls, next);
      for (let i = 0; i < done; i++) inFlight.leave(true);
      [calls, next] = [calls - done, batch];
    }
    for (; calls < callers; calls++) {
      if (inFlight.isFull()) {
        refused += callers - calls;
        break;
      }
      void inFlight.enter(never);
    }
  }
  return refused;
}

interface Batches {
  readonly callers: number;
  /** Nobody is answered before. */
  readonly startMs?: number;
  readonly first: number;
  readonly batch: number;
  readonly everyMs: number;
  readonly forMs: number;
}

/** Offers calls to another side that does one after the other, by a clock of whole milliseconds. */
function simulate({ offered, capacity, forMs, most = 2_000 }: Scenario) {
  let now = 0;
  const inFlight = new InFlight({ most, waitMs: 1_000 }, () => now);
  const queue: number[] = [];
  const seen = { done: [] as number[], refused: [] as number[], refusedAmong: [] as number[], most: 0 };
  let due = 0;
  let able = 0;
  for (; now < forMs || queue.length > 0; now++) {
    if (now < forMs) { for (due += offered(now) / 1_000; due >= 1; due--) offer(); }
    able = queue.length === 0 ? 0 : able + (now < forMs ? capacity(now) : 1_000) / 1_000;
    for (; able >= 1 && queue.length > 0; able--) {
      seen.done.push(now - (queue.shift() ?? NaN));
      inFlight.leave(true);
    }
  }
  return seen;

  function offer(): void {
    if (inFlight.isFull()) {
      seen.refused.push(now);
      seen.refusedAmong.push(queue.length);
      return;
    }
    void inFlight.enter(never);
    queue.push(now);
    seen.most = Math.max(seen.most, queue.length);
  }
}

function percentile(percent: number, values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * percent / 100) - 1] ?? NaN;
}

interface Scenario {
  /** A second. */
  readonly offered: (ms: number) => number;
  readonly capacity: (ms: number) => number;
  readonly forMs: number;
  readonly most?: number;
}
