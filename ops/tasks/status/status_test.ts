import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseOptions } from "./options.ts";
import { run } from "./run.ts";

describe("deno task status", () => {
  it("shows rates and percentiles between two looks, and that all is well", async () => {
    const { printed, code } = await show([sound(1_000, 0), sound(3_000, 100)]);
    assert.equal(code, 0, printed);
    for (
      const line of [
        "part          http://part ok",
        "requests      60.0/s, 0.0/s of them failed",
        "registered    50.0/s, P99 150 ms",
        "relayed       50.0/s",
        "counted       0.0/s, P99 – after the registration",
        "outbox        3 rows, oldest 0.4 s, 0 parked",
        "lag           statistics-group 5",
        "dead letters  0",
        "breakers      registration closed",
        "All is well",
      ]
    ) assert.ok(printed.includes(`${line}\n`), `${line}\n\n${printed}`);
    assert.ok(printed.split("\n").every((line) => line.length <= 80));
  });

  it("says what is wrong, and ends with 1", async () => {
    const broken = {
      ...sound(3_000, 100),
      ready: { status: "unavailable", dependencies: { postgresql: "unavailable", audit: "ok" } },
      metrics: sound(3_000, 100).metrics + `
http_server_request_duration_seconds_count{service="edge",method="GET",route="/stats",role="admin",status="503"} 8
edge_breaker_state{origin="statistics"} 2
edge_limiter_degraded{limiter="user"} 1
dead_letters_open 4
outbox_parked_rows 2
outbox_oldest_seconds 61
event_effect_age_seconds_bucket{le="5",group="statistics-group"} 0
event_effect_age_seconds_bucket{le="10",group="statistics-group"} 9
event_effect_age_seconds_bucket{le="+Inf",group="statistics-group"} 9
`,
    };
    const { printed, code } = await show([sound(1_000, 0), broken]);
    assert.equal(code, 1);
    assert.deepEqual(printed.split("\n").filter((line) => line.startsWith("!")), [
      "! http://part is unavailable",
      "! http://part: postgresql is unavailable",
      "! 4.0 requests a second fail",
      "! Statistics take 9.95 s (P99), promised are 2 s",
      "! The outbox does not empty",
      "! 2 events are parked in the outbox",
      "! 4 dead letters wait",
      "! The breaker of statistics is open",
      "! Degraded: limiter user",
    ]);
  });

  it("shows the alerts of Prometheus, and that it does not answer, and that there is none", async () => {
    const looks = [sound(1_000, 0), sound(3_000, 100)];
    const alert = (alertname: string, state: string) => ({
      labels: { alertname, severity: "page" },
      annotations: { summary: "It is slow", runbook_url: "ops/runbooks/probe.md" },
      state,
      activeAt: "2026-11-23T04:00:00Z",
      value: "1e+00",
    });
    const alerts = [alert("ProbeFails", "firing"), alert("OutboxStuck", "pending")];
    const firing = await show(looks, [], undefined, { status: "success", data: { alerts } });
    assert.match(firing.printed, /^alerts +ProbeFails, OutboxStuck \(pending\)$/m);
    assert.match(
      firing.printed,
      /^! ProbeFails since 2026-11-23T04:00:00Z: It is slow \(ops\/runbooks\/probe\.md\)$/m,
    );
    assert.doesNotMatch(firing.printed, /^! OutboxStuck/m);
    assert.equal(firing.code, 1);
    const silent = await show(looks, [], undefined, { data: { alerts: [] } });
    assert.match(silent.printed, /^alerts +none$/m);
    assert.equal(silent.code, 0);
    const strange = await show(looks, [], undefined, { status: "error" });
    assert.match(strange.printed, /^! Prometheus does not tell its alerts \(ZodError\)$/m);
    assert.match((await show(looks)).printed, /^alerts +no Prometheus$/m);
  });

  it("tells which commits run", async () => {
    const newer = {
      ...sound(3_000, 100),
      metrics: `build_info{revision="${"a".repeat(40)}",deno="2.9.6"} 1\n`,
    };
    assert.match((await show([sound(1_000, 0), newer])).printed, /^revision +aaaaaaaaaaaa$/m);
  });

  it("prints one line of JSON with the same figures", async () => {
    const { printed } = await show([sound(1_000, 0), sound(3_000, 100)], ["--json"]);
    const { perSecond, lag, problems } = JSON.parse(printed);
    assert.deepEqual([perSecond.registered, lag, problems], [50, { "statistics-group": 5 }, []]);
  });

  it("goes on with --watch until it is stopped", async () => {
    const looks = [sound(1_000, 0), sound(3_000, 100), sound(5_000, 120)];
    const { printed, code } = await show(looks, ["--watch"]);
    assert.deepEqual(printed.match(/^registered +[^,]+/gm), ["registered    50.0/s", "registered    10.0/s"]);
    assert.equal(code, 0);
  });

  it("says that a part that was named does not answer, and passes over one that was not", async () => {
    const named = await show([undefined, undefined]);
    assert.match(named.printed, /^! http:\/\/part is away$/m);
    assert.equal(named.code, 1);
    const searched = await show([undefined, undefined], [], []);
    assert.match(searched.printed, /^! No part answers$/m);
    assert.doesNotMatch(searched.printed, /away/);
  });

  for (const wrong of [["part:8000"], ["--seconds", "0"], ["--fast"], ["ftp://part"]]) {
    it(`refuses "${wrong.join(" ")}"`, () => {
      assert.throws(() => parseOptions(wrong), { name: "WrongOption" });
    });
  }
});

/** What the one part says at each look; undefined where nobody listens. */
async function show(
  looks: readonly (Answer | undefined)[],
  args: string[] = [],
  urls = ["http://part/"],
  alerts?: unknown,
) {
  const stop = new AbortController();
  let [next, printed] = [0, ""];
  const world = {
    fetch(url: string) {
      if (url === "http://prometheus/api/v1/alerts") return Promise.resolve(Response.json(alerts));
      const answer = looks[next];
      if (!answer) return Promise.reject(new TypeError("Connection refused"));
      return Promise.resolve(
        url.endsWith("/metrics") ? new Response(answer.metrics) : Response.json(answer.ready),
      );
    },
    now: () => looks[next]?.at ?? 0,
    signal: stop.signal,
    sleep() {
      if (++next >= looks.length) stop.abort();
      return Promise.resolve();
    },
    print: (text: string) => void (printed += text),
  };
  const code = await run(
    parseOptions([...urls, ...args], alerts === undefined ? alerts : "http://prometheus/"),
    world,
  );
  return { printed, code };
}

interface Answer {
  readonly at: number;
  readonly ready: unknown;
  readonly metrics: string;
}

function sound(at: number, registered: number): Answer {
  const register = 'service="edge",method="POST",route="/penduduk",role="petugas",status="201"';
  return {
    at,
    ready: { status: "ok", dependencies: { postgresql: "ok" } },
    metrics: `# HELP outbox_rows Registrations
http_server_request_duration_seconds_bucket{le="0.1",${register}} 0
http_server_request_duration_seconds_bucket{le="0.15",${register}} ${registered}
http_server_request_duration_seconds_bucket{le="+Inf",${register}} ${registered}
http_server_request_duration_seconds_count{${register}} ${registered}
http_server_request_duration_seconds_count{service="edge",method="GET",route="/stats",role="admin",status="200"} ${
      registered / 5
    }
http_server_request_duration_seconds_count{service="registration",method="POST",route="/penduduk",role="petugas",status="201"} ${registered}
relay_published_total ${registered}
outbox_rows 3
outbox_oldest_seconds 0.4
outbox_parked_rows 0
consumer_lag{group="statistics-group",partition="0"} 2
consumer_lag{group="statistics-group",partition="1"} 3
dead_letters_open 0
edge_breaker_state{origin="registration"} 0
`,
  };
}
