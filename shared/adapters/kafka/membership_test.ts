import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Hold } from "./hold.ts";
import { Membership } from "./membership.ts";

describe("A membership", () => {
  let membership: Membership;
  let done: PromiseWithResolvers<void>;
  let working: Promise<void>[];

  beforeEach(() => {
    membership = new Membership({ sessionMs: 60_000, heartbeatMs: 60_000, drainMs: 60_000 });
    membership.joined("me", [0, 1]);
    done = Promise.withResolvers();
    working = [];
  });
  afterEach(async () => {
    done.resolve();
    await Promise.all(working);
  });

  async function begin(partition: number): Promise<Hold> {
    const begun = Promise.withResolvers<Hold>();
    working.push(membership.holding(partition, () => Promise.resolve(), (held) => {
      begun.resolve(held);
      return done.promise;
    }));
    return await begun.promise;
  }

  it("keeps what is still its own when the group shares anew, and loses the rest", async () => {
    const [kept, given] = [await begin(0), await begin(1)];
    membership.joined("me", [0, 2]);
    assert.deepEqual([kept.isLost(), given.isLost()], [false, true]);
  });

  it("loses all when it comes back as a new member, for others had it in between", async () => {
    const held = await begin(0);
    membership.joined("me again", [0, 1]);
    assert.ok(held.isLost());
  });

  it("does not touch what has ended", async () => {
    const held = await begin(0);
    done.resolve();
    await Promise.all(working);
    membership.joined("me again", []);
    assert.equal(held.isLost(), false);
  });

  it("ends all when it stops, and loses nothing by that", async () => {
    const held = await begin(0);
    membership.stop();
    assert.deepEqual([held.ending.aborted, held.isLost()], [true, false]);
  });
});
