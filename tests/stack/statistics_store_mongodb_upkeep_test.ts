import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { LEDGER } from "../../shared/adapters/mongodb/event_ledger.ts";
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
  const remembersFor = async () => {
    const indexes = await test.mongo.db.collection(LEDGER).indexes();
    return indexes.flatMap(({ key, expireAfterSeconds }) =>
      expireAfterSeconds ? [[key, expireAfterSeconds]] : []
    );
  };

  it("lets the server forget events after 31 days, or as many as it is told next time", async () => {
    await open();
    assert.deepEqual(await remembersFor(), [[{ until: 1 }, 31 * 86_400]]);
    await open({ ledgerDays: 90 });
    assert.deepEqual(await remembersFor(), [[{ until: 1 }, 90 * 86_400]]);
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
        $set: { [`tanda.${stream}.at`]: new Date(Date.now() - days * 86_400_000) },
      });

    await marked(61);
    await open();
    assert.deepEqual(await tandaOf(), new Array(4).fill([stream, "here:0"]));
    await marked(63);
    const anew = await open();
    assert.deepEqual(await tandaOf(), new Array(4).fill(["here:0"]));

    assert.deepEqual(await anew.apply(here), { counted: 0, repeated: 4 });
    assert.deepEqual((await anew.read()).provinces, countsOf(events));
  });
});
