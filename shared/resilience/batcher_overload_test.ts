import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mock } from "node:test";
import fc from "fast-check";
import { Batcher, QueueFull } from "./batcher.ts";

describe("Batcher under more load than its lanes can take", () => {
  // 2 lanes of 8 items in 100 ms: 160 a second.
  it("takes as much as its lanes can do and lets nobody wait for longer than it may, at five times the load", async () => {
    const seen = await simulate({ perSecond: constant(800), batchMs: constant(100), forMs: 20_000 });
    assert.ok(seen.done.length >= 0.95 * 160 * 20, `${seen.done.length} done`);
    assert.ok(percentile(99, seen.done) <= 1_000 + 100 + TICK_MS, `${percentile(99, seen.done)} ms`);
    assert.equal(seen.done.length + seen.refused.length, seen.offered);
  });

  it("refuses at the door, at once, all but few of those that it refuses", async () => {
    const { refused } = await simulate({ perSecond: constant(800), batchMs: constant(100), forMs: 20_000 });
    const late = refused.filter((ms) => ms > 0);
    assert.ok(late.length < refused.length / 20, `${late.length} of ${refused.length}`);
  });

  it("is as fast as before within a second after the load has gone", async () => {
    const perSecond = (ms: number) => ms < 10_000 ? 800 : 20;
    const before = await simulate({ perSecond: constant(20), batchMs: constant(100), forMs: 5_000 });
    const seen = await simulate({ perSecond, batchMs: constant(100), forMs: 20_000 });
    const after = seen.done.slice(seen.offeredAt.findIndex((ms) => ms > 11_000) - seen.offered);
    assert.ok(percentile(99, after) <= percentile(99, before.done) + TICK_MS);
    assert.ok(seen.refusedAt.every((ms) => ms <= 11_000));
  });

  it("refuses all who come while its lanes hang, each within a second, and at once after the first second", async () => {
    const batchMs = (ms: number) => ms >= 2_000 && ms < 2_100 ? 8_000 : 10;
    const seen = await simulate({ perSecond: constant(100), batchMs, forMs: 15_000 });
    assert.ok(Math.max(...seen.refused) <= 1_000 + TICK_MS);
    assert.ok(seen.refusedAt.every((ms) => ms >= 2_000 && ms < 11_200));
    assert.ok(seen.refused.length > 600, `${seen.refused.length} refused`);
    const late = seen.refused.filter((ms) => ms > 0);
    assert.ok(late.length <= 110, `${late.length} waited before they were refused`);
  });

  it("neither loses nor doubles an item, nor lets one wait too long, however load and lanes change", async () => {
    const phases = fc.array(fc.nat(400), { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(phases, phases, async (loads, speeds) => {
        const at = (values: readonly number[]) => (ms: number) => values[Math.floor(ms / 500) % 8] ?? 0;
        const seen = await simulate({ perSecond: at(loads), batchMs: at(speeds), forMs: 4_000 });
        assert.equal(new Set(seen.ran).size, seen.ran.length);
        assert.equal(seen.ran.length, seen.done.length);
        assert.equal(seen.done.length + seen.refused.length, seen.offered);
        assert.ok(Math.max(0, ...seen.done) <= 1_000 + 400 + TICK_MS);
        assert.ok(Math.max(0, ...seen.refused) <= 1_000 + TICK_MS);
      }),
      { numRuns: 20 },
    );
  });
});

const TICK_MS = 5;

/** Offers items at a rate over `forMs` of a clock that only this function moves, and waits for all of them. */
async function simulate({ perSecond, batchMs, forMs }: Scenario): Promise<Seen> {
  mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  const seen: Seen = { offered: 0, offeredAt: [], ran: [], done: [], refused: [], refusedAt: [] };
  const batcher = new Batcher((items: readonly number[]) => {
    seen.ran.push(...items);
    return new Promise<readonly number[]>((resolve) => setTimeout(() => resolve(items), batchMs(now)));
  }, { lanes: 2, batch: 8, queue: 10_000, waitMs: 1_000, now: () => now });
  const offer = async (since: number) => {
    seen.offered++;
    seen.offeredAt.push(since);
    try {
      await batcher.add(seen.offered, never);
      seen.done.push(now - since);
    } catch (error) {
      assert.ok(error instanceof QueueFull);
      seen.refused.push(now - since);
      seen.refusedAt.push(since);
    }
  };
  let due = 0;
  while (now < forMs || seen.done.length + seen.refused.length < seen.offered) {
    if (now < forMs) { for (due += perSecond(now) * TICK_MS / 1_000; due >= 1; due--) void offer(now); }
    await settled();
    now += TICK_MS;
    mock.timers.tick(TICK_MS);
    await settled();
  }
  mock.timers.reset();
  return seen;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
}

function constant(value: number): (ms: number) => number {
  return () => value;
}

function percentile(percent: number, values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * percent / 100) - 1] ?? NaN;
}

const { signal: never } = new AbortController();

/** Rates and durations by the milliseconds since the beginning. */
interface Scenario {
  readonly perSecond: (ms: number) => number;
  readonly batchMs: (ms: number) => number;
  readonly forMs: number;
}

interface Seen {
  offered: number;
  readonly offeredAt: number[];
  /** In the order in which they were given to a lane. */
  readonly ran: number[];
  /** Milliseconds until the answer of those that were done. */
  readonly done: number[];
  readonly refused: number[];
  readonly refusedAt: number[];
}
