import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "@std/testing/bdd";
import { EmbeddedRateLimitStore } from "../../shared/adapters/embedded/rate_limit_store.ts";
import type { RemoteStore } from "../../shared/adapters/redis/first_contact.ts";
import { openRateLimiter } from "../../shared/adapters/redis/rate_limiter.ts";
import type { RateLimitStore } from "../../shared/adapters/redis/sliding_log.ts";
import type { RateLimiter } from "../../shared/ports/rate_limiter.ts";
import { type OpenStore, rateLimiterContract } from "../contract/rate_limiter_contract.ts";
import { Cut } from "./cut.ts";

/** What the limiter promises over a store outside of the process: the contract, the store's own clock, outages. */
export function remoteStoreContract(name: string, server: StoreServer): void {
  rateLimiterContract(name, async (now): Promise<OpenStore> => {
    const store = await server.open(server.address);
    return {
      store: withClock(apart(store), now),
      close: () => Promise.resolve(store.close()),
    };
  });

  describe(`The rate limiter over ${name}, by its own clock`, () => {
    let stores: RemoteStore[] = [];
    const limiter = (store: RateLimitStore, options: { limit: number; windowMs: number; prefix: string }) =>
      openRateLimiter({ store, ...options, timeoutMs: 10_000 });

    before(async () => {
      stores = [await server.open(server.address), await server.open(server.address)];
    });
    after(() => stores.forEach((store) => store.close()));

    it("lets exactly 100 of 300 requests through that two instances make at once", async () => {
      const options = { limit: 100, windowMs: 60_000, prefix: crypto.randomUUID() };
      const instances = stores.map((store) => limiter(store, options));
      const verdicts = await Promise.all(
        Array.from({ length: 150 }, () => instances.map((instance) => instance.take("a"))).flat(),
      );
      const allowed = verdicts.filter((verdict) => verdict.allowed);
      const budgets = allowed.map(({ remaining }) => remaining).sort((a, b) => b - a);
      assert.deepEqual(budgets, Array.from({ length: 100 }, (_, i) => 99 - i));
      for (const { resetMs } of verdicts) assert.ok(resetMs > 50_000 && resetMs <= 60_000);
    });

    it("lets the next request through when the window has passed, and none before", async () => {
      const [store] = stores;
      assert.ok(store);
      const shared = limiter(store, { limit: 2, windowMs: 400, prefix: crypto.randomUUID() });
      const started = performance.now();
      await shared.take("a");
      await shared.take("a");
      let refused = 0;
      while (!(await shared.take("a")).allowed) refused++;
      assert.ok(refused > 0);
      // The store's clock counts whole milliseconds.
      assert.ok(performance.now() - started >= 399);
    });

    it("runs its script again after the server has forgotten it", async () => {
      const [store] = stores;
      assert.ok(store);
      const shared = limiter(store, { limit: 2, windowMs: 60_000, prefix: crypto.randomUUID() });
      await shared.take("a");
      await server.forgetScripts();
      assert.equal((await shared.take("a")).remaining, 0);
    });

    it("answers that it can be reached", async () => {
      for (const store of stores) await store.check(AbortSignal.timeout(5_000));
    });
  });

  describe(`The rate limiter over ${name}, when that fails`, () => {
    let cut: Cut;
    let store: RemoteStore;
    let clock = 0;
    let shared: RateLimiter;

    before(async () => {
      cut = await Cut.before(server.address);
    });
    beforeEach(async () => {
      await open();
    });
    afterEach(() => store.close());
    after(async () => await cut.down());

    it("counts alone from the request that finds it killed, and there again as soon as it is back", async () => {
      assert.deepEqual(await brief("a"), [true, "shared"]);
      assert.deepEqual(await brief("a"), [true, "shared"]);
      await cut.down();
      const alone = [await brief("a"), await brief("a"), await brief("a"), await brief("a")];
      assert.deepEqual(alone.map(([allowed]) => allowed), [true, true, true, false]);
      assert.deepEqual(new Set(alone.map(([, where]) => where)), new Set(["alone"]));
      await assert.rejects(store.check(AbortSignal.timeout(2_000)));
      await cut.up();
      await untilShared();
      assert.deepEqual(await brief("a"), [true, "shared"], "two of three were taken before the kill");
      assert.deepEqual(await brief("a"), [false, "shared"]);
      await store.check(AbortSignal.timeout(5_000));
    });

    it("makes nobody wait twice while it is frozen, and counts there again when it answers", async () => {
      await shared.take("other");
      cut.stall();
      const asked = performance.now();
      const first = await Promise.all([brief("b"), brief("b"), brief("b"), brief("b")]);
      assert.deepEqual(first.map(([allowed]) => allowed), [true, true, true, false]);
      assert.ok(performance.now() - asked >= 999);
      const again = performance.now();
      assert.deepEqual(await brief("b"), [false, "alone"]);
      assert.ok(performance.now() - again < 500);
      cut.heal();
      await untilShared();
    });

    it("begins alone when it is away at the start, and counts there as soon as it comes", async () => {
      store.close();
      await cut.down();
      await open();
      assert.deepEqual(await brief("a"), [true, "alone"]);
      await cut.up();
      await untilShared();
      assert.deepEqual(await brief("a"), [true, "shared"]);
    });

    async function open(): Promise<void> {
      store = await server.open({ hostname: "127.0.0.1", port: cut.port });
      shared = openRateLimiter({
        store,
        fallback: new EmbeddedRateLimitStore({ now: () => clock }),
        limit: 3,
        windowMs: 60_000,
        prefix: crypto.randomUUID(),
        timeoutMs: 1_000,
        now: () => clock,
      });
    }

    async function brief(subject: string): Promise<[allowed: boolean, where: "shared" | "alone"]> {
      const { allowed, degraded } = await shared.take(subject);
      return [allowed, degraded ? "alone" : "shared"];
    }

    /** Asks for others until the store counts again; each question comes a second later to the limiter. */
    async function untilShared(): Promise<void> {
      const deadline = performance.now() + 10_000;
      while ((await shared.take("other")).degraded) {
        assert.ok(performance.now() < deadline, "the store does not come back");
        clock += 1_000;
        await new Promise(setImmediate);
      }
    }
  });
}

/** The store under names of its own, so that it begins empty. */
function apart(store: RateLimitStore): RateLimitStore {
  const namespace = crypto.randomUUID();
  return {
    eval: (script, keys, args) => store.eval(script, keys.map((key) => `${namespace}:${key}`), args),
  };
}

/** The store with the test's clock instead of its own. */
function withClock(store: RateLimitStore, now: () => number): RateLimitStore {
  return {
    eval(script, keys, args) {
      const timed = script.replace("redis.call('TIME')", "{ARGV[3], ARGV[4]}");
      const kept = timed.replace("redis.call('PEXPIRE', key, window)", "redis.call('PEXPIRE', key, 60000)");
      assert.ok(timed !== script && kept !== timed, "The script has other words for its clock");
      const ms = now();
      return store.eval(kept, keys, [...args, Math.floor(ms / 1000), (ms % 1000) * 1000]);
    },
  };
}

export interface StoreServer {
  readonly address: Address;
  /** Opens the store at another address than its own, for instance behind a cut. */
  open(address: Address): Promise<RemoteStore>;
  forgetScripts(): Promise<void>;
}

export interface Address {
  readonly hostname: string;
  readonly port: number;
}
