import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mock } from "node:test";
import { createApp } from "./app.ts";
import { boundByDeadline, DEADLINE_HEADER, deadlineOf } from "./deadline.ts";
import { readBody } from "./read_body.ts";
import { readStore } from "./read_store.ts";

describe("the deadline of a request", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
  afterEach(() => mock.timers.reset());

  it("is the caller's, when that is shorter than the origin's own", async () => {
    assert.equal(await endOf({ [DEADLINE_HEADER]: "1200" }), 1_200);
  });

  it("is the origin's own for a caller that names none, a longer one, or something else than milliseconds", async () => {
    for (const header of [undefined, "60000", "999999999", "-5", "1e3", "1.5", " 7s", "", "9".repeat(400)]) {
      assert.equal(
        await endOf(header === undefined ? {} : { [DEADLINE_HEADER]: header }),
        10_000,
        String(header),
      );
    }
  });

  it("ends with the caller who leaves", async () => {
    const { app, signals } = world();
    const caller = new AbortController();
    const answer = app.request("/wait", { signal: caller.signal });
    await settled();
    caller.abort();
    assert.equal(signals[0]?.aborted, true);
    assert.equal((await answer).status, 503);
  });

  it("refuses a request that comes too late, and begins nothing", async () => {
    const { app, signals } = world();
    const late = await app.request("/wait", { headers: { [DEADLINE_HEADER]: "0" } });
    const left = await app.request("/wait", { signal: AbortSignal.abort() });
    for (const answer of [late, left]) {
      assert.deepEqual([answer.status, (await answer.json()).code], [503, "OVERLOADED"]);
      assert.ok(answer.headers.get("retry-after"));
    }
    assert.equal(signals.length, 0);
  });

  it("ends the wait for a store that does not answer", async () => {
    const answer = world().app.request("/store");
    await settled();
    mock.timers.tick(10_000);
    assert.deepEqual([(await answer).status, (await (await answer).json()).code], [503, "STORE_UNREADABLE"]);
  });

  it("ends the wait for a body that does not come", async () => {
    const body = new ReadableStream({ pull: () => new Promise(() => {}) });
    const init: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" };
    const answer = world().app.request(new Request("http://uji.invalid/body", init));
    await settled();
    mock.timers.tick(10_000);
    assert.deepEqual([(await answer).status, (await (await answer).json()).code], [408, "BODY_TOO_SLOW"]);
  });

  it("leaves nothing behind once the request is answered", async () => {
    const { app, signals } = world();
    assert.equal((await app.request("/quick")).status, 200);
    mock.timers.tick(60_000);
    assert.deepEqual(signals.map((signal) => signal.aborted), [false]);
  });
});

/** After how many milliseconds the signal of a request aborts. */
async function endOf(headers: Record<string, string>): Promise<number> {
  const { app, signals } = world();
  const answer = app.request("/wait", { headers });
  await settled();
  let ms = 0;
  for (; !signals[0]?.aborted && ms < 20_000; ms += 100) mock.timers.tick(100);
  await answer;
  return ms;
}

function world() {
  const signals: AbortSignal[] = [];
  const app = createApp({ service: "uji" });
  app.use(boundByDeadline());
  app.get("/wait", (c) => {
    const signal = deadlineOf(c);
    signals.push(signal);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  app.get("/quick", (c) => {
    signals.push(deadlineOf(c));
    return c.text("");
  });
  app.get("/store", async (c) => c.json(await readStore(c, new Promise(() => {}))));
  app.post("/body", async (c) => c.text(String((await readBody(c)).byteLength)));
  return { app, signals };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
