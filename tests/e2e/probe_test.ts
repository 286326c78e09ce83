import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { metricsIn } from "../../ops/prometheus/metric_names.ts";
import { ALERTS } from "../../ops/prometheus/rules.ts";
import { DEVELOPMENT_SECRETS } from "../../shared/adapters/embedded/identity/development_secrets.ts";
import { openTestDatabase, type TestDatabase } from "../database.ts";
import { PENDUDUK } from "../fixtures.ts";
import { type Client, signIn } from "./client.ts";
import { eventually, freePort, startProcess, type TestProcess, waitUntilReady } from "./process.ts";

describe("The probe of the running system", () => {
  let folder: string;
  let database: TestDatabase;
  let process: TestProcess;
  let url: string;
  let metrics = "";
  let admin: Client;

  before(async () => {
    folder = await Deno.makeTempDir();
    database = await openTestDatabase();
    const port = await freePort();
    process = startProcess("ops/tasks/dev.ts", {
      args: ["--probe"],
      env: { PORT: String(port), DATA_DIR: folder, DATABASE_URL: database.url, LOG_LEVEL: "warning" },
    });
    url = `http://127.0.0.1:${port}`;
    await waitUntilReady(`${url}/readyz`, process);
    admin = await signIn(url, "admin");
    await eventually("a synthetic registration went the whole way", async () => {
      metrics = await (await fetch(`${url}/metrics`)).text();
      return /^kependudukan_probe_success 1$/m.test(metrics);
    }, 30_000);
  });
  after(async () => {
    await process?.stop();
    await database?.drop();
    await Deno.remove(folder, { recursive: true });
  });

  it("exports every metric of its alerts, and the time of each step", () => {
    const named = ALERTS.flatMap(({ expr }) => [...metricsIn(expr)]).filter((name) =>
      name.includes("_probe_")
    );
    assert.ok(named.length > 0);
    for (const name of named) assert.match(metrics, new RegExp(`^# TYPE ${name} `, "m"));
    for (const step of ["clean", "register", "read", "count", "take-back", "take-off"]) {
      assert.match(
        metrics,
        new RegExp(`^kependudukan_probe_step_seconds\\{step="${step}"\\} [\\d.e-]+$`, "m"),
      );
    }
  });

  it("leaves no resident, no number and no message behind", async () => {
    assert.equal((await (await admin.get("/stats/00")).json()).jumlah, 0);
    const { registry, statistics, cancelled } = await (await fetch(`${url}/reconcile`)).json();
    assert.deepEqual({ registry, statistics, cancelled }, {
      registry: 0,
      statistics: 0,
      cancelled: { "31": 1 },
    });
    await eventually("notification has read it, too", async () => {
      return (await (await fetch(`${url}/metrics`)).text()).includes('sms_total{outcome="synthetic"} 1\n');
    });
    assert.deepEqual(await (await admin.get("/sms?limit=10")).json(), []);
  });

  it("has an account that reaches no real person", async () => {
    const petugas = await signIn(url, "petugas");
    const registered = await petugas.post("/penduduk", PENDUDUK[0]);
    assert.equal(registered.status, 201);
    const person = registered.headers.get("location") ?? "";
    await registered.body?.cancel();
    const probe = await asProbe();
    const ask = async (method: string, path: string, body?: unknown) => {
      const answer = await fetch(url + path, {
        method,
        headers: { authorization: probe, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      await answer.body?.cancel();
      return answer.status;
    };
    assert.equal(await ask("POST", "/penduduk", PENDUDUK[1]), 403);
    assert.equal(await ask("GET", person), 404);
    assert.equal(await ask("DELETE", person), 404);
    for (const path of ["/sms", "/stats", "/surat-gagal", "/sistem"]) {
      assert.equal(await ask("GET", path), 403, path);
    }
    assert.equal(await ask("POST", "/audit/search", {}), 403);
    assert.equal((await petugas.get(person)).status, 200, "it is still there");
  });

  async function asProbe(): Promise<string> {
    const answer = await fetch(`${url}/realms/gov-realm/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: "probe",
        client_secret: DEVELOPMENT_SECRETS["GOV_PROBE_SECRET"] ?? "",
      }),
    });
    return `Bearer ${(await answer.json()).access_token}`;
  }
});
