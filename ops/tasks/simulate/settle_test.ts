import assert from "node:assert/strict";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { EMPTY_FLEET, type Fleet, type Reading } from "./fleet.ts";
import { settle } from "./settle.ts";

describe("The wait for the fleet to settle", () => {
  let clock = 0;
  let stop = new AbortController();
  beforeEach(() => {
    clock = 0;
    stop = new AbortController();
  });

  /** Waits for 100 residents; `at` tells what the fleet holds at an instant in seconds. */
  const settleWith = (at: (seconds: number) => Partial<Record<"counted" | "sent", number>> | "away") =>
    settle(() => Promise.resolve(reading(at(clock / 1000))), {
      before: EMPTY_FLEET,
      registered: 100,
      patienceMs: 60_000,
      now: () => clock,
      sleep: (ms) => {
        clock += ms;
        return Promise.resolve();
      },
      stop: stop.signal,
    });

  it("ends at once when all is there", async () => {
    const { statisticsMs, smsMs } = await settleWith(() => ({ counted: 100, sent: 100 }));
    assert.deepEqual({ statisticsMs, smsMs, clock }, { statisticsMs: 0, smsMs: 0, clock: 0 });
  });

  it("notes when each of the two was there for the first time", async () => {
    const { statisticsMs, smsMs } = await settleWith((s) => ({
      counted: s >= 2 ? 100 : 0,
      sent: s >= 1 ? 100 : 0,
    }));
    assert.deepEqual({ statisticsMs, smsMs }, { statisticsMs: 2000, smsMs: 1000 });
  });

  it("goes on while something moves, and no more than a minute after", async () => {
    const { statisticsMs, smsMs } = await settleWith((s) => ({
      counted: 100,
      sent: Math.min(3, Math.floor(s / 50)),
    }));
    assert.deepEqual({ statisticsMs, smsMs }, { statisticsMs: 0, smsMs: undefined });
    assert.ok(clock > 210_000 && clock < 211_000, `${clock}`);
  });

  it("takes a fleet that is away for one that starts again", async () => {
    const { last, smsMs } = await settleWith((s) => s < 30 ? "away" : { counted: 100, sent: 100 });
    assert.equal(last?.kind, "read");
    assert.equal(smsMs, 30_000);
  });

  it("gives up on a fleet that stays away, with the reason", async () => {
    assert.deepEqual((await settleWith(() => "away")).last, { kind: "unreadable", reason: "away" });
    assert.ok(clock > 60_000 && clock < 61_000);
  });

  it("ends when it is told to stop", async () => {
    stop.abort();
    assert.equal((await settleWith(() => ({}))).smsMs, undefined);
    assert.equal(clock, 0);
  });
});

function reading(state: Partial<Record<"counted" | "sent", number>> | "away"): Reading {
  if (state === "away") return { kind: "unreadable", reason: "away" };
  const { counted = 0, sent = 0 } = state;
  const fleet: Fleet = {
    ...EMPTY_FLEET,
    registry: 100,
    events: 100,
    statistics: counted,
    sms: { ...EMPTY_FLEET.sms, sent },
    smsExpected: 100,
    provinces: new Map([["32", counted]]),
  };
  return { kind: "read", fleet };
}
