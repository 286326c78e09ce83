import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { DEADLINE_HEADER } from "../shared/http/deadline.ts";
import type { Role, Verification } from "../shared/ports/identity.ts";
import type { RateLimiter } from "../shared/ports/rate_limiter.ts";
import { FakeAudit } from "../tests/fakes/audit.ts";
import { callerOf, fakeIdentity, TOKEN_ROLES } from "../tests/fakes/identity.ts";
import { createEdge, type EdgeContext } from "./app.ts";
import { type Route, ROUTES } from "./routes.ts";
import { handledBy, type RequestHandler } from "./upstream/origin.ts";

describe("edge routes", () => {
  for (const route of ROUTES satisfies readonly Route[]) {
    const path = route.path.replace(":id", "0190a6f2-7c1e-7b4a-9d2e-3f5a6b7c8d9e").replace(":kode", "32");
    const name = `${route.method} ${route.path}`;
    if (route.access === "public" || route.access === "signed") {
      it(`lets ${name} pass without a token`, async () => {
        assert.equal((await edge().request(path, { method: route.method }, CLIENT)).status, 200);
      });
      continue;
    }
    const allowed: readonly Role[] = route.access;
    it(`refuses ${name} without a token`, async () => {
      const answer = await edge().request(path, { method: route.method }, CLIENT);
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    });
    for (const role of TOKEN_ROLES) {
      const expected = allowed.includes(role) ? 200 : 403;
      it(`answers ${name} with ${expected} to role ${role}`, async () => {
        const headers = { authorization: `Bearer ${role}` };
        assert.equal(
          (await edge().request(path, { method: route.method, headers }, CLIENT)).status,
          expected,
        );
      });
    }
  }

  it("does not let through what the table does not name", async () => {
    for (
      const path of [
        "/metrics",
        "/healthz",
        "/readyz",
        "/admin",
        "/penduduk/../metrics",
        "//stats",
        "/stats/32/x",
      ]
    ) {
      const answer = await edge().request(path, { headers: { authorization: "Bearer admin" } }, CLIENT);
      assert.equal(answer.status, 404, path);
      assert.equal((await answer.json()).code, "NOT_FOUND");
    }
  });

  it("answers 405 with the allowed method", async () => {
    const answer = await edge().request("/penduduk", { method: "DELETE" }, CLIENT);
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get("allow"), "POST");
  });

  it("answers 405 for a path that an id could be, too", async () => {
    const answer = await edge().request("/penduduk/milik-saya", { method: "DELETE" }, CLIENT);
    assert.deepEqual([answer.status, answer.headers.get("allow")], [405, "GET"]);
  });
});

describe("edge identity", () => {
  it("answers 503, not 401, when tokens cannot be checked", async () => {
    const answer = await edge({ verification: { kind: "unavailable" } }).request("/stats", admin(), CLIENT);
    assert.equal(answer.status, 503);
    assert.equal((await answer.json()).code, "IDENTITY_UNAVAILABLE");
    assert.ok(answer.headers.get("retry-after"));
  });

  it("answers 401 for a refused token and does not say why", async () => {
    const answer = await edge({ verification: { kind: "rejected", reason: "signature" } }).request(
      "/stats",
      admin(),
      CLIENT,
    );
    assert.equal(answer.status, 401);
    assert.ok(!(await answer.text()).includes("signature"));
  });

  it("refuses other schemes and broken headers", async () => {
    for (const authorization of ["Basic YWRtaW46eA==", "Bearer", "Bearer a b", "bearer", "Token admin"]) {
      assert.equal(
        (await edge().request("/stats", { headers: { authorization } }, CLIENT)).status,
        401,
        authorization,
      );
    }
  });
});

describe("edge limits", () => {
  it("tells the user the budget that remains", async () => {
    const answer = await edge().request("/stats", admin(), CLIENT);
    assert.equal(answer.headers.get("ratelimit-policy"), '"menit";q=100;w=60');
    assert.equal(answer.headers.get("ratelimit"), '"menit";r=42;t=7');
  });

  it("answers 429 with Retry-After when the budget is spent, before the origin hears of it", async () => {
    const app = edge({ userLimiter: limiter(false) });
    const answer = await app.request("/stats", admin(), CLIENT);
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get("retry-after"), "7");
    assert.equal(answer.headers.get("ratelimit"), '"menit";r=0;t=7');
    assert.equal((await answer.json()).code, "RATE_LIMITED");
    assert.equal(app.seen.length, 0);
  });

  it("limits by the verified subject, never by what an unverified token claims", async () => {
    const subjects: string[] = [];
    const userLimiter = limiter(true, subjects);
    const app = edge({ userLimiter });
    await app.request("/stats", admin(), CLIENT);
    await edge({ userLimiter, verification: { kind: "rejected", reason: "signature" } }).request(
      "/stats",
      admin(),
      CLIENT,
    );
    assert.deepEqual(subjects, ["sub-admin"]);
  });

  it("lifts the limit for the role tanpa-batas only", async () => {
    const caller = callerOf("sub", "admin", "tanpa-batas");
    const app = edge({ userLimiter: limiter(false), verification: { kind: "verified", caller } });
    assert.equal((await app.request("/stats", admin(), CLIENT)).status, 200);
  });

  it("limits logins by the address of the connection, whatever the client writes into its headers", async () => {
    const addresses: string[] = [];
    const app = edge({ addressLimiter: limiter(true, addresses) });
    const headers = {
      "x-forwarded-for": "198.51.100.9",
      "x-real-ip": "198.51.100.9",
      forwarded: "for=198.51.100.9",
    };
    await app.request("/login", { method: "POST", headers }, CLIENT);
    assert.deepEqual(addresses, ["192.0.2.7"]);
  });

  it("takes the address that the outermost of its own proxies saw", async () => {
    const addresses: string[] = [];
    const app = edge({ addressLimiter: limiter(true, addresses), trustedProxies: 2 });
    const headers = { "x-forwarded-for": "6.6.6.6, 203.0.113.5, 10.0.0.1" };
    await app.request("/login", { method: "POST", headers }, CLIENT);
    assert.deepEqual(addresses, ["203.0.113.5"]);
  });
});

describe("edge proxy", () => {
  it("passes on only the headers it knows, and its own word for the rest", async () => {
    const app = edge();
    await app.request("/penduduk", {
      method: "POST",
      body: "{}",
      headers: {
        authorization: "Bearer petugas",
        "content-type": "application/json",
        "idempotency-key": "k",
        cookie: "a=b",
        "x-user-id": "root",
        "x-forwarded-for": "6.6.6.6",
        "x-forwarded-host": "evil",
        "x-edge-authorization": "Bearer of-the-client",
        [DEADLINE_HEADER]: "999999",
      },
    }, CLIENT);
    const headers = Object.fromEntries(app.seen[0]?.headers ?? []);
    assert.match(headers["traceparent"] ?? "", /^00-/);
    delete headers["traceparent"];
    // 10 s, less what the way back may take.
    assert.ok(isBetween(Number(headers[DEADLINE_HEADER]), 8_000, 9_750), `${headers[DEADLINE_HEADER]}`);
    delete headers[DEADLINE_HEADER];
    assert.deepEqual(headers, {
      authorization: "Bearer petugas",
      "content-type": "application/json",
      "idempotency-key": "k",
      "x-edge-authorization": "Bearer edge",
      "x-forwarded-for": "192.0.2.7",
    });
  });

  it("keeps the query and hands the answer on with its status and headers", async () => {
    const app = edge({
      transport: () =>
        new Response("teapot", { status: 418, headers: { "x-origin": "yes", connection: "close" } }),
    });
    const answer = await app.request("/sms?limit=3", admin(), CLIENT);
    assert.equal(answer.status, 418);
    assert.equal(answer.headers.get("x-origin"), "yes");
    assert.equal(answer.headers.get("connection"), null);
    assert.equal(new URL(app.seen[0]?.url ?? "").search, "?limit=3");
  });

  it("answers 502 when the origin cannot be reached", async () => {
    const app = edge({ transport: () => Promise.reject(new TypeError("connection refused")) });
    const answer = await app.request("/stats", admin(), CLIENT);
    assert.equal(answer.status, 502);
    assert.equal((await answer.json()).code, "UPSTREAM_FAILED");
  });

  it("answers 504 past the deadline and stops the call", async () => {
    let stopped = false;
    const app = edge({
      deadlineMs: 1,
      transport: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            stopped = true;
            reject(signal.reason);
          });
        }),
    });
    const answer = await app.request("/stats", admin(), CLIENT);
    assert.equal(answer.status, 504);
    assert.equal((await answer.json()).code, "UPSTREAM_TIMEOUT");
    assert.ok(stopped);
  });

  it("stops the call when the client leaves, and does not call that a slow origin", async () => {
    const client = new AbortController();
    const app = edge({
      transport: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          client.abort();
        }),
    });
    const answer = await app.request("/stats", { ...admin(), signal: client.signal }, CLIENT);
    assert.deepEqual([answer.status, (await answer.json()).code], [503, "OVERLOADED"]);
  });

  it("does not follow redirects of an origin", async () => {
    const app = edge({
      transport: (request) =>
        new Response(request.redirect, { status: 302, headers: { location: "http://elsewhere" } }),
    });
    const answer = await app.request("/stats", admin(), CLIENT);
    assert.equal(answer.status, 302);
    assert.equal(await answer.text(), "manual");
  });

  it("hands a stream on while it is still being written", async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const app = edge({
      transport: () => new Response(readable, { headers: { "content-type": "text/event-stream" } }),
    });
    const answer = await app.request("/stats/stream", admin(), CLIENT);
    const reader = answer.body?.getReader();
    const writer = writable.getWriter();
    void writer.write(new TextEncoder().encode("data: 1\n\n"));
    const { value } = await reader?.read() ?? {};
    assert.equal(new TextDecoder().decode(value), "data: 1\n\n");
    await writer.close();
  });
});

describe("edge before its origins", () => {
  it("answers 503 and sends nothing while it has no token of its own, on every route", async () => {
    const identity = fakeIdentity({ serviceToken: () => Promise.resolve(undefined) });
    for (const { method, path, access } of ROUTES) {
      const app = edge({ identity });
      const [token] = typeof access === "string" ? ["admin"] : access;
      const answer = await app.request(
        path,
        { method, headers: { authorization: `Bearer ${token}` } },
        CLIENT,
      );
      assert.equal(answer.status, 503, path);
      assert.equal((await answer.json()).code, "IDENTITY_UNAVAILABLE");
      assert.equal(app.seen.length, 0);
    }
  });

  it("answers 503, not 401, when the origin refuses the edge, and asks for another token", async () => {
    const discarded: string[] = [];
    const identity = fakeIdentity({ discardServiceToken: (token) => void discarded.push(token) });
    const headers = { "www-authenticate": 'Bearer realm="edge"' };
    const app = edge({ identity, transport: () => new Response("{}", { status: 401, headers }) });
    const answer = await app.request("/stats", admin(), CLIENT);
    assert.equal(answer.status, 503);
    assert.equal((await answer.json()).code, "IDENTITY_UNAVAILABLE");
    assert.deepEqual(discarded, ["edge"]);
  });

  it("hands on the 401 that speaks of the user, and keeps its own token", async () => {
    const identity = fakeIdentity({ discardServiceToken: () => assert.fail("the token was discarded") });
    const headers = { "www-authenticate": 'Bearer error="invalid_token"' };
    const app = edge({ identity, transport: () => new Response("{}", { status: 401, headers }) });
    assert.equal((await app.request("/stats", admin(), CLIENT)).status, 401);
  });
});

describe("edge at its stop", () => {
  it("ends streams and nothing else", async () => {
    const stop = new AbortController();
    const signals: AbortSignal[] = [];
    const transport = ({ signal }: Request) => {
      signals.push(signal);
      return new Response("{}");
    };
    const app = edge({ transport, shutdown: stop.signal });
    await app.request("/stats/stream", admin(), CLIENT);
    await app.request("/stats", admin(), CLIENT);
    stop.abort();
    assert.deepEqual(signals.map((signal) => signal.aborted), [true, false]);
  });
});

describe("edge answers", () => {
  it("bear the trace id of the request in header and problem", async () => {
    const answer = await edge().request("/nowhere", {
      headers: { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" },
    }, CLIENT);
    assert.equal((await answer.json()).traceId, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert.match(answer.headers.get("traceparent") ?? "", /^00-4bf92f3577b34da6a3ce929d0e0e4736-/);
  });

  it("bear security headers, errors too", async () => {
    for (const path of ["/docs", "/nowhere", "/stats"]) {
      const { headers } = await edge().request(path, {}, CLIENT);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
      assert.equal(headers.get("x-frame-options"), "SAMEORIGIN", path);
      assert.equal(headers.get("referrer-policy"), "no-referrer", path);
    }
  });

  it("refuse a body over 16 KiB before the token is looked at", async () => {
    const answer = await edge().request("/penduduk", {
      method: "POST",
      body: "x".repeat(16_385),
      headers: { "content-length": "16385" },
    }, CLIENT);
    assert.equal(answer.status, 413);
  });

  it("open to other origins only when these are listed", async () => {
    const headers = { origin: "https://portal.example", "access-control-request-method": "POST" };
    const closed = await edge().request("/penduduk", { method: "OPTIONS", headers }, CLIENT);
    assert.equal(closed.headers.get("access-control-allow-origin"), null);
    const app = edge({ corsOrigins: ["https://portal.example"] });
    const open = await app.request("/penduduk", { method: "OPTIONS", headers }, CLIENT);
    assert.equal(open.headers.get("access-control-allow-origin"), "https://portal.example");
    const stranger = await app.request("/penduduk", {
      method: "OPTIONS",
      headers: { ...headers, origin: "https://evil" },
    }, CLIENT);
    assert.equal(stranger.headers.get("access-control-allow-origin"), null);
  });
});

function isBetween(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

const CLIENT = { remoteAddress: "192.0.2.7" };

function edge(overrides: Partial<EdgeContext> & Overrides = {}) {
  const { transport = () => new Response("{}"), verification } = overrides;
  const seen: Request[] = [];
  const origin = {
    url: "http://origin",
    transport: handledBy((request) => {
      seen.push(request);
      return transport(request);
    }),
  };
  const app = createEdge({
    identity: fakeIdentity(verification && { verify: () => Promise.resolve(verification) }),
    audit: new FakeAudit(),
    userLimiter: limiter(true),
    addressLimiter: limiter(true),
    conflictLimiter: limiter(true),
    origins: { auth: origin, registration: origin, statistics: origin, notification: origin },
    ...overrides,
  });
  return Object.assign(app, { seen });
}

interface Overrides {
  readonly transport?: RequestHandler;
  readonly verification?: Verification;
}

function limiter(allowed: boolean, subjects: string[] = []): RateLimiter {
  return {
    take(subject) {
      subjects.push(subject);
      return Promise.resolve({
        allowed,
        limit: 100,
        remaining: allowed ? 42 : 0,
        resetMs: 6_500,
        degraded: false,
      });
    },
  };
}

function admin(): RequestInit {
  return { headers: { authorization: "Bearer admin" } };
}
