import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type ErrorCode, Problem, PROBLEMS } from "../shared/http/problem.ts";
import { FakeAudit } from "../tests/fakes/audit.ts";
import { fakeIdentity } from "../tests/fakes/identity.ts";
import { createEdge, type EdgeContext } from "./app.ts";
import { handledBy, type RequestHandler } from "./upstream/origin.ts";

describe("an answer that the system owes", () => {
  for (const [code, { status }] of Object.entries(PROBLEMS)) {
    if (status < 500 || !isCode(code)) continue;
    const expected = code === "INTERNAL" ? null : "5";
    it(`is a problem with ${expected ? "the time to come again" : "no promise"}: ${code}`, async () => {
      const answer = new Problem(code, "Rincian").toResponse("0".repeat(32));
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get("retry-after"), expected);
      assert.equal((await answer.json()).code, code);
    });
  }

  for (const [name, { code, transport, ...overrides }] of Object.entries(breakdowns())) {
    it(`is a problem with Retry-After at the edge: ${name}`, async () => {
      const answer = await ask(edge({ ...overrides, ...(transport && { transport }) }));
      assert.equal(answer.headers.get("content-type"), "application/problem+json; charset=utf-8");
      assert.equal(answer.status, PROBLEMS[code].status);
      assert.ok(Number(answer.headers.get("retry-after")) > 0);
      assert.equal((await answer.json()).code, code);
    });
  }

  it("is a problem with Retry-After while the breaker of the origin is open, whatever the others do", async () => {
    const app = edge({ transport: () => new Response("<html>", { status: 503 }) });
    for (let i = 0; i < 20; i++) await ask(app);
    const answer = await ask(app);
    assert.deepEqual([answer.status, (await answer.json()).code], [503, "UPSTREAM_UNAVAILABLE"]);
    const seconds = Number(answer.headers.get("retry-after"));
    assert.ok(seconds > 20 && seconds <= 36, `${seconds}`);
    const other = await ask(app, "/sms");
    assert.deepEqual([other.status, (await other.json()).code], [502, "UPSTREAM_FAILED"]);
  });

  it("is a problem with Retry-After when the origin's places are taken, whatever the others do", async () => {
    let answer = () => {};
    const held = new Promise<void>((resolve) => answer = resolve);
    const app = edge({
      transport: async ({ url }) => {
        if (url.endsWith("/stats")) await held;
        return new Response("{}");
      },
    });
    const waiting = Array.from({ length: 256 }, () => ask(app));
    await new Promise((resolve) => setTimeout(resolve)); // until all of them are with the origin
    const refused = await ask(app);
    assert.deepEqual([refused.status, (await refused.json()).code], [503, "OVERLOADED"]);
    assert.match(refused.headers.get("retry-after") ?? "", /^[1-5]$/);
    const stranger = await app.request("/stats", {}, { remoteAddress: "192.0.2.7" });
    assert.equal(stranger.status, 503, "before the token is looked at");
    assert.equal((await ask(app, "/sms")).status, 200);
    answer();
    assert.deepEqual(new Set((await Promise.all(waiting)).map(({ status }) => status)), new Set([200]));
  });

  it("is none for people who ask while reports of deliveries take all places of theirs", async () => {
    let answer = () => {};
    const held = new Promise<void>((resolve) => answer = resolve);
    const app = edge({
      transport: async ({ url }) => {
        if (url.endsWith("/sms/status")) await held;
        return new Response("{}");
      },
    });
    const report = () => ask(app, "/sms/status", "POST");
    const waiting = Array.from({ length: 256 }, report);
    await new Promise((resolve) => setTimeout(resolve)); // until all of them are with the origin
    assert.equal((await report()).status, 503);
    assert.equal((await ask(app, "/sms")).status, 200);
    answer();
    assert.deepEqual(new Set((await Promise.all(waiting)).map(({ status }) => status)), new Set([200]));
  });

  it("keeps a problem of the origin as it is", async () => {
    const problem = new Problem("STORE_UNREADABLE", "Data belum dapat dibaca", {
      headers: { "retry-after": "7" },
    });
    const answer = await ask(edge({ transport: () => problem.toResponse("1".repeat(32)) }));
    assert.deepEqual([answer.status, answer.headers.get("retry-after")], [503, "7"]);
    assert.equal((await answer.json()).code, "STORE_UNREADABLE");
  });
});

function breakdowns(): Record<string, Overrides & { readonly code: ErrorCode }> {
  const foreign = (status: number) => () => new Response("<html>", { status });
  return {
    "no connection": { code: "UPSTREAM_FAILED", transport: () => Promise.reject(new TypeError("refused")) },
    "a missed deadline": {
      code: "UPSTREAM_TIMEOUT",
      deadlineMs: 1,
      transport: ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    },
    "500 of something else": { code: "UPSTREAM_FAILED", transport: foreign(500) },
    "502 of something else": { code: "UPSTREAM_FAILED", transport: foreign(502) },
    "503 of something else": { code: "UPSTREAM_FAILED", transport: foreign(503) },
    "504 of something else": { code: "UPSTREAM_FAILED", transport: foreign(504) },
    "no key to check tokens": {
      code: "IDENTITY_UNAVAILABLE",
      identity: fakeIdentity({ verify: () => Promise.resolve({ kind: "unavailable" }) }),
    },
    "no token of its own": {
      code: "IDENTITY_UNAVAILABLE",
      identity: fakeIdentity({ serviceToken: () => Promise.resolve(undefined) }),
    },
  };
}

function edge({ transport = () => new Response("{}"), ...overrides }: Overrides) {
  const origin = { url: "http://origin.invalid", transport: handledBy(transport) };
  const limiter = {
    take: () => Promise.resolve({ allowed: true, limit: 1, remaining: 1, resetMs: 0, degraded: false }),
  };
  return createEdge({
    identity: fakeIdentity(),
    audit: new FakeAudit(),
    userLimiter: limiter,
    addressLimiter: limiter,
    conflictLimiter: limiter,
    origins: { auth: origin, registration: origin, statistics: origin, notification: origin },
    ...overrides,
  });
}

type Overrides = Partial<Pick<EdgeContext, "identity" | "deadlineMs">> & {
  readonly transport?: RequestHandler;
};

async function ask(
  app: ReturnType<typeof createEdge>,
  path = "/stats",
  method = "GET",
): Promise<Response> {
  const headers = { authorization: "Bearer admin" };
  return await app.request(path, { method, headers }, { remoteAddress: "192.0.2.7" });
}

function isCode(code: string): code is ErrorCode {
  return code in PROBLEMS;
}
