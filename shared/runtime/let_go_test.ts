import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { lettingGo } from "./let_go.ts";

describe("a server that stops", () => {
  it("asks each client to give its connection up, and answers it all the same", async () => {
    const stopping = new AbortController();
    const handle = () => Response.json({ kode: "32" }, { status: 201, headers: { "x-uji": "satu" } });
    await using server = serve(lettingGo(stopping.signal).asking(handle));
    const before = await server.ask();
    assert.equal(before.headers.get("connection"), null);
    stopping.abort();
    const answer = await server.ask();
    assert.equal(answer.headers.get("connection"), "close");
    assert.deepEqual(
      [answer.status, answer.headers.get("x-uji"), await answer.json()],
      [201, "satu", { kode: "32" }],
    );
    await before.body?.cancel();
  });

  it("goes on for as long as a client may keep a connection, and not at all when nobody asked", async () => {
    const { asking, letGo } = lettingGo(AbortSignal.abort());
    const begun = performance.now();
    await letGo();
    assert.ok(performance.now() - begun < 500);
    await using server = serve(asking(() => new Response("ya")));
    await (await server.ask()).text();
    const answered = performance.now();
    await letGo();
    assert.ok(performance.now() - answered > 1_500);
  });
});

/** `Deno.serve` looks at how many parameters its handler names. */
function serve(handle: Deno.ServeHandler<Deno.NetAddr>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handle);
  return {
    ask: () => fetch(`http://127.0.0.1:${server.addr.port}`),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
