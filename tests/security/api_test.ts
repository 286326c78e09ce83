import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { ROUTES } from "../../edge/routes.ts";
import { PENDUDUK } from "../fixtures.ts";
import { type Client, signIn } from "../e2e/client.ts";
import { startSystem, type System } from "./system.ts";

const USERS = ["admin", "petugas", "warga", "auditor"] as const;
const [ujang, siti] = PENDUDUK;

describe("Attacks by requests for more than one's due", () => {
  let system: System;
  let clients: Readonly<Record<typeof USERS[number], Client>>;
  before(async () => {
    system = await startSystem({ RATE_LIMIT_PER_MINUTE: "10000" });
    const [admin, petugas, warga, auditor] = await Promise.all([
      signIn(system.url, "admin"),
      signIn(system.url, "petugas"),
      signIn(system.url, "warga"),
      signIn(system.url, "auditor"),
    ]);
    clients = { admin, petugas, warga, auditor };
  });
  after(() => system.stop());

  for (const route of ROUTES) {
    if (typeof route.access === "string") continue;
    const path = route.path.replace(":id", crypto.randomUUID()).replace(":kode", "32");
    const allowed: readonly string[] = route.access;
    const call = (headers: Record<string, string>) =>
      fetch(system.url + path, {
        method: route.method,
        headers: { "content-type": "application/json", ...headers },
      });

    it(`${route.method} ${route.path} without a token is refused`, async () => {
      await refused(await call({}), 401, "UNAUTHENTICATED");
    });
    for (const user of USERS.filter((user) => !allowed.includes(user))) {
      it(`${route.method} ${route.path} as ${user} is refused`, async () => {
        await refused(await call({ authorization: clients[user].authorization }), 403, "FORBIDDEN");
      });
    }
  }

  it("a registration of somebody else read by a resident is refused as if it were not there", async () => {
    const registered = await clients.petugas.post("/penduduk", ujang);
    const { id } = await registered.json();
    await refused(await clients.warga.get(`/penduduk/${id}`), 404, "NOT_FOUND");
    const cancelled = await fetch(`${system.url}/penduduk/${id}`, {
      method: "DELETE",
      headers: { authorization: clients.petugas.authorization },
    });
    await refused(cancelled, 403, "FORBIDDEN");
  });

  it("the answer to another user's Idempotency-Key is refused", async () => {
    const headers = { "idempotency-key": "satu" };
    assert.equal((await clients.petugas.post("/penduduk", siti, headers)).status, 201);
    await refused(await clients.warga.post("/penduduk", siti, headers), 409, "NIK_REGISTERED");
  });

  for (
    const field of ["id", "kode", "createdAt", "createdBy", "warnings", "role", "__proto__", "constructor"]
  ) {
    it(`the field ${field}, which is not the client's to set, is refused`, async () => {
      const body = JSON.stringify(ujang).replace("{", `{${JSON.stringify(field)}:"admin",`);
      const answer = await clients.petugas.post("/penduduk", body);
      await refused(answer, 400, "INVALID_INPUT");
    });
  }

  for (const name of ["x-http-method-override", "x-http-method", "x-method-override"]) {
    it(`another method by the header ${name} is refused`, async () => {
      const answer = await clients.petugas.post(`/penduduk/${crypto.randomUUID()}`, {}, { [name]: "GET" });
      await refused(answer, 405, "METHOD_NOT_ALLOWED");
    });
  }

  const claims = {
    "x-user-id": "admin",
    "x-user-roles": "admin",
    "x-forwarded-user": "admin",
    "x-edge-authorization": "Bearer admin",
    "x-original-url": "/openapi.json",
    "x-rewrite-url": "/openapi.json",
    "x-forwarded-prefix": "/admin",
  };
  for (const [name, value] of Object.entries(claims)) {
    it(`a role claimed by the header ${name} is refused`, async () => {
      const { authorization } = clients.warga;
      const answer = await fetch(`${system.url}/stats`, { headers: { authorization, [name]: value } });
      await refused(answer, 403, "FORBIDDEN");
    });
  }

  it("guessing on from ever new X-Forwarded-For addresses is refused", async () => {
    const guess = (i: number) =>
      fetch(`${system.url}/login`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-forwarded-for": `10.0.0.${i}` },
        body: JSON.stringify({ username: "nobody", password: "guess" }),
      });
    const answers = await Promise.all(Array.from({ length: 70 }, (_, i) => guess(i)));
    const statuses = await Promise.all(answers.map(async (answer) => {
      await answer.body?.cancel();
      return answer.status;
    }));
    assert.ok(statuses.filter((status) => status === 429).length >= 10);
  });

  it("counting up which NIKs are registered is refused", async () => {
    const answers = [];
    for (let i = 0; i < 20; i++) answers.push(await clients.warga.post("/penduduk", ujang));
    const codes = await Promise.all(answers.map(async (answer) => (await answer.json()).code));
    assert.deepEqual(codes.slice(-5), Array(5).fill("RATE_LIMITED"));
  });

  for (const origin of ["https://evil.invalid", "null", "http://127.0.0.1.evil.invalid"]) {
    it(`a script of the origin ${origin} is refused the answer`, async () => {
      const preflight = await fetch(`${system.url}/penduduk`, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization",
        },
      });
      await preflight.body?.cancel();
      const read = await fetch(`${system.url}/protected`, {
        headers: { origin, authorization: clients.admin.authorization },
      });
      await read.body?.cancel();
      for (const answer of [preflight, read]) {
        assert.equal(answer.headers.get("access-control-allow-origin"), null);
      }
    });
  }

  it("showing our pages in another site's frame, and guessing their type, is refused", async () => {
    const answer = await fetch(`${system.url}/docs`);
    await answer.body?.cancel();
    assert.match(answer.headers.get("x-frame-options") ?? "", /DENY|SAMEORIGIN/);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.match(answer.headers.get("strict-transport-security") ?? "", /max-age=\d{7}/);
  });
});

async function refused(answer: Response, status: number, code: string): Promise<void> {
  const problem = await answer.json();
  assert.deepEqual([answer.status, problem.code], [status, code]);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json\b/);
}
