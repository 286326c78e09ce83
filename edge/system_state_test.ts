import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { EDGE_HEADER } from "../shared/http/authenticate.ts";
import { type PartState, SystemState } from "../shared/http/schemas/system.ts";
import { FakeAudit } from "../tests/fakes/audit.ts";
import { fakeIdentity } from "../tests/fakes/identity.ts";
import { createEdge, type EdgeContext } from "./app.ts";
import type { Upstream } from "./routes.ts";
import { handledBy, type RequestHandler } from "./upstream/origin.ts";

describe("GET /sistem", () => {
  it("tells each part by its own word, what it stands on, and the figures of all", async () => {
    const state = await read(edge({
      registration: answers({ dependencies: { postgresql: "ok" }, figures: { outboxRows: 3 } }),
      notification: answers({ dependencies: { "sms-sender": "unavailable" }, figures: { deadLetters: 2 } }),
      statistics: answers({ dependencies: { "event-log": "degraded" }, figures: {} }),
    }));
    assert.deepEqual(state.parts.map(({ name, state }) => [name, state]), [
      ["edge", "ok"],
      ["auth", "ok"],
      ["registration", "ok"],
      ["statistics", "degraded"],
      ["notification", "unavailable"],
    ]);
    assert.deepEqual(state.parts[2]?.dependencies, [{ name: "postgresql", state: "ok" }]);
    assert.deepEqual(state.figures, { outboxRows: 3, deadLetters: 2 });
  });

  for (
    const [what, transport] of Object.entries<RequestHandler>({
      "is not reached": () => Promise.reject(new TypeError("Connection refused")),
      "answers with an error": () => new Response("{}", { status: 500 }),
      "answers as nobody of ours": () => new Response("<html>"),
      "answers what no part says": () => Response.json({ dependencies: { x: "fine" }, figures: {} }),
      "takes too long": () => Promise.reject(new DOMException("Signal timed out", "TimeoutError")),
    })
  ) {
    it(`tells of the others when one ${what}`, async () => {
      const { parts } = await read(edge({ statistics: transport }));
      assert.deepEqual(parts.filter(({ state }) => state !== "ok").map(({ name, state }) => [name, state]), [
        ["statistics", "away"],
      ]);
    });
  }

  it("tells that the breaker of an origin is open, and asks that origin all the same", async () => {
    let asked = 0;
    const app = edge({
      statistics: ({ url }) => {
        if (!url.endsWith("/sistem")) return new Response("<html>", { status: 503 });
        asked++;
        return answers()(new Request(url));
      },
    });
    for (let i = 0; i < 20; i++) await ask(app, "/stats");
    const { parts } = await read(app);
    const statistics = parts.find(({ name }) => name === "statistics");
    assert.deepEqual([statistics?.state, statistics?.breaker, asked], ["degraded", "open", 1]);
  });

  it("tells what the edge itself stands on", async () => {
    const app = edge({}, {
      dependencies: [
        { name: "identity", check: () => Promise.resolve() },
        { name: "rate-limit-store", optional: true, check: () => Promise.reject(new Error("Away")) },
      ],
    });
    const { parts } = await read(app);
    assert.deepEqual(parts[0], {
      name: "edge",
      state: "degraded",
      dependencies: [{ name: "identity", state: "ok" }, { name: "rate-limit-store", state: "degraded" }],
    });
  });

  it("asks the origins once for all who ask within some seconds, in the name of the edge", async () => {
    const seen: (string | null)[] = [];
    const app = edge({
      auth: (request) => {
        seen.push(request.headers.get(EDGE_HEADER), request.headers.get("authorization"));
        return answers()(request);
      },
    });
    const [first, second] = await Promise.all([read(app), read(app)]);
    assert.equal((await read(app)).asOf, first.asOf);
    assert.equal(second.asOf, first.asOf);
    assert.deepEqual(seen, ["Bearer edge", null]);
  });

  it("is 503 without a token of its own, and asks anew as soon as it has one", async () => {
    const tokens = [undefined, "edge"];
    const app = edge({}, { identity: fakeIdentity({ serviceToken: () => Promise.resolve(tokens.shift()) }) });
    assert.deepEqual([(await ask(app)).status], [503]);
    assert.equal((await ask(app)).status, 200);
  });

  it("is recorded with who asked, and may not be kept by anybody on the way", async () => {
    const audit = new FakeAudit();
    const answer = await ask(edge({}, { audit }));
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.deepEqual(audit.entries.map(({ action, outcome, actor }) => [action, outcome, actor]), [
      ["sistem.baca", "success", { kind: "user", id: "sub-admin", roles: ["admin"] }],
    ]);
  });

  it("tells nothing while nothing can be recorded", async () => {
    const audit = new FakeAudit();
    audit.failing = true;
    const answer = await ask(edge({}, { audit }));
    assert.equal(answer.status, 503);
    assert.equal((await answer.json()).code, "AUDIT_UNAVAILABLE");
  });
});

function answers(state: PartState = { dependencies: {}, figures: {} }): RequestHandler {
  return () => Response.json(state);
}

function edge(transports: Partial<Record<Upstream, RequestHandler>>, overrides: Partial<EdgeContext> = {}) {
  const take = () =>
    Promise.resolve({ allowed: true, limit: 100, remaining: 99, resetMs: 1_000, degraded: false });
  const origin = (name: Upstream) => ({
    url: `http://${name}.internal`,
    transport: handledBy(transports[name] ?? answers()),
  });
  return createEdge({
    identity: fakeIdentity(),
    audit: new FakeAudit(),
    userLimiter: { take },
    addressLimiter: { take },
    conflictLimiter: { take },
    origins: {
      auth: origin("auth"),
      registration: origin("registration"),
      statistics: origin("statistics"),
      notification: origin("notification"),
    },
    ...overrides,
  });
}

function ask(app: ReturnType<typeof edge>, path = "/sistem"): Promise<Response> {
  const headers = { authorization: "Bearer admin" };
  return Promise.resolve(app.request(path, { headers }, { remoteAddress: "192.0.2.7" }));
}

async function read(app: ReturnType<typeof edge>): Promise<SystemState> {
  return SystemState.parse(await (await ask(app)).json());
}
