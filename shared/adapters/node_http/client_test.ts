import assert from "node:assert/strict";
import { after, describe, it } from "@std/testing/bdd";
import { neverLeft } from "../../../edge/upstream/connection_failure.ts";
import { openHttpClient } from "./client.ts";

describe("the client on node:http", () => {
  const send = openHttpClient({ keepIdleMs: 200 });
  const ports = new Set<number>();
  let stopped = () => {};
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request, info) => {
    ports.add(info.remoteAddr.port);
    switch (new URL(request.url).pathname) {
      case "/never":
        return await new Promise<Response>((resolve) => {
          request.signal.addEventListener("abort", () => resolve(new Response(null)));
          request.signal.addEventListener("abort", stopped);
        });
      case "/moved":
        return new Response(null, { status: 302, headers: { location: "http://elsewhere.invalid/" } });
      case "/endless":
        return new Response(endless(() => stopped()));
      default:
        return new Response(request.body, { headers: { "x-asked": `${request.method} ${request.url}` } });
    }
  });
  const origin = `http://127.0.0.1:${server.addr.port}`;
  after(async () => await server.shutdown());
  const ask = (path: string, changes: Partial<Parameters<typeof send>[0]> = {}) =>
    send({
      ...{ origin, path, method: "GET", headers: {}, body: undefined, signal: new AbortController().signal },
      ...changes,
    });

  it("sends method, path with query, and body, and answers status, headers and body", async () => {
    const body = new TextEncoder().encode('{"nama":"Siti"}').buffer;
    const answer = await ask("/penduduk?a=%20b", { method: "POST", body });
    assert.deepEqual([answer.status, answer.headers.get("x-asked")], [200, `POST ${origin}/penduduk?a=%20b`]);
    assert.deepEqual(await answer.arrayBuffer(), body);
    assert.equal(answer.headers.get("x-nothing"), null);
    assert.ok([...answer.headers].some(([name]) => name === "x-asked"));
  });

  it("hands a redirect on", async () => {
    const answer = await ask("/moved");
    assert.deepEqual([answer.status, answer.headers.get("location")], [302, "http://elsewhere.invalid/"]);
    assert.equal((await answer.arrayBuffer()).byteLength, 0);
  });

  it("keeps its connection, and gives up one that was idle for long", async () => {
    ports.clear();
    for (let i = 0; i < 3; i++) await (await ask("/")).arrayBuffer();
    assert.equal(ports.size, 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await (await ask("/")).arrayBuffer();
    assert.equal(ports.size, 2);
  });

  it("rejects with the signal's reason, and lets the server know", async () => {
    const told = new Promise<void>((resolve) => stopped = resolve);
    const reason = new DOMException("Deadline passed", "TimeoutError");
    const end = new AbortController();
    const asked = ask("/never", { signal: end.signal });
    setTimeout(() => end.abort(reason), 50);
    await assert.rejects(asked, (error) => error === reason);
    await told;
    await assert.rejects(ask("/", { signal: AbortSignal.abort(reason) }), (error) => error === reason);
  });

  it("passes a stream as it comes, and ends it with its reader or the signal", async () => {
    for (const end of ["reader", "signal"] as const) {
      const told = new Promise<void>((resolve) => stopped = resolve);
      const abort = new AbortController();
      const reader = (await ask("/endless", { signal: abort.signal })).body?.getReader();
      assert.equal(new TextDecoder().decode((await reader?.read())?.value), "data: 1\n\n");
      if (end === "reader") await reader?.cancel();
      else abort.abort();
      await told;
    }
  });

  it("tells a connection that never came about from one that broke", async () => {
    const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = closed.addr;
    closed.close();
    await assert.rejects(ask("/", { origin: `http://127.0.0.1:${port}` }), neverLeft);
    const broken = hangUp("");
    await assert.rejects(ask("/", { origin: broken.origin }), isFailure);
    await broken.closed;
  });

  it("rejects a body that breaks off", { timeout: 10_000 }, async () => {
    const broken = hangUp("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc");
    const answer = await ask("/", { origin: broken.origin });
    await assert.rejects(answer.arrayBuffer(), isFailure);
    await broken.closed;
  });
});

function isFailure(error: unknown): boolean {
  return error instanceof TypeError && !neverLeft(error);
}

/** Takes one request, says this much and closes the connection. */
function hangUp(text: string) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const closed = (async () => {
    using connection = await listener.accept();
    await connection.read(new Uint8Array(4_096));
    await connection.write(new TextEncoder().encode(text));
    listener.close();
  })();
  return { origin: `http://127.0.0.1:${listener.addr.port}`, closed };
}

function endless(cancel: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
    cancel,
  });
}
