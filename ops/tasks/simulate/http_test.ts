import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { send } from "./http.ts";

describe("A request of the simulation", () => {
  const sendWith = (fetch: (init: RequestInit | undefined) => Promise<Response>) =>
    send("http://edge/x", { method: "POST" }, { fetch: (_url, init) => fetch(init), now: () => 5 });

  it("carries a deadline and follows no redirect", async () => {
    await sendWith((init) => {
      assert.ok(init?.signal instanceof AbortSignal && init.redirect === "manual" && init.method === "POST");
      return Promise.resolve(new Response());
    });
  });

  it("answers status, JSON and the wait that the server asks for", async () => {
    const answer = await sendWith(() =>
      Promise.resolve(Response.json({ code: "X" }, { status: 503, headers: { "retry-after": "5" } }))
    );
    assert.deepEqual(answer, {
      kind: "answered",
      status: 503,
      body: { code: "X" },
      retryAfterMs: 5000,
      ms: 0,
    });
  });

  it("takes neither a page of a proxy nor a strange Retry-After amiss", async () => {
    const answer = await sendWith(() =>
      Promise.resolve(new Response("<html>", { status: 502, headers: { "retry-after": "soon" } }))
    );
    assert.deepEqual(answer, { kind: "answered", status: 502, body: undefined, retryAfterMs: 0, ms: 0 });
  });

  it("is lost when the deadline passes, when the network fails and when the body breaks off", async () => {
    const timeout = new DOMException("Signal timed out", "TimeoutError");
    assert.deepEqual(await sendWith(() => Promise.reject(timeout)), { kind: "lost", code: "TIMEOUT" });
    assert.deepEqual(await sendWith(() => Promise.reject(new TypeError("refused"))), {
      kind: "lost",
      code: "CONNECTION",
    });
    const broken = new ReadableStream({ start: (controller) => controller.error(new TypeError("reset")) });
    assert.deepEqual(await sendWith(() => Promise.resolve(new Response(broken))), {
      kind: "lost",
      code: "CONNECTION",
    });
  });

  it("hides no error of our own", async () => {
    await assert.rejects(sendWith(() => Promise.reject(new RangeError("bug"))), RangeError);
  });
});
