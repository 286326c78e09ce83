import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { serverEvents } from "./server_events.ts";

describe("serverEvents", () => {
  const STREAM =
    ': masih tersambung\n\nevent: stats\ndata: {"jumlah":1}\nid: 4\n\ndata: satu\ndata: dua\n\ndata: terpotong';
  const EVENTS = [{ event: "stats", data: '{"jumlah":1}' }, { event: "message", data: "satu\ndua" }];

  it("finds the same events wherever the network cuts, and leaves out comments and what is incomplete", async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.nat({ max: STREAM.length })), async (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
      const pieces = places.slice(1).map((end, i) => STREAM.slice(places[i], end));
      const found = [];
      for await (const event of serverEvents(streamOf(pieces))) found.push(event);
      assert.deepEqual(found, EVENTS);
    }));
  });

  it("lets go of the connection when nobody listens any more", async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("data: a\n\n")),
      cancel: () => void (cancelled = true),
    });
    for await (const { data } of serverEvents(body)) {
      assert.equal(data, "a");
      break;
    }
    assert.equal(cancelled, true);
  });
});

function streamOf(pieces: readonly string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
}
