import assert from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { EmbeddedRateLimitStore } from "../embedded/rate_limit_store.ts";
import { openRateLimiter } from "./rate_limiter.ts";

describe("The rate limiter's log", () => {
  let records: LogRecord[] = [];
  beforeEach(async () => {
    records = [];
    await configure({
      sinks: { memory: (record) => records.push(record) },
      loggers: [
        { category: ["kependudukan", "rate-limit"], sinks: ["memory"] },
        { category: ["logtape", "meta"], lowestLevel: "fatal" },
      ],
    });
  });
  afterEach(reset);

  it("says once that the store went away and once that it is back, and names no subject", async () => {
    let clock = 0;
    let down = true;
    const memory = new EmbeddedRateLimitStore();
    const limiter = openRateLimiter({
      store: {
        eval: (script, keys, args) =>
          down ? Promise.reject(new Error(`Lost ${keys}`)) : memory.eval(script, keys, args),
      },
      fallback: new EmbeddedRateLimitStore(),
      limit: 100,
      windowMs: 60_000,
      prefix: "test",
      now: () => clock,
    });
    for (let second = 0; second < 5; second++, clock += 1000) {
      await Promise.all(Array.from({ length: 10 }, () => limiter.take("subject-of-a-person")));
    }
    down = false;
    await limiter.take("subject-of-a-person");
    await limiter.take("subject-of-a-person");
    assert.deepEqual(records.map(({ level }) => level), ["error", "info"]);
    assert.doesNotMatch(JSON.stringify(records), /subject-of-a-person/);
  });
});
