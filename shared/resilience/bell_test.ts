import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { mock } from "node:test";
import { Bell } from "./bell.ts";

describe("A bell", () => {
  const never = new AbortController().signal;
  let woken: boolean;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    woken = false;
  });
  afterEach(() => mock.timers.reset());

  const wait = (bell: Bell, signal = never) => bell.wait(1_000, signal).then(() => woken = true);

  it("wakes whoever waits", async () => {
    const bell = new Bell();
    const waiting = wait(bell);
    bell.ring();
    await waiting;
  });

  it("keeps one ring, and no more, for the next wait", async () => {
    const bell = new Bell();
    bell.ring();
    bell.ring();
    await wait(bell);
    await wakesOnlyInTime(bell);
  });

  it("has rung off when it has woken a waiter", async () => {
    const bell = new Bell();
    const waiting = wait(bell);
    bell.ring();
    await waiting;
    await wakesOnlyInTime(bell);
  });

  it("lets whoever waits go when the signal aborts, or had aborted before", async () => {
    const controller = new AbortController();
    const waiting = wait(new Bell(), controller.signal);
    controller.abort();
    await waiting;
    await wait(new Bell(), controller.signal);
  });

  async function wakesOnlyInTime(bell: Bell): Promise<void> {
    woken = false;
    const waiting = wait(bell);
    mock.timers.tick(999);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    assert.equal(woken, false);
    mock.timers.tick(1);
    await waiting;
  }
});
