import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Secret, type SecretValues } from "../../security/secret.ts";
import { openUpstashStore } from "./upstash_store.ts";

describe("the token of Upstash's REST", () => {
  let values: SecretValues = ["satu"];
  const asked = new Set<string>();
  let server: Deno.HttpServer<Deno.NetAddr>;
  before(() => {
    server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      asked.add(request.headers.get("authorization") ?? "");
      const isPing = /PING/.test(await request.text());
      return Response.json(isPing ? { result: "PONG" } : [{ result: 1 }]);
    });
  });
  after(() => server.shutdown());

  it("is followed by the next request", async () => {
    const secret = Secret.changing("UPSTASH_REDIS_REST_TOKEN", () => values);
    const store = await openUpstashStore(`http://127.0.0.1:${server.addr.port}`, secret);
    await store.eval("return 1", [], []);
    assert.deepEqual([...asked], ["Bearer satu"]);
    asked.clear();
    values = ["dua", "satu"];
    await store.eval("return 1", [], []);
    await store.check(AbortSignal.timeout(1_000));
    assert.deepEqual([...asked], ["Bearer dua"]);
    store.close();
  });
});
