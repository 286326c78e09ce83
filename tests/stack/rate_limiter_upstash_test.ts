import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Redis } from "@upstash/redis";
import { openUpstashStore } from "../../shared/adapters/redis/upstash_store.ts";
import { Unusable } from "../../shared/resilience/reach.ts";
import { type Address, remoteStoreContract } from "./remote_store_contract.ts";
import { variable } from "./variables.ts";

const real = new URL(variable("UPSTASH_REDIS_REST_URL"));
const token = variable("UPSTASH_REDIS_REST_TOKEN");

remoteStoreContract("Upstash's REST", {
  address: { hostname: real.hostname, port: Number(real.port) },
  open: (address) => openUpstashStore(urlOf(address), token),
  async forgetScripts() {
    await client().scriptFlush({ sync: true });
  },
});

describe("The bridge that speaks Upstash's REST", () => {
  it("serves the package's client in its default settings: base64 answers, pipelines, errors", async () => {
    const redis = client();
    const key = crypto.randomUUID();
    const text = "Pendaftaran “Baru” – 100 %";
    await redis.set(key, text, { ex: 60 });
    assert.equal(await redis.get(key), text);
    assert.deepEqual(await redis.pipeline().incr(`${key}:n`).expire(`${key}:n`, 60).get(key).exec(), [
      1,
      1,
      text,
    ]);
    await assert.rejects(redis.incr(key), /not an integer/);
  });
});

describe("An Upstash that cannot be used", () => {
  it("is told by UPSTASH_REDIS_REST_TOKEN when it refuses the token", async () => {
    await refused(
      openUpstashStore(real.href, "another"),
      "UPSTASH_REDIS_REST_TOKEN is refused by the server",
    );
  });

  for (
    const [answer, response] of [
      ["page", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
      ["404", () => Response.json({ detail: "Not found" }, { status: 404 })],
      ["redirect", () => new Response(null, { status: 302, headers: { location: "/" } })],
    ] as const
  ) {
    it(`is told by UPSTASH_REDIS_REST_URL when another kind of server answers with a ${answer}`, async () => {
      await withServer(response, async (url) => {
        const sentence = "UPSTASH_REDIS_REST_URL names a server that does not answer as Upstash's REST does";
        await refused(openUpstashStore(url, token), sentence);
      });
    });
  }

  it("does not hold up the start when it is merely away or overloaded", async () => {
    for (const status of [429, 500, 502, 503]) {
      await withServer(() => new Response("<html>", { status }), async (url) => {
        const store = await openUpstashStore(url, token);
        await assert.rejects(store.check(AbortSignal.timeout(2_000)));
        await assert.rejects(store.eval("return 1", [], []));
      });
    }
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { hostname, port } = listener.addr;
    listener.close();
    const store = await openUpstashStore(urlOf({ hostname, port }), token);
    await assert.rejects(store.eval("return 1", [], []));
  });
});

function client(): Redis {
  return new Redis({ url: real.href, token, enableTelemetry: false });
}

function urlOf({ hostname, port }: Address): string {
  return `http://${hostname}:${port}`;
}

async function refused(opening: Promise<unknown>, sentence: string): Promise<void> {
  await assert.rejects(opening, (error) => {
    assert.ok(error instanceof Unusable);
    assert.equal(error.message, sentence);
    return true;
  });
}

async function withServer(answer: () => Response, use: (url: string) => Promise<void>): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  try {
    await use(urlOf(server.addr));
  } finally {
    await server.shutdown();
  }
}
