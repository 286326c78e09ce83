import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Redis } from "ioredis";
import { openRedisStore } from "../../shared/adapters/redis/ioredis_store.ts";
import { Unusable } from "../../shared/resilience/reach.ts";
import { type Address, remoteStoreContract } from "./remote_store_contract.ts";
import { variable } from "./variables.ts";

const real = new URL(variable("REDIS_URL"));

remoteStoreContract("Redis", {
  address: { hostname: real.hostname, port: Number(real.port) },
  open: (address) => openRedisStore(urlOf(address).href),
  async forgetScripts() {
    const redis = new Redis(real.href);
    await redis.script("FLUSH");
    redis.disconnect();
  },
});

describe("A Redis that cannot be used", () => {
  it("is told by REDIS_URL when it refuses the password, wants one, or lacks the user", async () => {
    const wrong = new URL(real);
    wrong.password = "another";
    await refused(wrong, "REDIS_URL holds a user or password that the Redis refuses");
    wrong.password = "";
    await refused(wrong, "REDIS_URL needs a password: redis://:PASSWORD@host");
    const stranger = new URL(real);
    stranger.username = "stranger";
    await refused(stranger, "REDIS_URL holds a user or password that the Redis refuses");
  });

  it("is told when the database number does not exist", async () => {
    const beyond = new URL(real);
    beyond.pathname = "/9999";
    await refused(beyond, "REDIS_URL names a database number that the Redis does not have");
  });

  it("is told when another kind of server listens there", async () => {
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("Halo"));
    try {
      const { hostname, port } = server.addr;
      await refused(urlOf({ hostname, port }), "REDIS_URL names a server that is no Redis");
    } finally {
      await server.shutdown();
    }
  });

  it("does not hold up the start when it is merely away, and fails each call at once", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { hostname, port } = listener.addr;
    listener.close();
    const store = await openRedisStore(urlOf({ hostname, port }).href);
    const asked = performance.now();
    for (let i = 0; i < 20; i++) {
      await assert.rejects(store.eval("return 1", [], []));
      await assert.rejects(store.check(AbortSignal.timeout(2_000)));
    }
    assert.ok(performance.now() - asked < 800);
    store.close();
  });

  it("does not hold up the start when it never answers", async () => {
    const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { hostname, port } = silent.addr;
    const asked = performance.now();
    const store = await openRedisStore(urlOf({ hostname, port }).href);
    assert.ok(performance.now() - asked < 3_000);
    store.close();
    silent.close();
  });
});

function urlOf({ hostname, port }: Address): URL {
  const url = new URL(real);
  url.hostname = hostname;
  url.port = String(port);
  return url;
}

async function refused(url: URL, sentence: string): Promise<void> {
  await assert.rejects(openRedisStore(url.href), (error) => {
    assert.ok(error instanceof Unusable);
    assert.equal(error.message, sentence);
    return true;
  });
}
