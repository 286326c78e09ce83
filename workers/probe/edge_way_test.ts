import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { SYNTHETIC_PROBE } from "../../shared/penduduk/synthetic.ts";
import { createMetrics } from "../../shared/telemetry/metrics.ts";
import { edgeWay } from "./edge_way.ts";
import { StepFailed } from "./probe.ts";
import { observeProbe } from "./probe_metrics.ts";

const ID = "01a20563-7537-707d-a5dd-c5aa72db60a0";
const signal = new AbortController().signal;

describe("The probe's way through the edge", () => {
  it("registers the synthetic person by a key of its own, as its account", async () => {
    const { way, requests } = edge(() => Response.json({ id: ID }, { status: 201 }));
    assert.equal(await way.register(signal), ID);
    const [request] = requests;
    assert.ok(request);
    assert.deepEqual([request.method, request.url], ["POST", "http://edge.invalid/penduduk"]);
    assert.equal(request.headers.get("authorization"), "Bearer token");
    assert.match(request.headers.get("idempotency-key") ?? "", /^[\da-f-]{36}$/);
    assert.deepEqual(await request.json(), SYNTHETIC_PROBE);
  });

  it("names the edge's code when it is refused, and the status where there is none", async () => {
    const refused = edge(() => Response.json({ code: "STORE_UNAVAILABLE" }, { status: 503 }));
    await assert.rejects(refused.way.register(signal), new StepFailed("STORE_UNAVAILABLE"));
    const proxied = edge(() => new Response("<html>", { status: 502 }));
    await assert.rejects(proxied.way.register(signal), new StepFailed("HTTP_502"));
    const strange = edge(() => Response.json({ code: "Budi 0811" }, { status: 500 }));
    await assert.rejects(strange.way.read(ID, signal), new StepFailed("HTTP_500"));
  });

  it("tells a connection that failed, a token that is not to be had, and an answer that is none", async () => {
    const away = edge(() => {
      throw new TypeError("connection refused");
    });
    await assert.rejects(away.way.lastCounted(signal), new StepFailed("CONNECTION"));
    const way = edgeWay({ url: "http://edge.invalid", token: () => Promise.resolve(undefined) });
    await assert.rejects(way.lastCounted(signal), new StepFailed("NO_TOKEN"));
    const strange = edge(() => Response.json({ id: 1 }));
    await assert.rejects(strange.way.read(ID, signal), new StepFailed("HTTP_200"));
  });

  it("takes a person back that is not there any more", async () => {
    for (const status of [204, 404]) {
      await edge(() => new Response(null, { status })).way.takeBack(ID, signal);
    }
    await assert.rejects(edge(() => new Response(null, { status: 403 })).way.takeBack(ID, signal));
  });

  it("waits until the statistics have counted something, and no longer than it may", async () => {
    let looks = 0;
    const { way } = edge(() => Response.json({ asOf: ++looks < 4 ? null : "2026-11-23T04:00:00Z" }));
    assert.equal(await way.countedSince(null, signal), "2026-11-23T04:00:00Z");
    assert.equal(looks, 4);
    const still = edge(() => Response.json({ asOf: null })).way;
    await assert.rejects(still.countedSince(null, AbortSignal.timeout(20)), (error) => {
      return error instanceof StepFailed && /^(NOT_COUNTED|TIMEOUT)$/.test(error.code);
    });
  });
});

describe("The metrics of the probe", () => {
  it("tell the last run by step, the runs by outcome, and when it last went well", async () => {
    const metrics = createMetrics();
    const observe = observeProbe(metrics, () => 1_000_000);
    const before = await metrics.text();
    assert.ok(before.includes("kependudukan_probe_last_success_time_seconds 0\n"));
    assert.ok(!/^kependudukan_probe_success \d/m.test(before), "nothing is said before the first run");
    observe({ kind: "succeeded", seconds: { register: 0.25, count: 1 } });
    observe({ kind: "failed", step: "register", code: "STORE_UNAVAILABLE", seconds: { clean: 0.5 } });
    const lines = (await metrics.text()).split("\n").filter((line) => line.startsWith("kependudukan_probe"));
    assert.deepEqual(lines.toSorted(), [
      "kependudukan_probe_last_success_time_seconds 1000",
      'kependudukan_probe_runs_total{result="failed",step="register",code="STORE_UNAVAILABLE"} 1',
      'kependudukan_probe_runs_total{result="succeeded",step="",code=""} 1',
      'kependudukan_probe_step_seconds{step="clean"} 0.5',
      "kependudukan_probe_success 0",
    ]);
  });
});

function edge(answer: () => Response) {
  const requests: Request[] = [];
  const way = edgeWay({
    url: "http://edge.invalid",
    token: () => Promise.resolve("token"),
    pause: { baseMs: 0 },
    fetch: (url, init) =>
      Promise.resolve().then(() => {
        requests.push(new Request(url, init));
        return answer();
      }),
  });
  return { way, requests };
}
