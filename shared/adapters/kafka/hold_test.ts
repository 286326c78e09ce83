import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mock } from "node:test";
import { type Hold, hold } from "./hold.ts";

describe("A held partition", () => {
  let answer: () => Promise<void>;
  let silent: boolean;
  let beats: number;
  let held: Hold;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    answer = () => Promise.resolve();
    silent = false;
    beats = 0;
    held = hold(3, {
      heartbeat() {
        beats++;
        return answer();
      },
      heartbeatMs: 1_000,
      drainMs: 5_000,
      isSilent: () => silent,
    });
  });
  afterEach(() => {
    held.release();
    mock.timers.reset();
  });

  const refuse = (type: string) => () => Promise.reject(Object.assign(new Error(), { type }));
  const state = () => ({
    leaving: held.leaving.aborted,
    ending: held.ending.aborted,
    lost: held.isLost(),
  });
  async function abandoned(): Promise<boolean> {
    return await Promise.race([held.abandoned.then(() => true), Promise.resolve().then(() => false)]);
  }

  it("beats while its batch is worked on, and not after", () => {
    mock.timers.tick(3_000);
    assert.equal(beats, 3);
    held.release();
    mock.timers.tick(3_000);
    assert.equal(beats, 3);
    assert.deepEqual(state(), { leaving: false, ending: false, lost: false });
  });

  it("lets what is under way end when the group wants to share anew, but not for ever", async () => {
    answer = refuse("REBALANCE_IN_PROGRESS");
    await held.beat();
    await held.beat();
    assert.deepEqual(state(), { leaving: true, ending: false, lost: false });
    mock.timers.tick(4_999);
    assert.equal(held.ending.aborted, false);
    mock.timers.tick(1);
    assert.deepEqual(state(), { leaving: true, ending: true, lost: false });
    mock.timers.tick(5_000);
    assert.ok(await abandoned());
  });

  for (const type of ["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "FENCED_INSTANCE_ID"]) {
    it(`is lost at once when the group answers ${type}`, async () => {
      answer = refuse(type);
      await held.beat();
      assert.deepEqual(state(), { leaving: true, ending: true, lost: true });
    });
  }

  it("is not lost while only a heartbeat fails, but is once the group has been silent for too long", async () => {
    answer = refuse("NOT_COORDINATOR_FOR_GROUP");
    await held.beat();
    mock.timers.tick(10_000);
    assert.deepEqual(state(), { leaving: false, ending: false, lost: false });
    silent = true;
    mock.timers.tick(1_000);
    assert.deepEqual(state(), { leaving: true, ending: true, lost: true });
  });

  it("is still its own when the consumer stops, and is abandoned by a handler that does not end", async () => {
    held.stop();
    assert.deepEqual(state(), { leaving: true, ending: true, lost: false });
    mock.timers.tick(4_999);
    assert.equal(await abandoned(), false);
    mock.timers.tick(1);
    assert.ok(await abandoned());
  });

  it("can still be lost while the consumer stops", () => {
    held.stop();
    held.lose();
    assert.ok(held.isLost());
  });
});
