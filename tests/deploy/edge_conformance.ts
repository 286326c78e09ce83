import { it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { EdgeWorld } from "./edge_world.ts";

/**
 * What a deployed edge must do, whatever runtime it is in, as its clients see it. `RATE_LIMIT_PER_MINUTE` is
 * `limit`.
 */
export function edgeConformance(name: string, { edge, world, limit, late }: Conformance): void {
  it("logs in, takes the token and hands the registration to the origin", async () => {
    const login = await send("/login", { body: { username: `${name}-login`, password: "rahasia" } });
    assert.equal(login.status, 200);
    const { access_token } = await login.json();
    const answer = await send("/penduduk", { token: access_token, body: { nama: "Contoh" } });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get("location"), "/penduduk/1");
    assert.equal(answer.headers.get("x-origin"), "yes");
    assert.equal(answer.headers.get("ratelimit"), `"menit";r=${limit - 1};t=60`);
    assert.deepEqual(await answer.json(), { nama: "Contoh" });
  });

  it("tells the origin who asks, and nothing that the client wrote about itself", async () => {
    const edgeToken = await token("forged-edge");
    const headers = {
      "x-forwarded-for": "6.6.6.6",
      "x-user-id": "root",
      cookie: "a=b",
      "x-edge-authorization": `Bearer ${edgeToken}`,
    };
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const before = world().seen("/protected").length;
    await (await send("/protected", { token: await token("header"), headers: { ...headers, traceparent } }))
      .text();
    const asked = world().seen("/protected")[before];
    assert.equal(asked?.headers.get("x-forwarded-for"), "127.0.0.1");
    assert.match(asked?.headers.get("traceparent") ?? "", /^00-4bf92f3577b34da6a3ce929d0e0e4736-/);
    assert.match(asked?.headers.get("authorization") ?? "", /^Bearer /);
    assert.match(asked?.headers.get("x-edge-authorization") ?? "", /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
    assert.notEqual(asked?.headers.get("x-edge-authorization"), `Bearer ${edgeToken}`);
    for (const header of ["x-user-id", "cookie"]) assert.equal(asked?.headers.get(header), null, header);
  });

  it("answers 401 without a token, to a forged one and to one for somebody else", async () => {
    const good = await token("forged");
    const forged = good.slice(0, -4) + (good.endsWith("AAAA") ? "BBBB" : "AAAA");
    const strange = await world().sign("s", "admin", { aud: "others" });
    for (const bad of [undefined, forged, strange, "x"]) {
      await problem(
        await send("/protected", bad === undefined ? {} : { token: bad }),
        401,
        "UNAUTHENTICATED",
      );
    }
  });

  it("answers 403 to a role that may not, before the origin hears of it", async () => {
    const before = world().seen("/stats").length;
    await problem(await send("/stats", { token: await token("role", "petugas") }), 403, "FORBIDDEN");
    assert.equal(world().seen("/stats").length, before);
  });

  it("answers 404 to what is not in the route table, and 405 to another method", async () => {
    for (const path of ["/metrics", "/healthz", "/readyz", "/index.html", "/admin"]) {
      await problem(await send(path), 404, "NOT_FOUND");
    }
    await problem(await send("/penduduk"), 405, "METHOD_NOT_ALLOWED");
  });

  it("answers 413 to a body over 16 KiB, announced or not", async () => {
    const big = "x".repeat(16_385);
    const announced = await fetch(`${edge()}/login`, { method: "POST", body: big });
    await problem(announced, 413, "BODY_TOO_LARGE");
    const stream = ReadableStream.from([new TextEncoder().encode(big)]);
    await problem(await fetch(`${edge()}/login`, { method: "POST", body: stream }), 413, "BODY_TOO_LARGE");
  });

  it("answers 429 with Retry-After once the budget is spent", async () => {
    const spender = await token("spender");
    for (let i = 0; i < limit; i++) {
      assert.equal((await drained(await send("/protected", { token: spender }))).status, 200);
    }
    const answer = await send("/protected", { token: spender });
    assert.ok(Number(answer.headers.get("retry-after")) > 0);
    await problem(answer, 429, "RATE_LIMITED");
    assert.equal((await drained(await send("/protected", { token: await token("other") }))).status, 200);
  });

  it("answers 502 when the origin is not there", async () => {
    await problem(await send("/sms", { token: await token("sms", "admin") }), 502, "UPSTREAM_FAILED");
  });

  it("hands a redirect on and follows none", async () => {
    const answer = await drained(await send("/stats", { token: await token("redirect", "admin") }));
    assert.equal(answer.status, 302);
    assert.equal(answer.headers.get("location"), "http://elsewhere.invalid/");
  });

  it("hands a stream on while it is still being written", async () => {
    const answer = await send("/stats/stream", { token: await token("stream", "admin") });
    const reader = answer.body?.getReader();
    const { value } = await reader?.read() ?? {};
    assert.equal(new TextDecoder().decode(value), "data: 1\n\n");
    await reader?.cancel();
  });

  it("documents itself, under a strict set of headers", async () => {
    const document = await send("/openapi.json");
    assert.equal((await document.json()).openapi, "3.1.0");
    assert.equal(document.headers.get("x-content-type-options"), "nosniff");
    assert.match(await (await send("/docs")).text(), /Layanan Kependudukan/);
  });

  it("serves the page, which may talk to the issuer, and what it loads under names for ever", async () => {
    const page = await send("/");
    const html = await page.text();
    assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
    const issuer = `${world().variables["KEYCLOAK_URL"]}/realms/gov-realm`;
    assert.ok(html.includes(`content="${issuer}"`));
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.ok(policy.includes(`connect-src 'self' ${new URL(issuer).origin};`), policy);
    const loaded = html.match(/\/assets\/[\w-]+\.(js|css|svg)/g) ?? [];
    assert.equal(new Set(loaded).size, 3, html);
    for (const path of loaded) {
      const plain = await send(path, { headers: { "accept-encoding": "identity" } });
      assert.equal(plain.status, 200);
      assert.match(plain.headers.get("cache-control") ?? "", /immutable/);
      const squeezed = await send(path, { headers: { "accept-encoding": "br" } });
      assert.equal(squeezed.headers.get("vary"), "accept-encoding");
      assert.equal(await squeezed.text(), await plain.text());
    }
  });

  it("answers 504 when the origin does not answer within 10 seconds", async () => {
    await problem(await late(), 504, "UPSTREAM_TIMEOUT");
  });

  function token(subject: string, role = "petugas"): Promise<string> {
    return world().sign(`${name}-${subject}`, role);
  }

  function send(path: string, { token, body, headers = {} }: Message = {}): Promise<Response> {
    return fetch(edge() + path, {
      method: body === undefined ? "GET" : "POST",
      redirect: "manual",
      headers: {
        ...headers,
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
  }
}

async function problem(answer: Response, status: number, code: string): Promise<void> {
  const body = await answer.json();
  assert.equal(answer.status, status);
  assert.equal(body.code, code);
  assert.match(body.traceId, /^[0-9a-f]{32}$/);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
}

async function drained(answer: Response): Promise<Response> {
  await answer.body?.cancel();
  return answer;
}

interface Message {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Conformance {
  /** The edge's URL, once it runs. */
  readonly edge: () => string;
  readonly world: () => EdgeWorld;
  readonly limit: number;
  /** The answer to `GET /stats/32`, asked for at the beginning: it takes the edge's whole patience. */
  readonly late: () => Promise<Response>;
}
