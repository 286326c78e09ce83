import assert from "node:assert/strict";
import { afterEach, describe, it } from "@std/testing/bdd";
import type { BSON } from "mongodb";
import { type FakeMongoServer, fakeMongoServer } from "../../../tests/fakes/mongodb_server.ts";
import { openMongo } from "./connect.ts";
import { shard } from "./sharding.ts";

describe("shard", () => {
  let server: FakeMongoServer;
  afterEach(async () => await server.close());

  it("lays the collections of a cluster out by their keys, each after its index", async () => {
    server = await fakeMongoServer(() => ({ ...PRIMARY, msg: "isdbgrid" }));
    assert.equal(await shardDatabase(), "sharded");
    assert.deepEqual(changes(), [
      { createIndexes: "processed-events", key: { _id: "hashed" } },
      { createIndexes: "sms-ledger", key: { _id: "hashed" } },
      { enableSharding: "gov-stats" },
      { shardCollection: "gov-stats.province-stats", key: { _id: 1 } },
      { shardCollection: "gov-stats.processed-events", key: { _id: "hashed" } },
      { shardCollection: "gov-stats.sms-ledger", key: { _id: "hashed" } },
    ]);
  });

  it("changes nothing on a replica set", async () => {
    server = await fakeMongoServer((address) => ({
      ...PRIMARY,
      setName: "rs",
      hosts: [address],
      me: address,
    }));
    assert.equal(await shardDatabase(), "no cluster");
    assert.deepEqual(changes(), []);
  });

  async function shardDatabase() {
    const mongo = await openMongo(server.uri, { withinMs: 5_000 });
    try {
      return await shard(mongo);
    } finally {
      await mongo.close();
    }
  }

  /** The commands that change how data lies, without what else is in them. */
  function changes(): BSON.Document[] {
    return server.commands.flatMap(({ createIndexes, indexes, enableSharding, shardCollection, key }) => {
      if (createIndexes) return { createIndexes, key: indexes[0].key };
      if (enableSharding) return { enableSharding };
      return shardCollection ? { shardCollection, key } : [];
    });
  }
});

const PRIMARY = { isWritablePrimary: true, ismaster: true };
