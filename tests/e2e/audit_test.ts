import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { type RouteName, ROUTES } from "../../edge/routes.ts";
import { openAuditReader } from "../../shared/adapters/postgres/audit_reader.ts";
import { verifyAudit } from "../../ops/tasks/audit/verify.ts";
import { AuditPage } from "../../shared/http/schemas/audit.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { PENDUDUK, TELEPON } from "../fixtures.ts";
import { linesWithPersonalData } from "../run/personal_data.ts";
import { type Client, signIn } from "./client.ts";
import { freePort, startProcess, type TestProcess, waitUntilReady } from "./process.ts";

const [ujang, siti] = PENDUDUK;
const TARGET = /^[\w-]+:[0-9a-f]{64}$/;

describe("The audit of the whole system", () => {
  let database: TestDatabase;
  let system: TestProcess;
  let folder = "";
  let edge = "";
  let id = "";
  let clients: Record<"admin" | "petugas" | "auditor", Client>;
  let address = 0;

  before(async () => {
    database = await openTestDatabase();
    folder = await Deno.makeTempDir();
    await start();
    const [admin, petugas, auditor] = await Promise.all([
      signIn(edge, "admin"),
      signIn(edge, "petugas"),
      signIn(edge, "auditor"),
    ]);
    clients = { admin, petugas, auditor };
    id = (await (await clients.petugas.post("/penduduk", ujang)).json()).id;
  });
  after(async () => {
    await system.stop();
    await database.drop();
    await Deno.remove(folder, { recursive: true });
  });

  /** What passes, what its origin refuses, and what the edge refuses: each leaves these fields in one line. */
  const expected: Readonly<Record<RouteName, readonly Case[]>> = {
    "POST /login": [
      {
        body: () => credentials("petugas-rahasia"),
        line: { "event.action": "login", "event.outcome": "success", "user.roles": ["petugas"] },
      },
      {
        body: () => credentials("salah"),
        line: {
          "event.action": "login",
          "event.outcome": "failure",
          "event.reason": "WRONG_CREDENTIALS",
          "kependudukan.actor": "anonymous",
        },
      },
    ],
    "POST /refresh": [
      {
        body: refreshToken,
        line: { "event.action": "refresh", "event.outcome": "success", "user.roles": ["petugas"] },
      },
      {
        body: () => ({ refresh_token: "x" }),
        line: { "event.action": "refresh", "event.outcome": "failure", "event.reason": "UNAUTHENTICATED" },
      },
    ],
    "POST /logout": [
      {
        body: refreshToken,
        line: { "event.action": "logout", "event.outcome": "success", "kependudukan.actor": "user" },
      },
      {
        body: () => ({ refresh_token: "x" }),
        line: { "event.action": "logout", "event.outcome": "failure", "event.reason": "UNAUTHENTICATED" },
      },
    ],
    "GET /protected": [
      { as: "admin", line: { "event.action": "protected.baca", "event.outcome": "success" } },
      {
        line: {
          "event.action": "protected.baca",
          "event.outcome": "failure",
          "event.reason": "UNAUTHENTICATED",
        },
      },
    ],
    "POST /penduduk": [
      {
        as: "petugas",
        body: () => siti,
        line: {
          "event.action": "penduduk.daftar",
          "event.outcome": "success",
          "kependudukan.target": TARGET,
        },
      },
      {
        as: "petugas",
        body: () => siti,
        line: {
          "event.action": "penduduk.daftar",
          "event.outcome": "failure",
          "event.reason": "NIK_REGISTERED",
          "kependudukan.target": TARGET,
        },
      },
      {
        as: "petugas",
        body: () => ({ nik: siti.nik }),
        line: {
          "event.action": "penduduk.daftar",
          "event.outcome": "failure",
          "event.reason": "INVALID_INPUT",
        },
      },
      {
        line: {
          "event.action": "penduduk.daftar",
          "event.outcome": "failure",
          "event.reason": "UNAUTHENTICATED",
        },
      },
    ],
    "GET /penduduk/:id": [
      {
        as: "petugas",
        line: { "event.action": "penduduk.baca", "event.outcome": "success", "kependudukan.target": TARGET },
      },
      {
        line: {
          "event.action": "penduduk.baca",
          "event.outcome": "failure",
          "event.reason": "UNAUTHENTICATED",
        },
      },
    ],
    "GET /penduduk/milik-saya": [
      {
        as: "petugas",
        line: {
          "event.action": "penduduk.baca",
          "event.outcome": "success",
          "kependudukan.count": 2,
          "user.roles": ["petugas"],
        },
      },
      {
        as: "auditor",
        line: { "event.action": "penduduk.baca", "event.outcome": "failure", "event.reason": "FORBIDDEN" },
      },
    ],
    "DELETE /penduduk/:id": [
      {
        as: "petugas",
        line: {
          "event.action": "penduduk.batalkan",
          "event.outcome": "failure",
          "event.reason": "FORBIDDEN",
          "kependudukan.actor": "user",
        },
      },
      {
        as: "admin",
        line: {
          "event.action": "penduduk.batalkan",
          "event.outcome": "success",
          "kependudukan.target": TARGET,
        },
      },
      {
        as: "admin",
        line: {
          "event.action": "penduduk.batalkan",
          "event.outcome": "failure",
          "event.reason": "NOT_FOUND",
        },
      },
    ],
    "GET /stats": readBy("stats.baca"),
    "GET /stats/stream": readBy("stats.baca"),
    "GET /stats/trend": readBy("stats.baca"),
    "GET /stats/:kode": readBy("stats.baca"),
    "GET /surat-gagal": readBy("dlq.list"),
    "POST /surat-gagal/kirim-ulang": [
      {
        as: "admin",
        body: () => ({ code: "NOT_JSON" }),
        line: {
          "event.action": "dlq.replay",
          "event.outcome": "success",
          "kependudukan.actor": "user",
          "user.roles": ["admin"],
        },
      },
      {
        as: "admin",
        body: () => ({}),
        line: { "event.action": "dlq.replay", "event.outcome": "failure", "event.reason": "INVALID_INPUT" },
      },
      {
        as: "petugas",
        body: () => ({ code: "NOT_JSON" }),
        line: { "event.action": "dlq.replay", "event.outcome": "failure", "event.reason": "FORBIDDEN" },
      },
    ],
    "GET /sistem": readBy("sistem.baca"),
    "GET /sms": readBy("sms.baca"),
    "GET /petugas": readBy("petugas.baca"),
    "POST /petugas/:kode": [
      {
        as: "admin",
        body: () => ({ telepon: TELEPON[1] }),
        line: { "event.action": "petugas.tambah", "event.outcome": "success", "kependudukan.record": /./ },
      },
      {
        as: "petugas",
        body: () => ({ telepon: TELEPON[1] }),
        line: { "event.action": "petugas.tambah", "event.outcome": "failure", "event.reason": "FORBIDDEN" },
      },
    ],
    "PUT /petugas/:kode/:id": [
      {
        as: "admin",
        body: () => ({ telepon: TELEPON[0] }),
        line: { "event.action": "petugas.ubah", "event.outcome": "failure", "event.reason": "NOT_FOUND" },
      },
    ],
    "DELETE /petugas/:kode/:id": [
      {
        as: "admin",
        line: { "event.action": "petugas.hapus", "event.outcome": "failure", "event.reason": "NOT_FOUND" },
      },
    ],
    "POST /audit/search": [
      {
        as: "auditor",
        body: () => ({ nik: ujang.nik }),
        line: { "event.action": "audit.search", "event.outcome": "success", "kependudukan.target": TARGET },
      },
      {
        as: "auditor",
        body: () => ({ nik: "1", limit: 0 }),
        line: { "event.action": "audit.search", "event.outcome": "failure", "event.reason": "INVALID_INPUT" },
      },
      {
        as: "admin",
        body: () => ({}),
        line: { "event.action": "audit.search", "event.outcome": "failure", "event.reason": "FORBIDDEN" },
      },
    ],
    "GET /audit/chain": [
      { as: "auditor", line: { "event.action": "audit.chain", "event.outcome": "success" } },
      {
        as: "admin",
        line: { "event.action": "audit.chain", "event.outcome": "failure", "event.reason": "FORBIDDEN" },
      },
    ],
    "POST /audit/chain": [
      {
        as: "auditor",
        body: () => ({}),
        line: { "event.action": "audit.verify", "event.outcome": "success", "kependudukan.count": 0 },
      },
      {
        as: "auditor",
        body: () => ({ fromStart: 1 }),
        line: { "event.action": "audit.verify", "event.outcome": "failure", "event.reason": "INVALID_INPUT" },
      },
      {
        as: "admin",
        body: () => ({}),
        line: { "event.action": "audit.verify", "event.outcome": "failure", "event.reason": "FORBIDDEN" },
      },
    ],
    // Nothing is taken here while no provider signs: see tests/stack/sms_receipts_test.ts for forged reports.
    "POST /sms/status": [{ line: undefined }],
  };

  for (const route of ROUTES) {
    const name = `${route.method} ${route.path}`;
    it(`has exactly the line that belongs to each request of ${name}`, async () => {
      const cases = new Map(Object.entries(expected)).get(name) ??
        assert.fail("Every route needs a line of its own in this table");
      for (const { as, body, line } of cases) {
        const traceId = await send(route, as, await body?.());
        const found = (await linesOfFile()).filter((line) => line["trace.id"] === traceId);
        assert.equal(found.length, line ? 1 : 0);
        if (!line) continue;
        assert.equal(found[0]?.["event.action"], route.audit);
        assert.match(String(found[0]?.["client.address"]), /^192\.0\.2\.\d+$/);
        for (const [field, value] of Object.entries(line)) {
          if (value instanceof RegExp) assert.match(String(found[0]?.[field]), value);
          else assert.deepEqual(found[0]?.[field], value, field);
        }
      }
    });
  }

  it("tells one person's registration, reading and cancellation by the same tag", async () => {
    const lines = (await linesOfFile()).filter((line) =>
      line["kependudukan.record"] === id && String(line["event.action"]).startsWith("penduduk.")
    );
    assert.deepEqual(lines.map((line) => `${line["event.action"]} ${line["event.outcome"]}`), [
      "penduduk.daftar success",
      "penduduk.baca success",
      "penduduk.batalkan success",
      "penduduk.batalkan failure",
    ]);
    assert.equal(new Set(lines.flatMap((line) => line["kependudukan.target"] ?? [])).size, 1);
  });

  it("answers an auditor who touched the data of one person, page by page, and nothing of others", async () => {
    const actions: string[] = [];
    let before: string | undefined;
    do {
      const answer = await clients.auditor.post("/audit/search", { nik: ujang.nik, limit: 2, before });
      assert.equal(answer.status, 200);
      const { entries, next } = AuditPage.parse(await answer.json());
      actions.push(...entries.map(({ action, outcome }) => `${action} ${outcome}`));
      before = next ?? undefined;
    } while (before !== undefined);
    assert.deepEqual(actions.filter((action) => action.startsWith("penduduk")), [
      "penduduk.batalkan success",
      "penduduk.baca success",
      "penduduk.daftar success",
    ]);
    assert.ok(actions.includes("audit.search success"), "who asked is told too");
    const { entries } = await (await clients.auditor.post("/audit/search", { action: "login" })).json();
    assert.ok(entries.length > 0 && entries.every(({ action }: { action: string }) => action === "login"));
  });

  it("is whole in file and table after a kill -9 under load, and after a stop in good order", async () => {
    const load = Array.from(
      { length: 40 },
      (_, i) => clients.petugas.get(`/penduduk/${i}`).catch(() => undefined),
    );
    await Promise.race(load);
    await system.stop("SIGKILL");
    await Promise.all(load);
    await start();
    await system.stop();
    const { copies, findings } = await verifyAudit({
      reader: openAuditReader(database.as("auditor")),
      files: [auditFile()],
      known: [],
      now: new Date(Date.now() + 60_000),
    });
    assert.deepEqual(findings, []);
    assert.equal(copies.length, 2);
    assert.deepEqual([...copies[0]?.chains.values() ?? []].map((end) => end.closed), [false, true]);
  });

  it("holds nothing personal", async () => {
    assert.deepEqual(linesWithPersonalData(await Deno.readTextFile(auditFile())), []);
  });

  async function start(): Promise<void> {
    const port = await freePort();
    edge = `http://127.0.0.1:${port}`;
    const env = { PORT: String(port), DATA_DIR: folder, DATABASE_URL: database.url, TRUSTED_PROXIES: "1" };
    system = startProcess("ops/tasks/dev.ts", { env });
    await waitUntilReady(`${edge}/readyz`, system);
  }

  /** Sends it from an address of its own, for refusals of one address are told together; answers its trace id. */
  async function send(
    { method, path }: typeof ROUTES[number],
    as: Case["as"],
    body: unknown,
  ): Promise<string> {
    const stop = new AbortController();
    const answer = await fetch(edge + path.replace(":id", id).replace(":kode", "32"), {
      method,
      headers: {
        "x-forwarded-for": `192.0.2.${++address}`,
        ...(as && { authorization: clients[as].authorization }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: stop.signal,
    });
    const [, traceId = ""] = answer.headers.get("traceparent")?.split("-") ?? [];
    if (path === "/stats/stream") stop.abort();
    else await answer.body?.cancel();
    return traceId;
  }

  async function refreshToken(): Promise<unknown> {
    const answer = await fetch(`${edge}/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(credentials("petugas-rahasia")),
    });
    const { refresh_token } = await answer.json();
    return { refresh_token };
  }

  function auditFile(): string {
    return join(folder, "audit", "dev.jsonl");
  }

  async function linesOfFile(): Promise<readonly Record<string, unknown>[]> {
    const text = await Deno.readTextFile(auditFile());
    return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
  }
});

/** Readings that an admin may and an officer may not. */
function readBy(action: string): readonly Case[] {
  return [
    {
      as: "admin",
      line: {
        "event.action": action,
        "event.outcome": "success",
        "kependudukan.actor": "user",
        "user.roles": ["admin"],
      },
    },
    {
      as: "petugas",
      line: {
        "event.action": action,
        "event.outcome": "failure",
        "event.reason": "FORBIDDEN",
        "user.roles": ["petugas"],
      },
    },
    {
      line: {
        "event.action": action,
        "event.outcome": "failure",
        "event.reason": "UNAUTHENTICATED",
        "kependudukan.actor": "anonymous",
      },
    },
  ];
}

function credentials(password: string) {
  return { username: "petugas", password };
}

interface Case {
  /** Nobody, when left out. */
  readonly as?: "admin" | "petugas" | "auditor";
  readonly body?: () => unknown;
  /** Undefined where no line belongs. */
  readonly line: Readonly<Record<string, unknown>> | undefined;
}
