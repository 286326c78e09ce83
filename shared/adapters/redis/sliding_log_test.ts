import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Ratelimit } from "@upstash/ratelimit";
import { EmbeddedRateLimitStore } from "../embedded/rate_limit_store.ts";
import { slidingLog } from "./sliding_log.ts";

describe("The sliding log as an algorithm of @upstash/ratelimit", () => {
  const now = () => 1_000_000;
  const unused = () => Promise.reject(new Error("Not for this algorithm"));
  const ratelimit = new Ratelimit({
    redis: { evalsha: unused, get: unused, set: unused },
    limiter: slidingLog({ store: new EmbeddedRateLimitStore({ now }), limit: 2, windowMs: 1000, now }),
    timeout: 0,
  });

  it("answers in the package's own terms, the reset as an instant", async () => {
    const { success, limit, remaining, reset } = await ratelimit.limit("a");
    assert.deepEqual({ success, limit, remaining, reset }, {
      success: true,
      limit: 2,
      remaining: 1,
      reset: 1_001_000,
    });
  });

  it("refuses what it cannot do instead of doing something else", async () => {
    await assert.rejects(ratelimit.limit("a", { rate: 2 }), /not "2"/);
    await assert.rejects(ratelimit.limit("a", { rate: -1 }), /not "-1"/);
    await assert.rejects(ratelimit.getRemaining("a"), /not offered/);
    await assert.rejects(ratelimit.resetUsedTokens("a"), /not offered/);
  });
});
