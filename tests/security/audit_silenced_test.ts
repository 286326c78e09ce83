import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Hono } from "hono";
import { createEdge } from "../../edge/app.ts";
import type { Origin } from "../../edge/upstream/origin.ts";
import type { AppEnv } from "../../shared/http/app.ts";
import { parseKodeProvinsi } from "../../shared/penduduk/provinsi.ts";
import { toNik } from "../../shared/penduduk/testing.ts";
import type { Grant, Identity } from "../../shared/ports/identity.ts";
import type { RateLimiter } from "../../shared/ports/rate_limiter.ts";
import { parseTelepon } from "../../shared/ports/sms.ts";
import { createAuthApp } from "../../workers/auth/app.ts";
import { createNotificationApp } from "../../workers/notification/app.ts";
import { createRegistrationApp } from "../../workers/registration/app.ts";
import type { Repository } from "../../workers/registration/repository.ts";
import type { StoredPenduduk } from "../../workers/registration/stored.ts";
import { createStatisticsApp } from "../../workers/statistics/app.ts";
import { FakeAudit } from "../fakes/audit.ts";
import { FakeEventLog } from "../fakes/event_log.ts";
import { callerOf, fakeIdentity, FROM_EDGE } from "../fakes/identity.ts";
import { FakeLedgerStore, FakeOfficers } from "../fakes/sms.ts";
import { PENDUDUK, TELEPON } from "../fixtures.ts";

const [UJANG] = PENDUDUK;
const ID = "01a204bf-6d31-7403-9d86-821ff838d981";

describe("Attacks while no audit line can be written", () => {
  const attempts: readonly (readonly [
    what: string,
    app: Hono<AppEnv>,
    request: RequestInit & { path: string },
    secret: RegExp,
    as?: string,
  ])[] = [
    [
      "a person's data by GET /penduduk/{id}",
      registration(),
      { path: `/penduduk/${ID}` },
      /Ujang|3201|Karangan/,
    ],
    [
      "the id of a new registration by POST /penduduk",
      registration(),
      post("/penduduk", UJANG),
      /01a204bf|Ujang/,
    ],
    [
      "whether a person is registered by POST /penduduk",
      registration("nik-known"),
      post("/penduduk", UJANG),
      /NIK_REGISTERED|terdaftar/,
    ],
    ["whether a cancellation took effect by DELETE /penduduk/{id}", registration(), {
      path: `/penduduk/${ID}`,
      method: "DELETE",
    }, /204/],
    ["the statistics by GET /stats", statistics(), { path: "/stats" }, /jumlah|Aceh/],
    ["a province's statistics by GET /stats/{kode}", statistics(), { path: "/stats/32" }, /jumlah/],
    [
      "the audit itself by POST /audit/search",
      registration(),
      post("/audit/search", {}),
      /entries|next/,
      "auditor",
    ],
    [
      "the stream of statistics by GET /stats/stream",
      statistics(),
      { path: "/stats/stream" },
      /jumlah|event-stream/,
    ],
    ["the dead letters by GET /surat-gagal", statistics(), { path: "/surat-gagal" }, /letters|causes/],
    [
      "whether a replay took effect by POST /surat-gagal/kirim-ulang",
      statistics(),
      post("/surat-gagal/kirim-ulang", { code: "NOT_JSON" }),
      /replayed/,
    ],
    ["the messages by GET /sms", notification(), { path: "/sms" }, /^\[/],
    ["the officers by GET /petugas", notification(), { path: "/petugas" }, /^\[/],
    [
      "tokens by POST /login",
      auth(),
      post("/login", { username: "petugas", password: "x" }),
      /access_token|rahasia-token/,
    ],
    [
      "tokens by POST /refresh",
      auth(),
      post("/refresh", { refresh_token: "x" }),
      /access_token|rahasia-token/,
    ],
    [
      "whether a password is right by POST /login",
      auth("rejected"),
      post("/login", { username: "petugas", password: "x" }),
      /WRONG_CREDENTIALS/,
    ],
    ["whether a token is good by GET /protected", auth(), { path: "/protected" }, /diotorisasi/],
  ];
  for (const [what, app, { path, ...request }, secret, as = "admin"] of attempts) {
    it(`to learn ${what} is refused`, async () => {
      const headers = { ...FROM_EDGE, "authorization": `Bearer ${as}`, "content-type": "application/json" };
      const answer = await app.request(path, { ...request, headers });
      await assertWithheld(answer, secret);
    });
  }

  it("to learn from the edge why it refuses is refused", async () => {
    for (const headers of [{}, { authorization: "Bearer petugas" }]) {
      await assertWithheld(await ask(headers), /UNAUTHENTICATED|FORBIDDEN/);
    }
  });

  it("what the edge lets pass is not held up, for its origin records it", async () => {
    const answer = await ask({ authorization: "Bearer admin" });
    assert.equal(answer.status, 200);
  });
});

async function ask(headers: Record<string, string>): Promise<Response> {
  return await edge().request("/stats", { headers }, { remoteAddress: "192.0.2.1" });
}

async function assertWithheld(answer: Response, secret: RegExp): Promise<void> {
  const text = await answer.text();
  assert.equal(answer.status, 503);
  assert.equal(JSON.parse(text).code, "AUDIT_UNAVAILABLE");
  assert.doesNotMatch(text, secret);
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  assert.doesNotMatch(headers, secret);
  assert.equal(answer.headers.get("location"), null);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
}

function registration(outcome: "registered" | "nik-known" = "registered"): Hono<AppEnv> {
  const stored: StoredPenduduk = {
    ...UJANG,
    id: ID,
    nik: toNik(UJANG.nik),
    kode: parseKodeProvinsi("32") ?? assert.fail(),
    warnings: [],
    createdAt: new Date("2026-11-22T00:00:00Z"),
    createdBy: "somebody",
  };
  const repository: Repository = {
    insert: () => assert.fail(),
    cancel: () => Promise.resolve(true),
    find: () => Promise.resolve(stored),
    ownOf: () => Promise.resolve({ jumlah: 1, registrations: [stored] }),
  };
  const register = () =>
    Promise.resolve(
      outcome === "registered" ? { kind: outcome, id: ID, createdAt: stored.createdAt } : { kind: outcome },
    );
  const registrar = { register, waiting: () => 0, storing: () => 0 };
  return createRegistrationApp({
    registrar,
    repository,
    identity: fakeIdentity(),
    audit: silenced(),
    tag: () => "k:tag",
    search: { reader: { search: () => Promise.resolve([]) }, tags: () => ["k:tag"] },
  });
}

function statistics(): Hono<AppEnv> {
  const read = () => Promise.resolve({ provinces: [], asOf: undefined });
  const { signal } = new AbortController();
  return createStatisticsApp({
    store: { read, readTrend: () => Promise.resolve([]) },
    eventLog: new FakeEventLog(),
    identity: fakeIdentity(),
    audit: silenced(),
    shutdown: signal,
  });
}

function notification(): Hono<AppEnv> {
  const ledger = new FakeLedgerStore().open();
  const officers = new FakeOfficers(parseTelepon(TELEPON[0]) ?? assert.fail());
  return createNotificationApp({ ledger, officers, identity: fakeIdentity(), audit: silenced() });
}

function auth(outcome: "granted" | "rejected" = "granted"): Hono<AppEnv> {
  const tokens = {
    access_token: "rahasia-token",
    expires_in: 300,
    refresh_token: "rahasia-token",
    token_type: "Bearer",
  } as const;
  const grant = (): Promise<Grant> =>
    Promise.resolve(outcome === "granted" ? { kind: outcome, tokens } : { kind: outcome });
  const verify: Identity["verify"] = () =>
    Promise.resolve({ kind: "verified", caller: callerOf("sub", "petugas") });
  return createAuthApp({
    identity: fakeIdentity({ passwordGrant: grant, refresh: grant, verify }),
    audit: silenced(),
  });
}

function edge(): Hono<AppEnv> {
  const origin: Origin = { url: "http://origin.invalid", transport: () => Response.json({}) };
  const limiter: RateLimiter = {
    take: () => Promise.resolve({ allowed: true, limit: 1, remaining: 1, resetMs: 0, degraded: false }),
  };
  return createEdge({
    identity: fakeIdentity(),
    audit: silenced(),
    userLimiter: limiter,
    addressLimiter: limiter,
    conflictLimiter: limiter,
    origins: { auth: origin, registration: origin, statistics: origin, notification: origin },
  });
}

function silenced(): FakeAudit {
  return Object.assign(new FakeAudit(), { failing: true });
}

function post(path: string, body: unknown) {
  return { path, method: "POST", body: JSON.stringify(body) };
}
