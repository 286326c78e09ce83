import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createApp } from "./app.ts";
import { BODY_LIMIT, readBody } from "./read_body.ts";

describe("readBody", () => {
  const app = createApp({ service: "uji" });
  const stop = new AbortController();
  app.post("/", async (c) => c.text(String((await readBody(c)).byteLength)));
  app.post("/slow", async (c) => c.text(String((await readBody(c, stop.signal)).byteLength)));

  it("reads a body of the largest size, announced or not", async () => {
    const body = new Uint8Array(BODY_LIMIT);
    assert.equal(
      await (await post("/", body, { "content-length": String(BODY_LIMIT) })).text(),
      `${BODY_LIMIT}`,
    );
    assert.equal(
      await (await post("/", streamOf(body.subarray(1), body.subarray(0, 1)))).text(),
      `${BODY_LIMIT}`,
    );
  });

  it("reads no body as an empty one", async () => {
    assert.equal(await (await post("/", null)).text(), "0");
  });

  it("refuses a larger body, announced or not", async () => {
    const body = new Uint8Array(BODY_LIMIT + 1);
    const announced = await post("/", body, { "content-length": String(body.length) });
    const streamed = await post("/", streamOf(body.subarray(1), body.subarray(0, 1)));
    for (const answer of [announced, streamed]) {
      assert.deepEqual([answer.status, (await answer.json()).code], [413, "BODY_TOO_LARGE"]);
    }
  });

  it("tells the client of a body that breaks off", async () => {
    for (const headers of [{}, { "content-length": "10" }]) {
      const broken = new ReadableStream({
        pull: (controller) => controller.error(new Error("Invalid chunk")),
      });
      const answer = await post("/", broken, headers);
      assert.deepEqual([answer.status, (await answer.json()).code], [400, "MALFORMED_JSON"]);
    }
  });

  for (const headers of [{}, { "content-length": "10" }]) {
    it(`gives up on a body that does not come, ${"content-length" in headers ? "" : "not "}announced`, async () => {
      const answer = post("/slow", new ReadableStream({ pull: () => new Promise(() => {}) }), headers);
      await Promise.resolve();
      stop.abort(new DOMException("Deadline passed", "TimeoutError"));
      assert.deepEqual([(await answer).status, (await (await answer).json()).code], [408, "BODY_TOO_SLOW"]);
    });
  }

  async function post(path: string, body: BodyInit | null, headers: Record<string, string> = {}) {
    const init: RequestInit & { duplex: "half" } = { method: "POST", body, headers, duplex: "half" };
    return await app.request(new Request(`http://uji.invalid${path}`, init));
  }
});

function streamOf(...chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}
