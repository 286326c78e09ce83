import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { v7 } from "uuid";
import { LEDGER, type LedgerDocument } from "../../shared/adapters/mongodb/event_ledger.ts";
import { PROVINCES } from "../../shared/adapters/mongodb/province_counters.ts";
import {
  type MongoStatisticsStoreOptions,
  openMongoStatisticsStore,
} from "../../shared/adapters/mongodb/statistics_store.ts";
import { countsOf, residents } from "./counted.ts";
import { openTestMongo, type TestMongo } from "./mongodb.ts";

describe("The statistics store in MongoDB, as it grows old,", () => {
  let test: TestMongo;

  beforeEach(async () => {
    test = await openTestMongo();
  });
  afterEach(async () => await test.drop());

  const open = (options: MongoStatisticsStoreOptions = {}) => openMongoStatisticsStore(test.mongo, options);
  const ledger = () => test.mongo.db.collection<LedgerDocument>(LEDGER);
  const remembered = async () => (await ledger().find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
  /** As a process does that starts and stops at once. */
  const lookAfter = async (options?: MongoStatisticsStoreOptions) => await (await open(options)).close();
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  /** As many as there are instants, which their ids name. */
  const registeredAt = (...instants: Date[]) =>
    residents(instants.length).map((event, i) => ({
      ...event,
      id: v7({ msecs: instants[i]?.getTime() ?? assert.fail() }),
    }));

  it("forgets events 31 days after they were claimed, or as many as it is told, and counts none again", async () => {
    const store = await open();
    // The last two had waited before they were claimed.
    const events = registeredAt(daysAgo(50), daysAgo(40), daysAgo(20), daysAgo(90), daysAgo(0));
    const ids = events.map(({ id }) => id);
    await store.apply({ epoch: "e", partition: 0, events });
    for (const [i, days] of [49, 39, 19, 30].entries()) {
      await ledger().updateOne({ _id: ids[i] ?? "" }, { $set: { until: daysAgo(days) } });
    }
    const left = (...positions: number[]) => positions.map((i) => ids[i]).toSorted();
    await lookAfter({ ledgerDays: 40 });
    assert.deepEqual(await remembered(), left(1, 2, 3, 4));
    await lookAfter();
    assert.deepEqual(await remembered(), left(2, 3, 4));
    assert.deepEqual(await store.apply({ epoch: "e", partition: 0, events }), { counted: 0, repeated: 5 });
    assert.deepEqual((await store.read()).provinces, countsOf(events));
  });

  it("forgets all that is old, however much it is", async () => {
    const old = { stream: "e:0", offset: 0, kode: "32", until: daysAgo(32) };
    const ids = Array.from({ length: 2_500 }, (_, i) => v7({ msecs: daysAgo(33).getTime() + i }));
    await ledger().insertMany(ids.map((_id) => ({ _id, ...old })));
    await ledger().insertOne({ _id: v7(), ...old, until: daysAgo(0) });
    const store = await open();
    const deadline = AbortSignal.timeout(30_000);
    while ((await remembered()).length > 1) deadline.throwIfAborted();
    await store.close();
  });

  it("takes over the ledger of the version that let the server forget, and counts none of its events again", async () => {
    const store = await open();
    const events = registeredAt(daysAgo(0), daysAgo(0), daysAgo(0));
    await store.apply({ epoch: "e", partition: 0, events });
    const ofOldVersion = () => ledger().createIndex({ until: 1 }, { expireAfterSeconds: 31 * 86_400 });
    await ofOldVersion();
    const successor = await open();
    assert.deepEqual((await ledger().indexes()).map(({ key }) => key), [{ _id: 1 }]);
    // During the roll-over one of the old version starts once more.
    await ofOldVersion();
    const again = events.map((event) => ({ ...event, offset: event.offset + 3 }));
    assert.deepEqual(await successor.apply({ epoch: "e", partition: 0, events: again }), {
      counted: 0,
      repeated: 3,
    });
    await lookAfter();
    assert.deepEqual((await ledger().indexes()).map(({ key }) => key), [{ _id: 1 }]);
    assert.deepEqual((await store.read()).provinces, countsOf(events));
  });

  it("forgets the marks of topics that are gone, when no event of theirs is remembered any more", async () => {
    const store = await open();
    const events = residents(8);
    const gone = { epoch: "gone.for $ever", partition: 0, events: events.slice(0, 4) };
    const here = { epoch: "here", partition: 0, events: events.slice(4) };
    await store.apply(gone);
    await store.apply(here);
    const provinces = test.mongo.db.collection<{ _id: string }>(PROVINCES);
    const tandaOf = async () => {
      const documents = await provinces.find({ jumlah: { $gt: 0 } }).toArray();
      return documents.map((document) => Object.keys(Reflect.get(document, "tanda")));
    };
    const stream = "gone%2Efor%20%24ever:0";
    assert.deepEqual(await tandaOf(), new Array(4).fill([stream, "here:0"]));
    const marked = (days: number) =>
      provinces.updateMany({ jumlah: { $gt: 0 } }, {
        $set: { [`tanda.${stream}.at`]: daysAgo(days) },
      });

    await marked(61);
    await lookAfter();
    assert.deepEqual(await tandaOf(), new Array(4).fill([stream, "here:0"]));
    await marked(63);
    await lookAfter();
    const anew = await open();
    assert.deepEqual(await tandaOf(), new Array(4).fill(["here:0"]));

    assert.deepEqual(await anew.apply(here), { counted: 0, repeated: 4 });
    assert.deepEqual((await anew.read()).provinces, countsOf(events));
  });
});
