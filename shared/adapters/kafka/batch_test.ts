import { beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { EachBatchPayload, KafkaMessage, Offsets } from "kafkajs";
import type { PartitionBatch } from "../../ports/event_log.ts";
import { type Work, workOn } from "./batch.ts";
import type { Hold } from "./hold.ts";

describe("workOn", () => {
  let committed: Offsets[];
  let resolved: string[];
  let seen: PartitionBatch[];
  let held: FakeHold;

  beforeEach(() => {
    committed = [];
    resolved = [];
    seen = [];
    held = new FakeHold();
  });

  const work = (count: number, onBatch: Work["onBatch"], whilePaused = () => Promise.resolve()) =>
    workOn(payload(messages(count)), held, {
      ...{ topic: "pendaftaran-events", epoch: "e1", group: "statistics-group", whilePaused },
      onBatch(batch) {
        seen.push(batch);
        return onBatch(batch);
      },
    });

  function payload(messages: KafkaMessage[]): EachBatchPayload {
    const last = () => messages.at(-1)?.offset ?? "0";
    return {
      batch: {
        ...{ topic: "kafka.pendaftaran-events", partition: 3, highWatermark: "0", messages },
        isEmpty: () => messages.length === 0,
        firstOffset: () => messages[0]?.offset ?? null,
        lastOffset: last,
        offsetLag: () => "0",
        offsetLagLow: () => "0",
      },
      resolveOffset: (offset) => void resolved.push(offset),
      commitOffsetsIfNecessary(offsets) {
        if (offsets) committed.push(offsets);
        return Promise.resolve();
      },
      heartbeat: () => Promise.resolve(),
      pause: () => () => {},
      uncommittedOffsets: () => ({ topics: [] }),
      isRunning: () => true,
      isStale: () => false,
    };
  }

  it("hands over at most 2,000 records at once, and commits each part under the epoch", async () => {
    assert.equal(await work(4_100, () => Promise.resolve()), "done");
    assert.deepEqual(seen.map(({ records }) => records.length), [2_000, 2_000, 100]);
    const partition = (offset: string) => ({ partition: 3, offset, metadata: "e1" });
    assert.deepEqual(
      committed,
      ["2000", "4000", "4100"].map((offset) => ({
        topics: [{ topic: "kafka.pendaftaran-events", partitions: [partition(offset)] }],
      })),
    );
    assert.deepEqual(resolved, ["1999", "3999", "4099"]);
  });

  it("commits nothing of what its handler rejects, and does not go on behind it", async () => {
    assert.equal(await work(4_000, () => Promise.reject(new Error("{secret}"))), "failed");
    assert.equal(seen.length, 1);
    assert.deepEqual([committed, resolved], [[], []]);
  });

  it("takes a handler that throws at once for one that rejects", async () => {
    const thrower = () => {
      throw new Error("{secret}");
    };
    assert.equal(await work(1, thrower), "failed");
  });

  it("commits what was done although the consumer stops, and begins nothing new", async () => {
    const outcome = await work(4_000, () => {
      held.leave();
      held.end();
      return Promise.resolve();
    });
    assert.equal(outcome, "left");
    assert.deepEqual(resolved, ["1999"]);
  });

  it("commits nothing for a partition that was lost meanwhile", async () => {
    const outcome = await work(10, () => {
      held.lose();
      return Promise.resolve();
    });
    assert.deepEqual([outcome, committed, resolved], ["left", [], []]);
  });

  it("leaves behind a handler that does not end", async () => {
    const outcome = await work(10, () => {
      held.end();
      held.abandon.resolve();
      return new Promise(() => {});
    });
    assert.deepEqual([outcome, committed], ["left", []]);
  });

  it("does not take for a failure what fails because it had to end", async () => {
    const outcome = await work(10, () => {
      held.end();
      return Promise.reject(new Error("Aborted"));
    });
    assert.equal(outcome, "left");
  });

  it("begins nothing when it must leave while it is paused", async () => {
    const outcome = await work(10, () => Promise.resolve(), () => {
      held.leave();
      return Promise.resolve();
    });
    assert.deepEqual([outcome, seen], ["left", []]);
  });

  it("beats for a handler until the partition must be given back", async () => {
    await work(1, async (batch) => {
      await batch.heartbeat();
      held.end();
      await assert.rejects(batch.heartbeat());
    });
    assert.equal(held.beats, 1);
  });

  it("rejects when the commit does, and then resolves nothing", async () => {
    const failing = {
      ...payload(messages(10)),
      commitOffsetsIfNecessary: () => Promise.reject(new Error("No coordinator")),
    };
    const working = workOn(failing, held, {
      ...{ topic: "pendaftaran-events", epoch: "e1", group: "g", whilePaused: () => Promise.resolve() },
      onBatch: () => Promise.resolve(),
    });
    await assert.rejects(working, /No coordinator/);
    assert.deepEqual(resolved, []);
  });
});

class FakeHold implements Hold {
  readonly partition = 3;
  readonly abandon = Promise.withResolvers<void>();
  readonly abandoned = this.abandon.promise;
  readonly #leaving = new AbortController();
  readonly #ending = new AbortController();
  readonly leaving = this.#leaving.signal;
  readonly ending = this.#ending.signal;
  beats = 0;
  #lost = false;

  isLost = () => this.#lost;
  leave = () => this.#leaving.abort();
  end = () => this.#ending.abort();
  lose() {
    this.#lost = true;
    this.end();
  }
  beat(): Promise<void> {
    this.beats++;
    return Promise.resolve();
  }
  stop() {}
  release() {}
}

function messages(count: number): KafkaMessage[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ key: null, value: Buffer.from(`${i}`), timestamp: "1700000000000", attributes: 0 },
    ...{ offset: String(i), headers: {} },
  }));
}
