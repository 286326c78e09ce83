import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { DASHBOARDS } from "../../ops/grafana/dashboards.ts";
import { burnRateRecordings, nameFor } from "../../ops/prometheus/burn_rates.ts";
import { METRICS_OF_OTHERS, metricsIn } from "../../ops/prometheus/metric_names.ts";
import { ALERTS } from "../../ops/prometheus/rules.ts";
import { parseOptions } from "../../ops/tasks/status/options.ts";
import { run } from "../../ops/tasks/status/run.ts";
import { sleep } from "../../shared/resilience/backoff.ts";
import { PENDUDUK } from "../fixtures.ts";
import { startSystem, type System } from "../security/system.ts";
import { signIn } from "./client.ts";
import { eventually } from "./process.ts";

describe("The metrics of the running system", () => {
  let system: System;
  let metrics = "";

  before(async () => {
    system = await startSystem();
    const petugas = await signIn(system.url, "petugas");
    for (const penduduk of PENDUDUK) {
      const answer = await petugas.post("/penduduk", penduduk);
      assert.equal(answer.status, 201);
      await (await petugas.get(answer.headers.get("location") ?? "")).body?.cancel();
    }
    await eventually("the effects are in the metrics", async () => {
      metrics = await (await fetch(`${system.url}/metrics`)).text();
      return ["statistics-group", "notification-group"].every((group) =>
        metrics.includes(`event_effect_age_seconds_count{group="${group}"} ${PENDUDUK.length}\n`)
      );
    });
  });
  after(() => system.stop());

  it("are all that the rules and dashboards name", () => {
    const exported = new Set([
      ...Array.from(metrics.matchAll(/^# TYPE (\w+) /gm), ([, name = ""]) => name),
      ...METRICS_OF_OTHERS,
      ...burnRateRecordings().map(({ record }) => record),
    ]);
    const expressions = [
      ...ALERTS.map(({ expr }) => expr),
      ...burnRateRecordings().map(({ expr }) => expr),
      ...DASHBOARDS.flatMap(({ rows }) => rows).flatMap(({ panels }) => panels)
        .flatMap(({ queries }) => queries).map(({ expr }) => expr),
    ];
    const named = new Set(expressions.flatMap((expr) => [...metricsIn(expr)]));
    assert.ok(named.has("consumer_lag") && named.has(nameFor("1h")));
    const unknown = [...named].filter((name) => !exported.has(name));
    assert.deepEqual(unknown.filter((name) => !name.startsWith("kependudukan_probe_")), []);
    assert.equal(unknown.length > 0, true, "which tests/e2e/probe_test.ts looks for where a probe runs");
  });

  it("count each registration by route and role, in its batch, relayed, counted and sent", () => {
    const all = PENDUDUK.length;
    for (
      const line of [
        `http_server_request_duration_seconds_count{service="edge",method="POST",route="/penduduk",role="petugas",status="201"} ${all}`,
        `http_server_request_duration_seconds_count{service="edge",method="GET",route="/penduduk/:id",role="petugas",status="200"} ${all}`,
        `http_server_request_duration_seconds_count{service="edge",method="POST",route="/login",role="none",status="200"} 1`,
        `registration_batch_size_sum ${all}`,
        `relay_published_total ${all}`,
        `statistics_counted_total ${all}`,
        `sms_sends_total{result="sent",code="none"} ${all}`,
        'identity_introspections_total{audience="pendaftaran-service",answer="asked"} 1',
        "outbox_rows 0",
      ]
    ) assert.ok(metrics.includes(`\n${line}\n`), line);
    assert.match(metrics, /^audit_lines_total\{sink="table"\} [1-9]/m);
    assert.match(metrics, /^consumer_lag\{group="statistics-group",partition="9"\} 0$/m);
    assert.match(metrics, /^postgres_pool_connections\{pool="registration",state="idle"\} [1-9]/m);
    assert.match(metrics, /^identity_keys_age_seconds\{audience="gateway"\} \d/m);
  });

  it("hold nothing of the people, and no id of anybody", () => {
    for (const { nik, nama, alamat } of PENDUDUK) {
      for (const personal of [nik, nama, alamat]) assert.ok(!metrics.includes(personal), "personal data");
    }
    const labels = metrics.split("\n").filter((line) => !line.startsWith("#")).map((line) =>
      line.slice(0, line.lastIndexOf(" "))
    );
    // The commit may hold any digits.
    const others = labels.map((line) => line.replace(/revision="[0-9a-f]{40}"/, ""));
    assert.deepEqual(others.filter((line) => /\d{7}|[0-9a-f]{8}-[0-9a-f]{4}-/i.test(line)), []);
  });

  it("are what `deno task status` shows", async () => {
    let printed = "";
    const code = await run(parseOptions([system.url, "--seconds", "0.1"]), {
      fetch,
      sleep,
      now: () => performance.now(),
      signal: AbortSignal.timeout(10_000),
      print: (text) => printed += text,
    });
    assert.equal(code, 0, printed);
    assert.match(printed, /^outbox +0 rows, oldest 0 s, 0 parked$/m);
    assert.match(printed, /^lag +statistics-group 0, notification-group 0$/m);
    assert.match(printed, /^breakers .*registration closed/m);
    assert.match(printed, /^All is well$/m);
  });
});
