import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mock } from "node:test";
import { Problem } from "../../shared/http/problem.ts";
import { type Call, guardOrigin, handledBy, type OriginEvent, type RequestHandler } from "./origin.ts";

describe("the breaker of an origin", () => {
  for (const [name, transport] of Object.entries(illOrigins())) {
    it(`opens on ${name}, and then calls no more and tells when to come again`, async () => {
      const { origin, clock, calls, events } = world(transport);
      for (let i = 0; i < 20; i++) await outcome(origin.call(get));
      assert.equal(await outcome(origin.call(get)), "UPSTREAM_UNAVAILABLE, retry after 30");
      assert.equal(calls(), 20);
      assert.deepEqual(events, [{ kind: "breaker", state: "open" }, { kind: "refused", by: "open" }]);
      clock.now += 10_500;
      assert.equal(await outcome(origin.call(get)), "UPSTREAM_UNAVAILABLE, retry after 20");
    });
  }

  for (const [name, transport] of Object.entries(livingOrigins())) {
    it(`stays closed on ${name}`, async () => {
      const { origin, calls } = world(transport);
      for (let i = 0; i < 40; i++) await outcome(origin.call(get));
      assert.equal(calls(), 40);
    });
  }

  it("counts a slow answer, and that of a stream by its headers alone", async () => {
    const gate = openGate();
    const slow = world(() => gate.opened.then(() => new Response("")));
    const calls = Array.from({ length: 20 }, () => outcome(slow.origin.call(get)));
    slow.clock.now += 5_001;
    gate.open();
    assert.deepEqual(new Set(await Promise.all(calls)), new Set(["200"]));
    assert.equal(await outcome(slow.origin.call(get)), "UPSTREAM_UNAVAILABLE, retry after 30");

    const never = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    const streaming = world(never);
    for (let i = 0; i < 40; i++) await outcome(streaming.origin.call({ ...get, streams: true }));
    assert.equal(streaming.calls(), 40);
  });

  it("does not count callers who left, nor hold their places", async () => {
    const { origin, calls } = world(untilAborted, { inFlight: 1 });
    for (let i = 0; i < 40; i++) {
      const caller = new AbortController();
      const left = outcome(origin.call(getWith(caller.signal)));
      caller.abort();
      assert.equal(await left, "AbortError");
    }
    assert.equal(calls(), 40);
  });

  it("closes again when the trial calls are answered", async () => {
    let ill = true;
    const { origin, clock, events } = world(() =>
      ill ? Promise.reject(new TypeError("gone")) : new Response("")
    );
    for (let i = 0; i < 20; i++) await outcome(origin.call(get));
    clock.now += 30_000;
    ill = false;
    for (let i = 0; i < 40; i++) assert.equal(await outcome(origin.call(get)), "200");
    const states = events.flatMap((event) => event.kind === "breaker" ? [event.state] : []);
    assert.deepEqual(states, ["open", "half-open", "closed"]);
  });
});

describe("the bound on the calls in flight", () => {
  it("refuses one more at once, and takes it when one is over", async () => {
    const gate = openGate();
    const { origin, calls, events } = world(() => gate.opened.then(() => new Response("")), { inFlight: 2 });
    const held = [origin.call(get), origin.call(get)];
    assert.equal(await outcome(origin.call(get)), "OVERLOADED, retry after 3");
    assert.equal(calls(), 2);
    assert.deepEqual(events, [{ kind: "refused", by: "full" }]);
    gate.open();
    await Promise.all(held);
    assert.equal(await outcome(origin.call(get)), "200");
  });

  it("refuses what the origin could not do within two seconds, long before the places are taken", async () => {
    const { origin, clock } = world(() => new Promise(() => {}));
    for (let i = 0; i < 40; i++) void origin.call(get);
    origin.refuseNow();
    clock.now += 2_001;
    assert.throws(() => origin.refuseNow(), { name: "Problem", code: "OVERLOADED" });
    assert.equal(await outcome(origin.call(get)), "OVERLOADED, retry after 3");
  });

  it("is of one kind of call alone where that was given places of its own, behind the same breaker", async () => {
    let transport: RequestHandler = () => new Promise(() => {});
    const { origin, events } = world((request) => transport(request), { inFlight: 1 });
    const reports = origin.apart(2);
    void reports.call(get);
    void reports.call(get);
    assert.equal(await outcome(reports.call(get)), "OVERLOADED, retry after 3");
    transport = () => new Response("<html>", { status: 503 });
    for (let i = 0; i < 20; i++) await outcome(origin.call(get));
    assert.deepEqual(events.at(-1), { kind: "breaker", state: "open" });
    assert.throws(() => reports.refuseNow(), { name: "Problem", code: "OVERLOADED" });
    assert.throws(() => origin.refuseNow(), { name: "Problem", code: "UPSTREAM_UNAVAILABLE" });
  });

  it("holds a place until the body is there, and for a stream until its headers are", async () => {
    const unfinished = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    const { origin } = world(unfinished, { inFlight: 1 });
    assert.equal(await outcome(origin.call({ ...get, streams: true })), "200");
    void origin.call(get);
    await Promise.resolve();
    assert.equal(await outcome(origin.call(get)), "OVERLOADED, retry after 3");
  });
});

describe("the retries of a call", () => {
  it("are made where a repetition is safe, at most two", async () => {
    const { origin, calls, events } = world(failing(new TypeError("connection reset"), 2), { quick: true });
    assert.equal(await outcome(origin.call({ ...get, repeatable: true })), "200");
    assert.equal(calls(), 3);
    assert.deepEqual(events, [{ kind: "retry" }, { kind: "retry" }]);
    const hopeless = world(failing(new TypeError("connection reset"), 9), { quick: true });
    assert.equal(await outcome(hopeless.origin.call({ ...get, repeatable: true })), "TypeError");
    assert.equal(hopeless.calls(), 3);
  });

  it("are not made when the request may have arrived and is not safe to repeat", async () => {
    const { origin, calls } = world(failing(new TypeError("connection reset"), 2), { quick: true });
    assert.equal(await outcome(origin.call(get)), "TypeError");
    assert.equal(calls(), 1);
  });

  it("are made for any request that surely never left, with a body of its own for each try", async () => {
    const bodies: string[] = [];
    const refused = failing(unconnected(), 1);
    const { origin } = world(async (request) => {
      bodies.push(await request.text());
      return await refused(request);
    }, { quick: true });
    const body = new TextEncoder().encode("{}").buffer;
    const outgoing = () => ({ ...get.outgoing(), method: "POST", body });
    assert.equal(await outcome(origin.call({ ...get, outgoing })), "200");
    assert.deepEqual(bodies, ["{}", "{}"]);
  });

  for (const status of [400, 409, 429, 500, 502, 503, 504]) {
    it(`are not made after a ${status}`, async () => {
      const { origin, calls } = world(() => new Response("", { status }), { quick: true });
      assert.equal(await outcome(origin.call({ ...get, repeatable: true })), String(status));
      assert.equal(calls(), 1);
    });
  }

  it("are not made past the deadline", async () => {
    const deadline = new AbortController();
    const { origin, calls } = world(() => {
      deadline.abort(new DOMException("Deadline passed", "TimeoutError"));
      return Promise.reject(new TypeError("connection reset"));
    }, { quick: true });
    await outcome(origin.call({ ...get, repeatable: true, signal: deadline.signal }));
    assert.equal(calls(), 1);
  });

  it("wait with full jitter, and end with the caller", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const { origin, calls } = world(failing(new TypeError("connection reset"), 9), { random: 0.5 });
      const caller = new AbortController();
      const call = outcome(origin.call({ ...get, repeatable: true, signal: caller.signal }));
      await settled();
      mock.timers.tick(49);
      await settled();
      assert.equal(calls(), 1);
      mock.timers.tick(1);
      await settled();
      assert.equal(calls(), 2);
      caller.abort();
      assert.equal(await call, "AbortError");
      assert.equal(calls(), 2);
    } finally {
      mock.timers.reset();
    }
  });

  it("are at most ten and a tenth of the calls, so that they do not bury an origin that struggles", async () => {
    let answered = true;
    // Every other call fails once: too few for the breaker.
    const { origin, events } = world(() => {
      answered = !answered;
      return answered ? new Response("") : Promise.reject(new TypeError("connection reset"));
    }, { quick: true, breaker: { limits: { calls: Infinity } } });
    for (let i = 0; i < 200; i++) await outcome(origin.call({ ...get, repeatable: true }));
    assert.ok(events.length <= 10 + 20, `${events.length} retries`);
    assert.ok(events.length >= 25, `${events.length} retries`);
  });
});

const getWith = (signal: AbortSignal): Call => ({
  outgoing: () => ({
    origin: "http://origin.invalid",
    path: "/",
    method: "GET",
    headers: {},
    body: undefined,
    signal,
  }),
  streams: false,
  repeatable: false,
  signal,
});
const get = getWith(new AbortController().signal);

function world(transport: RequestHandler, options: WorldOptions = {}) {
  const { inFlight = 100, quick = false, random = quick ? 0 : 0.5, breaker } = options;
  const events: OriginEvent[] = [];
  const clock = { now: 1_000_000 };
  let calls = 0;
  const origin = guardOrigin({
    url: "http://origin.invalid",
    transport: handledBy((request) => {
      calls++;
      return transport(request);
    }),
  }, {
    name: "uji",
    inFlight,
    onEvent: (event) => events.push(event),
    breaker: { now: () => clock.now, ...breaker },
    random: () => random,
  });
  return { origin, events, clock, calls: () => calls };
}

interface WorldOptions {
  readonly inFlight?: number;
  /** Without waiting between tries. */
  readonly quick?: boolean;
  readonly random?: number;
  readonly breaker?: { readonly limits: { readonly calls: number } };
}

function illOrigins(): Record<string, RequestHandler> {
  return {
    "failed connections": () => Promise.reject(new TypeError("connection reset")),
    "missed deadlines": () => Promise.reject(new DOMException("Deadline passed", "TimeoutError")),
    "bodies that break off": () =>
      new Response(new ReadableStream({ pull: (body) => body.error(new TypeError("broken off")) })),
    "502 of a load balancer": () => new Response("<html>", { status: 502 }),
    "503 of a load balancer": () => new Response("<html>", { status: 503 }),
    "504 of a load balancer": () => new Response("<html>", { status: 504 }),
  };
}

function livingOrigins(): Record<string, RequestHandler> {
  return {
    "refusals of requests": () => new Response("", { status: 404 }),
    "conflicts": () => new Problem("NIK_REGISTERED", "").toResponse(""),
    "requests that it sheds": () => new Problem("OVERLOADED", "").toResponse(""),
    "a store that is away behind it": () => new Problem("STORE_UNAVAILABLE", "").toResponse(""),
    "a defect": () => new Problem("INTERNAL", "").toResponse(""),
    "a defect that tells nothing": () => new Response("Internal Server Error", { status: 500 }),
  };
}

function untilAborted({ signal }: Request): Promise<Response> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

function failing(error: Error, times: number): RequestHandler {
  let failures = 0;
  return () => failures++ < times ? Promise.reject(error) : new Response("");
}

/** As Node's `fetch` tells of it. */
function unconnected(): TypeError {
  return new TypeError("fetch failed", {
    cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
  });
}

/** In one line: the status, the code of a problem and when to come again, or the name of an error. */
async function outcome(call: ReturnType<ReturnType<typeof guardOrigin>["call"]>): Promise<string> {
  try {
    return String((await call).status);
  } catch (error) {
    if (error instanceof Problem) return `${error.code}, retry after ${error.headers["retry-after"]}`;
    return error instanceof Error ? error.name : String(error);
  }
}

/** `Promise.withResolvers` is not in Node 20. */
function openGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => open = resolve);
  return { opened, open: () => open() };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
