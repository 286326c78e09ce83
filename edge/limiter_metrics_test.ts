import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createMetrics } from "../shared/telemetry/metrics.ts";
import { observeLimiters } from "./limiter_metrics.ts";

describe("the metrics of the edge's limiters", () => {
  it("count verdicts and show, until it is over, that a limiter counts alone", async () => {
    const metrics = createMetrics();
    const verdict = { allowed: true, limit: 1, remaining: 0, resetMs: 1, degraded: false };
    const said = [verdict, { ...verdict, allowed: false, degraded: true }, verdict];
    const limiter = observeLimiters(metrics)("user", {
      take: () => Promise.resolve(said.shift() ?? verdict),
    });
    const degraded = async () =>
      /edge_limiter_degraded\{limiter="user"\} (\d)/.exec(await metrics.text())?.[1];
    assert.equal(await degraded(), "0");
    assert.deepEqual(await limiter.take("somebody"), verdict);
    await limiter.take("somebody");
    assert.equal(await degraded(), "1");
    await limiter.take("somebody");
    assert.equal(await degraded(), "0");
    const text = await metrics.text();
    assert.ok(text.includes('edge_limit_verdicts_total{limiter="user",verdict="allowed"} 2\n'));
    assert.ok(text.includes('edge_limit_verdicts_total{limiter="user",verdict="refused"} 1\n'));
    assert.ok(!text.includes("somebody"));
  });
});
