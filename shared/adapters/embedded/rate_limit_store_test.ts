import assert from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { openRateLimiter } from "../redis/rate_limiter.ts";
import { EmbeddedRateLimitStore } from "./rate_limit_store.ts";

describe("The rate-limit store in memory", () => {
  let clock = 0;
  beforeEach(() => {
    clock = 0;
  });
  const now = () => clock;
  const limiterOver = (store: EmbeddedRateLimitStore, limit = 1) =>
    openRateLimiter({ store, limit, windowMs: 1000, prefix: "test", now });

  it("holds no more subjects than it may, and frees each one window after its last accepted request", async () => {
    const store = new EmbeddedRateLimitStore({ now, subjects: 3 });
    const limiter = limiterOver(store);
    for (const subject of ["a", "b", "c", "d"]) {
      await limiter.take(subject);
      clock += 100;
    }
    assert.equal(store.size, 3);
    clock = 1100;
    assert.equal((await limiter.take("d")).allowed, true);
    assert.equal(store.size, 2, "a and b are gone, d has come");
  });

  it("makes room in the order of the last accepted request, not of the first", async () => {
    const limiter = limiterOver(new EmbeddedRateLimitStore({ now, subjects: 2 }), 2);
    for (const [at, subject] of [[0, "a"], [100, "b"], [900, "a"]] as const) {
      clock = at;
      await limiter.take(subject);
    }
    clock = 1100;
    assert.equal((await limiter.take("c")).allowed, true, "b has left");
  });

  it("refuses a new subject while it is full, with the wait until one leaves", async () => {
    const limiter = limiterOver(new EmbeddedRateLimitStore({ now, subjects: 2 }));
    await limiter.take("a");
    clock = 100;
    await limiter.take("b");
    clock = 200;
    assert.deepEqual(await limiter.take("c"), {
      allowed: false,
      limit: 1,
      remaining: 0,
      resetMs: 800,
      degraded: false,
    });
    clock = 1000;
    assert.equal((await limiter.take("c")).allowed, true);
  });

  it("forgets no known subject for the sake of a new one", async () => {
    const limiter = limiterOver(new EmbeddedRateLimitStore({ now, subjects: 2 }));
    await limiter.take("a");
    for (let i = 0; i < 50; i++) await limiter.take(`stranger ${i}`);
    assert.equal((await limiter.take("a")).allowed, false);
  });

  it("says once that it is full, and again only after there was room", async () => {
    const records: LogRecord[] = [];
    await configure({
      sinks: { memory: (record) => records.push(record) },
      loggers: [
        { category: ["kependudukan", "rate-limit"], sinks: ["memory"] },
        { category: ["logtape", "meta"], lowestLevel: "fatal" },
      ],
    });
    try {
      const limiter = limiterOver(new EmbeddedRateLimitStore({ now, subjects: 1 }));
      for (const subject of ["a", "b", "c"]) await limiter.take(subject);
      assert.equal(records.length, 1);
      clock = 1000;
      for (const subject of ["d", "e", "f"]) await limiter.take(subject);
      assert.equal(records.length, 2);
    } finally {
      await reset();
    }
  });

  it("refuses to run a script that it does not know", async () => {
    await assert.rejects(new EmbeddedRateLimitStore().eval("return 1", ["key"], [1, 1]), /not possible/);
  });
});
