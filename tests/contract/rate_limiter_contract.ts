import assert from "node:assert/strict";
import { mock } from "node:test";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { EmbeddedRateLimitStore } from "../../shared/adapters/embedded/rate_limit_store.ts";
import { openRateLimiter } from "../../shared/adapters/redis/rate_limiter.ts";
import type { RateLimitStore } from "../../shared/adapters/redis/sliding_log.ts";
import type { RateLimiter } from "../../shared/ports/rate_limiter.ts";
import { BruteForce, verdict } from "./rate_limiter_model.ts";

/** What the limiter promises over any store. `open` answers an empty store whose clock is `now`, in Unix milliseconds. */
export function rateLimiterContract(name: string, open: (now: () => number) => Promise<OpenStore>): void {
  describe(`The rate limiter over ${name}`, () => {
    let clock = 0;
    let opened: OpenStore;
    const now = () => clock;
    const limiter = (options: { limit?: number; windowMs?: number; prefix?: string } = {}): RateLimiter =>
      openRateLimiter({
        store: opened.store,
        limit: 100,
        windowMs: 60_000,
        prefix: "contract",
        now,
        ...options,
      });

    beforeEach(async () => {
      clock = START;
      opened = await open(now);
    });
    afterEach(async () => await opened.close());

    it("lets exactly the limit through in any rolling window, whatever the arrivals and the instance", async () => {
      await fc.assert(fc.asyncProperty(runs, async ({ limit, windowMs, arrivals }) => {
        clock = START;
        const prefix = crypto.randomUUID();
        const instances = [
          limiter({ limit, windowMs, prefix }),
          limiter({ limit, windowMs, prefix }),
        ] as const;
        const model = new BruteForce(limit, windowMs);
        for (const { gapMs, subject, instance } of arrivals) {
          clock += gapMs;
          assert.deepEqual(await instances[instance].take(subject), model.take(subject, clock));
        }
        model.assertNoWindowAboveLimit();
      }));
    });

    it("lets exactly 100 through in any rolling minute", async () => {
      const gaps = fc.array(fc.integer({ min: 0, max: 1200 }), { minLength: 250, maxLength: 400 });
      await fc.assert(
        fc.asyncProperty(gaps, async (gaps) => {
          clock = START;
          const shared = limiter({ prefix: crypto.randomUUID() });
          const model = new BruteForce(100, 60_000);
          for (const gapMs of gaps) {
            clock += gapMs;
            assert.deepEqual(await shared.take("a"), model.take("a", clock));
          }
          model.assertNoWindowAboveLimit();
        }),
        { numRuns: 15 },
      );
    });

    it("refuses the 101st with the wait for the oldest to expire, and lets the 102nd pass after it", async () => {
      const shared = limiter();
      for (let i = 0; i < 100; i++) {
        assert.equal((await shared.take("a")).remaining, 99 - i);
        clock += 10;
      }
      assert.deepEqual(await shared.take("a"), verdict({ allowed: false, remaining: 0, resetMs: 59_000 }));
      clock += 58_999;
      assert.deepEqual(await shared.take("a"), verdict({ allowed: false, remaining: 0, resetMs: 1 }));
      clock += 1;
      assert.deepEqual(await shared.take("a"), verdict({ allowed: true, remaining: 0, resetMs: 10 }));
    });

    it("takes nothing from the budget for a refused request", async () => {
      const shared = limiter({ limit: 1 });
      await shared.take("a");
      for (let i = 0; i < 5; i++) {
        clock += 10_000;
        assert.equal((await shared.take("a")).allowed, false);
      }
      clock += 10_000;
      assert.equal((await shared.take("a")).allowed, true);
    });

    it("leaves another subject untouched", async () => {
      const shared = limiter({ limit: 1 });
      await shared.take("a");
      assert.equal((await shared.take("a")).allowed, false);
      assert.equal((await shared.take("b")).allowed, true);
    });

    it("leaves the same subject of a limiter with another prefix untouched", async () => {
      await limiter({ limit: 1, prefix: "users" }).take("a");
      assert.equal((await limiter({ limit: 1, prefix: "users" }).take("a")).allowed, false);
      assert.equal((await limiter({ limit: 1, prefix: "addresses" }).take("a")).allowed, true);
    });

    it("lets exactly the limit through when two instances that share the store are asked at once", async () => {
      const instances = [limiter(), limiter()];
      const verdicts = await Promise.all(
        Array.from({ length: 150 }, () => instances.map((instance) => instance.take("a"))).flat(),
      );
      assert.equal(verdicts.filter(({ allowed }) => allowed).length, 100);
    });

    it("lets none too many through when the store's clock is set back", async () => {
      const shared = limiter({ limit: 2 });
      await shared.take("a");
      clock -= 30_000;
      assert.equal((await shared.take("a")).allowed, true);
      assert.equal((await shared.take("a")).allowed, false);
      clock += 59_999;
      assert.equal((await shared.take("a")).allowed, false);
    });

    it("obeys a limit that was lowered while a subject had spent more", async () => {
      for (let i = 0; i < 5; i++) {
        await limiter({ limit: 5 }).take("a");
        clock += 1000;
      }
      const lowered = limiter({ limit: 2 });
      assert.deepEqual(
        await lowered.take("a"),
        verdict({ limit: 2, allowed: false, remaining: 0, resetMs: 58_000 }),
      );
      clock += 58_000;
      assert.equal((await lowered.take("a")).allowed, true);
    });

    describe("when the store is away", () => {
      const guarded = (store: RateLimitStore, limit = 2): RateLimiter =>
        openRateLimiter({
          store,
          fallback: new EmbeddedRateLimitStore({ now }),
          limit,
          windowMs: 60_000,
          prefix: "contract",
          timeoutMs: 250,
          now,
        });

      it("counts in this process alone and says so in every verdict", async () => {
        const outage = new Outage(opened.store);
        const shared = guarded(outage);
        outage.mode = "down";
        const verdicts = [await shared.take("a"), await shared.take("a"), await shared.take("a")];
        assert.deepEqual(verdicts.map(({ allowed }) => allowed), [true, true, false]);
        assert.ok(verdicts.every(({ degraded }) => degraded));
      });

      it("asks it once a second and counts there again as soon as it answers", async () => {
        const outage = new Outage(opened.store);
        const shared = guarded(outage);
        assert.equal((await shared.take("a")).degraded, false);
        outage.mode = "down";
        for (let i = 0; i < 10; i++) await shared.take("a");
        assert.equal(outage.calls, 2);
        clock += 1000;
        for (let i = 0; i < 10; i++) await shared.take("a");
        assert.equal(outage.calls, 3);
        outage.mode = "up";
        clock += 1000;
        assert.deepEqual(
          await shared.take("a"),
          verdict({ limit: 2, allowed: true, remaining: 0, resetMs: 58_000 }),
        );
        const { allowed, degraded } = await shared.take("a");
        assert.deepEqual({ allowed, degraded }, { allowed: false, degraded: false });
      });

      it("answers within the timeout when it hangs, and never by letting everything pass", async () => {
        mock.timers.enable({ apis: ["setTimeout"] });
        try {
          const outage = new Outage(opened.store);
          const shared = guarded(outage);
          outage.mode = "hung";
          const first = [shared.take("a"), shared.take("a"), shared.take("a")];
          let answered = false;
          void Promise.race(first).then(() => answered = true);
          mock.timers.tick(249);
          await new Promise(setImmediate);
          assert.equal(answered, false);
          mock.timers.tick(1);
          const verdicts = await Promise.all(first);
          assert.deepEqual(verdicts.map(({ allowed }) => allowed), [true, true, false]);
          assert.ok(verdicts.every(({ degraded }) => degraded));
          assert.equal((await shared.take("a")).allowed, false, "nobody waits for it a second time");
        } finally {
          mock.timers.reset();
        }
      });

      it("takes an answer that it cannot read for an outage, not for a permission", async () => {
        const shared = guarded({ eval: () => Promise.resolve("OK") }, 1);
        assert.deepEqual((await shared.take("a")).degraded, true);
        assert.deepEqual((await shared.take("a")).allowed, false);
      });

      it("rejects when there is no other place to count in", async () => {
        const outage = new Outage(opened.store);
        outage.mode = "down";
        const shared = openRateLimiter({
          store: outage,
          limit: 1,
          windowMs: 60_000,
          prefix: "contract",
          now,
        });
        await assert.rejects(shared.take("a"), /ECONNREFUSED/);
      });
    });
  });
}

const START = Date.UTC(2026, 0, 1);

const runs = fc.record({
  limit: fc.integer({ min: 1, max: 6 }),
  windowMs: fc.integer({ min: 1, max: 100 }),
  arrivals: fc.array(
    fc.record({
      gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 }), fc.constant(100)),
      subject: fc.constantFrom("a", "b"),
      instance: fc.constantFrom(0, 1),
    }),
    { maxLength: 60 },
  ),
});

/** Stands before a store and cuts it off. */
class Outage implements RateLimitStore {
  mode: "up" | "down" | "hung" = "up";
  calls = 0;

  constructor(readonly store: RateLimitStore) {}

  eval(script: string, keys: string[], args: number[]): Promise<unknown> {
    this.calls++;
    if (this.mode === "down") return Promise.reject(new Error("ECONNREFUSED"));
    if (this.mode === "hung") return new Promise(() => {});
    return this.store.eval(script, keys, args);
  }
}

export interface OpenStore {
  readonly store: RateLimitStore;
  close(): Promise<void>;
}
