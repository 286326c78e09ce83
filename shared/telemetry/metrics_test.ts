import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { createMetrics, type Metrics } from "./metrics.ts";

describe("The metrics", () => {
  it("count requests by route, role and status", async () => {
    const metrics = createMetrics();
    metrics.observeRequest({ ...REQUEST, seconds: 0.02 });
    metrics.observeRequest({ ...REQUEST, seconds: 0.2 });
    assert.deepEqual(await lines(metrics, "http_server_request_duration_seconds_count"), [
      `http_server_request_duration_seconds_count{service="edge",method="POST",route="/penduduk",role="petugas",status="201"} 2`,
    ]);
  });

  it("take no method that a client invented", async () => {
    const metrics = createMetrics();
    for (const method of ["BREW", "X1", "X2"]) metrics.observeRequest({ ...REQUEST, method, seconds: 1 });
    const [line, ...others] = await lines(metrics, "http_server_request_duration_seconds_count");
    assert.match(line ?? "", /method="other".* 3$/);
    assert.deepEqual(others, []);
  });

  it("hold no number of a person, no id and no mail address, whoever passes one", async () => {
    const digit = fc.constantFrom(..."0123456789");
    const personal = fc.oneof(
      fc.string({ unit: digit, minLength: 7, maxLength: 20 }),
      fc.uuid(),
      fc.emailAddress(),
    );
    await fc.assert(
      fc.asyncProperty(personal, async (value) => {
        const metrics = createMetrics();
        metrics.counterBy("seen_total", "Seen", ["by"])({ by: `x ${value}` });
        metrics.gaugeBy("seen", "Seen", ["by"])({ by: value }, 1);
        metrics.gauges("read", "Read", ["by"], () => [{ labels: { by: value }, value: 1 }]);
        metrics.observeRequest({ ...REQUEST, route: `/penduduk/${value}`, seconds: 1 });
        const text = await metrics.text();
        assert.ok(!text.includes(value));
        assert.ok(text.includes('seen_total{by="other"} 1'));
      }),
      { numRuns: 50 },
    );
  });

  it("stop at a bound of series: what comes then is counted as other, and nothing is lost", async () => {
    const metrics = createMetrics();
    const count = metrics.counterBy("codes_total", "Codes", ["code"]);
    for (let code = 0; code < 2_000; code++) count({ code: `C${code}` });
    const series = await lines(metrics, "codes_total{");
    assert.equal(series.length, 501);
    assert.ok(series.includes('codes_total{code="other"} 1500'));
  });

  it("leave out what cannot be read, say so, and show all the rest", async () => {
    const metrics = createMetrics({ readMs: 20 });
    let away = false;
    metrics.gauge("depth", "Depth", () => away ? Promise.reject(new Error("away")) : 7);
    metrics.gauge("stuck", "Stuck", () => new Promise<number>(() => {}));
    metrics.gauge("sound", "Sound", () => 1);
    assert.deepEqual(await lines(metrics, "depth"), ["depth 7"]);
    away = true;
    assert.deepEqual(await lines(metrics, "depth"), []);
    assert.deepEqual(await lines(metrics, "stuck"), []);
    assert.deepEqual(await lines(metrics, "sound"), ["sound 1"]);
    const failures = await lines(metrics, "metrics_read_failures_total{");
    assert.ok(failures.includes('metrics_read_failures_total{metric="stuck"} 4'), failures.join("\n"));
    away = false;
    assert.deepEqual(await lines(metrics, "depth"), ["depth 7"]);
  });

  it("forget a series that is read no more, such as a partition that was taken away", async () => {
    const metrics = createMetrics();
    let partitions = ["0", "1"];
    metrics.gauges(
      "lag",
      "Lag",
      ["partition"],
      () => partitions.map((partition) => ({ labels: { partition }, value: 1 })),
    );
    assert.equal((await lines(metrics, "lag{")).length, 2);
    partitions = ["1"];
    assert.deepEqual(await lines(metrics, "lag{"), ['lag{partition="1"} 1']);
  });
});

const REQUEST = { service: "edge", method: "POST", route: "/penduduk", role: "petugas", status: 201 };

async function lines(metrics: Metrics, prefix: string): Promise<readonly string[]> {
  return (await metrics.text()).split("\n").filter((line) => line.startsWith(prefix));
}
