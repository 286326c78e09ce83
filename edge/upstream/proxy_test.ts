import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createApp } from "../../shared/http/app.ts";
import { fakeIdentity } from "../../tests/fakes/identity.ts";
import { guardOrigin, handledBy } from "./origin.ts";
import { proxy } from "./proxy.ts";

describe("proxy over the network", () => {
  it("never sends a request twice, not even when a kept connection breaks without an answer", async () => {
    await using origin = brokenOrigin();
    const app = createApp({ service: "test" });
    const guarded = guardOrigin({ url: origin.url, transport: fetch }, { name: "uji", inFlight: 1 });
    app.post("/", proxy(guarded, { identity: fakeIdentity(), deadlineMs: 5_000 }));
    const post = () =>
      app.request("/", { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
    let posts = 0;
    // Which request meets the broken connection is for the client's pool to decide.
    for (let status = 200; status === 200 && posts < 20; posts++) status = (await post()).status;
    assert.equal(origin.requests(), posts);
  });

  it("sends a request again when no connection came about, though it may not be repeated", async () => {
    await using origin = lateOrigin();
    const app = createApp({ service: "test" });
    const guarded = guardOrigin(origin, { name: "uji", inFlight: 1 });
    app.post("/", proxy(guarded, { identity: fakeIdentity(), deadlineMs: 5_000 }));
    const answer = await app.request("/", { method: "POST", body: '{"sekali":true}' });
    assert.deepEqual([answer.status, await answer.text()], [200, '{"sekali":true}']);
  });

  it("sends a request with a key again when its connection broke", async () => {
    for (
      const [keyed, key, tries] of [[true, "kunci", 3], [true, undefined, 1], [false, "kunci", 1]] as const
    ) {
      let sent = 0;
      const transport = handledBy(async (request) => {
        sent++;
        assert.equal(await request.text(), "{}");
        throw new TypeError("connection reset");
      });
      const guarded = guardOrigin({ url: "http://origin.invalid", transport }, { name: "uji", inFlight: 1 });
      const app = createApp({ service: "test" });
      app.post("/", proxy(guarded, { identity: fakeIdentity(), deadlineMs: 5_000, keyed }));
      const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
      assert.equal((await app.request("/", { method: "POST", body: "{}", headers })).status, 502);
      assert.equal(sent, tries);
    }
  });
});

/** Begins to listen once a connection to it was refused; answers with what it was sent. */
function lateOrigin() {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  let server: Deno.HttpServer | undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    async transport(url: string, init: RequestInit): Promise<Response> {
      try {
        return await fetch(url, init);
      } catch (error) {
        server ??= Deno.serve(
          { hostname: "127.0.0.1", port, onListen() {} },
          ({ body }) => new Response(body),
        );
        throw error;
      }
    },
    [Symbol.asyncDispose]: async () => await server?.shutdown(),
  };
}

/** Answers the first request of a connection, keeps it open, and closes it after the second without a word. */
function brokenOrigin() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let requests = 0;
  const serve = async (connection: Deno.Conn) => {
    const buffer = new Uint8Array(4_096);
    let answered = false;
    for (let text = "";; text = "") {
      while (!text.includes("{}")) {
        const length = await connection.read(buffer).catch(() => null); // closed at the end of the test
        if (length === null) return;
        text += new TextDecoder().decode(buffer.subarray(0, length));
      }
      requests++;
      if (answered) return hangUp(connection);
      answered = true;
      await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
    }
  };
  const open = new Set<Deno.Conn>();
  const hangUp = (connection: Deno.Conn) => {
    if (open.delete(connection)) connection.close();
  };
  const served: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      served.push(serve(connection).finally(() => hangUp(connection)));
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      for (const connection of open) hangUp(connection);
      await Promise.all(served);
    },
  };
}
