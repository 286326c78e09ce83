import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Document, MongoNetworkError } from "mongodb";
import { replaceEach } from "./replace_each.ts";

describe("replaceEach", () => {
  const RESULT = {
    acknowledged: true,
    matchedCount: 0,
    modifiedCount: 0,
    upsertedCount: 0,
    upsertedId: null,
  };
  const values = [{ id: "a", own: { n: 1 } }, { id: "b", own: { n: 2 } }, { id: "a", own: { n: 3 } }];

  it("hands all to the server by one command, and what comes for an id again by a later one", async () => {
    const updates: [string[], unknown][] = [];
    await replaceEach(values, { $mergeObjects: ["$$ROOT", "$$own"] }, (ids, pipeline) => {
      updates.push([ids, pipeline]);
      return Promise.resolve(RESULT);
    });
    const replacing = (ids: readonly string[], own: readonly Document[]) => [{
      $replaceWith: {
        $let: {
          vars: {
            own: { $arrayElemAt: [{ $literal: own }, { $indexOfArray: [{ $literal: ids }, "$_id"] }] },
          },
          in: { $mergeObjects: ["$$ROOT", "$$own"] },
        },
      },
    }];
    assert.deepEqual(updates, [
      [["a", "b"], replacing(["a", "b"], [{ n: 1 }, { n: 2 }])],
      [["a"], replacing(["a"], [{ n: 3 }])],
    ]);
  });

  it("tries a command once more when the connection broke, and rejects when it breaks again", async () => {
    for (const [failures, outcome] of [[1, "fulfilled"], [2, "rejected"]] as const) {
      let tries = 0;
      const [settled] = await Promise.allSettled([
        replaceEach(
          values.slice(0, 1),
          {},
          () =>
            tries++ < failures ? Promise.reject(new MongoNetworkError("Broken")) : Promise.resolve(RESULT),
        ),
      ]);
      assert.equal(settled.status, outcome);
      assert.equal(tries, 2);
    }
  });

  it("tries nothing again that failed before it came to the server", async () => {
    let tries = 0;
    const failing = replaceEach(values, {}, () => (tries++, Promise.reject(new TypeError("Wrong"))));
    await assert.rejects(failing, TypeError);
    assert.equal(tries, 1);
  });
});
