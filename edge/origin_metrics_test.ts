import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createMetrics } from "../shared/telemetry/metrics.ts";
import { observeOrigins } from "./origin_metrics.ts";

describe("the metrics of the edge's guards", () => {
  it("show each origin's breaker from the start, and what it, the bound and the retries did", async () => {
    const metrics = createMetrics();
    const origin = { url: "http://origin.invalid", transport: () => new Response("") };
    const origins = { auth: origin, registration: origin, statistics: origin, notification: origin };
    const observe = observeOrigins(metrics, origins);
    assert.deepEqual(await lines(metrics), [
      'edge_breaker_state{origin="auth"} 0',
      'edge_breaker_state{origin="notification"} 0',
      'edge_breaker_state{origin="registration"} 0',
      'edge_breaker_state{origin="statistics"} 0',
    ]);
    observe("statistics", { kind: "breaker", state: "open" });
    observe("statistics", { kind: "refused", by: "open" });
    observe("auth", { kind: "breaker", state: "half-open" });
    observe("registration", { kind: "refused", by: "full" });
    observe("registration", { kind: "refused", by: "full" });
    observe("registration", { kind: "retry" });
    assert.deepEqual(await lines(metrics), [
      'edge_breaker_changes_total{origin="auth",to="half-open"} 1',
      'edge_breaker_changes_total{origin="statistics",to="open"} 1',
      'edge_breaker_state{origin="auth"} 1',
      'edge_breaker_state{origin="notification"} 0',
      'edge_breaker_state{origin="registration"} 0',
      'edge_breaker_state{origin="statistics"} 2',
      'edge_origin_refused_total{origin="registration",by="full"} 2',
      'edge_origin_refused_total{origin="statistics",by="open"} 1',
      'edge_origin_retries_total{origin="registration"} 1',
    ]);
  });
});

async function lines(metrics: ReturnType<typeof createMetrics>): Promise<readonly string[]> {
  return (await metrics.text()).split("\n").filter((line) => line.startsWith("edge_")).sort();
}
