import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { LEDGER } from "../../shared/adapters/mongodb/event_ledger.ts";
import {
  type ApplyStep,
  type MongoStatisticsStoreOptions,
  openMongoStatisticsStore,
} from "../../shared/adapters/mongodb/statistics_store.ts";
import type { Applied, CountableEvent, StatisticsStore } from "../../shared/ports/statistics_store.ts";
import { statisticsStoreContract } from "../contract/statistics_store_contract.ts";
import { countsOf, resident, residents } from "./counted.ts";
import { openTestMongo, type TestMongo } from "./mongodb.ts";

statisticsStoreContract("MongoDB", async () => {
  const { mongo, open, drop } = await openTestMongo();
  const other = await open();
  return {
    store: await openMongoStatisticsStore(mongo),
    second: await openMongoStatisticsStore(other),
    async close() {
      await other.close();
      await drop();
    },
  };
});

describe("The statistics store in MongoDB, as processes die and come back,", () => {
  let test: TestMongo;

  beforeEach(async () => {
    test = await openTestMongo();
  });
  afterEach(async () => await test.drop());

  /** Knows no marks yet, like a new process. */
  const open = (options: MongoStatisticsStoreOptions = {}) => openMongoStatisticsStore(test.mongo, options);
  const counts = async () => (await (await open()).read()).provinces;

  it("counts each event once wherever a process dies and its batch comes again, cut otherwise", async () => {
    const all = residents(40);
    for (const [dieAt, step] of (await stepsOf(test, all)).entries()) {
      const [epoch, events] = [`died at ${dieAt}: ${step}`, residents(40)];
      all.push(...events);
      const doomed = await open(dyingAt(dieAt));
      await assert.rejects(doomed.apply({ epoch, partition: 0, events }), Died);
      const heir = await open();
      await heir.apply({ epoch, partition: 0, events: events.slice(0, 15) });
      await heir.apply({ epoch, partition: 0, events: events.slice(10) });
      assert.deepEqual(await counts(), countsOf(all), step);
    }
  });

  it("counts each event once wherever a process dies that counts for several partitions together", async () => {
    /** Every third, and one that each partition brings. */
    const ofPartition = (events: readonly CountableEvent[], partition: number) => {
      const own = events.filter(({ offset }) => offset % 3 === partition || offset === 0);
      return own.map((event, offset) => ({ ...event, offset }));
    };
    const deliver = (
      store: StatisticsStore,
      epoch: string,
      events: readonly CountableEvent[],
      from = 0,
      to = 99,
    ) =>
      Promise.allSettled(
        [0, 1, 2].map((partition) =>
          store.apply({ epoch, partition, events: ofPartition(events, partition).slice(from, to) })
        ),
      );
    const all = residents(30);
    const steps: ApplyStep[] = [];
    await deliver(
      await open({ onStep: (step) => void steps.push(step), provincesAtOnce: 1 }),
      "rehearsal",
      all,
    );
    assert.deepEqual(steps, ["claim", "load", "count", "count", "count", "count", "answer"]);
    for (const [dieAt, step] of steps.entries()) {
      const [epoch, events] = [`died at ${dieAt}`, residents(30)];
      all.push(...events);
      const outcomes = await deliver(await open(dyingAt(dieAt)), epoch, events);
      assert.ok(outcomes.every(({ status }) => status === "rejected"));
      const heir = await open();
      await deliver(heir, epoch, events, 0, 5);
      await deliver(heir, epoch, events, 3);
      assert.deepEqual(await counts(), countsOf(all), `${dieAt}: ${step}`);
    }
  });

  it("counts each event once in whatever order a log repeats it to living, dying and late processes", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ logs, turns }) => {
        const test = await openTestMongo();
        try {
          const ids = Array.from({ length: DISTINCT }, () => crypto.randomUUID());
          const deliver = (store: StatisticsStore, partition: number, from: number, to: number) => {
            const events = (logs[partition] ?? []).slice(from, to)
              .map((person, i) => ({ ...resident(person), id: ids[person] ?? "", offset: from + i }));
            return store.apply({ epoch: "e", partition, events });
          };
          const committed = logs.map(() => 0);
          const late = await openMongoStatisticsStore(test.mongo);
          let store = await openMongoStatisticsStore(test.mongo);
          for (const { partitions, back, length, dieAt, together } of turns) {
            const from = (partition: number) => Math.max(0, (committed[partition] ?? 0) - back);
            const to = (partition: number) => from(partition) + length;
            const writer = dieAt === undefined
              ? store
              : await openMongoStatisticsStore(test.mongo, dyingAt(dieAt));
            const own = partitions.map((partition) =>
              deliver(writer, partition, from(partition), to(partition))
            );
            // Still holds the partition that it has lost, and the marks from when it last had it.
            const others = together
              ? partitions.map((partition) =>
                deliver(late, partition, from(partition), Math.max(from(partition), to(partition) - 3))
              )
              : [];
            const outcomes = await Promise.allSettled(own);
            await Promise.allSettled(others);
            for (const [i, partition] of partitions.entries()) {
              if (outcomes[i]?.status !== "fulfilled") continue;
              committed[partition] = Math.max(committed[partition] ?? 0, to(partition));
            }
            if (outcomes.some(({ status }) => status === "rejected")) {
              store = await openMongoStatisticsStore(test.mongo);
            }
          }
          for (const [partition, log] of logs.entries()) {
            await deliver(late, partition, committed[partition] ?? 0, log.length);
          }
          const people = [...new Set(logs.flat())];
          assert.deepEqual((await store.read()).provinces, countsOf(people.map(resident)));
        } finally {
          await test.drop();
        }
      }),
      { numRuns: 30 },
    );
  });

  it("counts only what is left when a process comes back with marks of long ago", async () => {
    const events = residents(40);
    const batch = (from: number, to: number) => ({
      epoch: "e",
      partition: 0,
      events: events.slice(from, to),
    });
    const [zombie, successor] = [await open(), await open()];
    assert.deepEqual(await zombie.apply(batch(0, 10)), { counted: 10, repeated: 0 });
    assert.deepEqual(await successor.apply(batch(0, 30)), { counted: 20, repeated: 10 });
    assert.deepEqual(await zombie.apply(batch(5, 40)), { counted: 10, repeated: 25 });
    assert.deepEqual(await counts(), countsOf(events));
  });

  it("counts nothing for a process that was frozen between reading the marks and counting", async () => {
    const batch = { epoch: "e", partition: 0, events: residents(40) };
    const successor = await open();
    let meanwhile: Promise<Applied> | undefined;
    const frozen = await open({
      onStep: async (step) => {
        if (step === "count") await (meanwhile ??= successor.apply(batch));
      },
    });
    assert.deepEqual(await frozen.apply(batch), { counted: 0, repeated: 40 });
    assert.deepEqual(await meanwhile, { counted: 40, repeated: 0 });
    assert.deepEqual(await counts(), countsOf(batch.events));
  });

  describe("and the topic is created anew,", () => {
    const old = { epoch: "old", partition: 0 };
    /** Other partitions and offsets than the events had before. */
    const anew = (events: readonly CountableEvent[]) => ({
      epoch: "new",
      partition: 3,
      events: events.toReversed().map((event, offset) => ({ ...event, offset })),
    });
    /** As if the claims of the topic that is gone had been made an hour ago. */
    const age = () => {
      const until = new Date(Date.now() - 3_600_000);
      return test.mongo.db.collection(LEDGER).updateMany({}, { $set: { until } });
    };

    it("counts each event once wherever a process died before, and waits while it may still live", async () => {
      const all = residents(40);
      for (const [dieAt, step] of (await stepsOf(test, all)).entries()) {
        const events = residents(40);
        all.push(...events);
        const doomed = await open(dyingAt(dieAt));
        await assert.rejects(doomed.apply({ ...old, epoch: `old ${dieAt}`, events }), Died);
        const store = await open();
        const again = () => store.apply({ ...anew(events), epoch: `new ${dieAt}` });
        if (step === "load" || step === "count") await assert.rejects(again(), { message: TOO_EARLY });
        await age();
        await again();
        assert.deepEqual(await counts(), countsOf(all), `${dieAt}: ${step}`);
        assert.deepEqual(await again(), { counted: 0, repeated: 40 });
      }
    });

    it("counts each event once wherever the process dies that takes over from the old topic", async () => {
      const all: CountableEvent[] = [];
      const claimed = async () => {
        const events = residents(6);
        all.push(...events);
        const doomed = await open(dyingAt(1));
        await assert.rejects(doomed.apply({ ...old, epoch: crypto.randomUUID(), events }), Died);
        await age();
        return events;
      };
      const takeOver = await stepsOf(test, await claimed());
      assert.equal(takeOver.filter((step) => step === "take over").length, 6);
      for (const dieAt of takeOver.keys()) {
        const epoch = `new ${dieAt}`;
        const events = await claimed();
        const doomed = await open(dyingAt(dieAt));
        await assert.rejects(doomed.apply({ ...anew(events), epoch }), Died);
        await (await open()).apply({ ...anew(events), epoch });
        assert.deepEqual(await counts(), countsOf(all), `${dieAt}`);
      }
    });

    it("lets a process of the old one count nothing that was taken over from it", async () => {
      const events = residents(40);
      const successor = await open();
      let meanwhile: Promise<Applied> | undefined;
      // By its clock an hour ago, so that its claims have run out when it makes them and only the server notices.
      const behind = { ...test.mongo, now: () => test.mongo.now() - 3_600_000 };
      const zombie = await openMongoStatisticsStore(behind, {
        onStep: async (step) => {
          if (step === "count") await (meanwhile ??= successor.apply(anew(events)));
        },
      });
      await assert.rejects(zombie.apply({ ...old, events }), /before the claim of it ran out$/);
      assert.deepEqual(await counts(), countsOf(events));
    });
  });
});

/** The steps of one batch, in their order. */
async function stepsOf({ mongo }: TestMongo, events: readonly CountableEvent[]): Promise<ApplyStep[]> {
  const steps: ApplyStep[] = [];
  const onStep = (step: ApplyStep) => void steps.push(step);
  const store = await openMongoStatisticsStore(mongo, { onStep, provincesAtOnce: 1 });
  await store.apply({ epoch: "rehearsal", partition: 0, events });
  return steps;
}

class Died extends Error {}

/** Who is dead stays dead. */
function dyingAt(dieAt: number): MongoStatisticsStoreOptions {
  let step = 0;
  const onStep = () => {
    if (step++ >= dieAt) throw new Died();
  };
  return { onStep, provincesAtOnce: 1 };
}

const TOO_EARLY = "Cannot count yet what another topic has only just claimed";

const DISTINCT = 30;

/** What each partition holds, and what is delivered of it: `length` records from `back` before the committed one. */
const histories = fc.record({
  logs: fc.array(fc.array(fc.nat(DISTINCT - 1), { maxLength: 20 }), { minLength: 3, maxLength: 3 }),
  turns: fc.array(
    fc.record({
      partitions: fc.uniqueArray(fc.nat(2), { minLength: 1 }),
      back: fc.nat(8),
      length: fc.integer({ min: 1, max: 12 }),
      dieAt: fc.option(fc.nat(7), { nil: undefined }),
      together: fc.boolean(),
    }),
    { maxLength: 10 },
  ),
});
