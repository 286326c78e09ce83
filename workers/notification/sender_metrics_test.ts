import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseTelepon, type SendResult, smsId } from "../../shared/ports/sms.ts";
import { createMetrics } from "../../shared/telemetry/metrics.ts";
import { observeSender } from "./sender_metrics.ts";

describe("the metrics of the SMS provider", () => {
  it("count its answers by result and code, and change none", async () => {
    const metrics = createMetrics();
    const results: SendResult[] = [
      { kind: "sent", providerId: "SM1" },
      { kind: "refused", code: "21211" },
      { kind: "refused", code: "21211" },
      { kind: "ambiguous", code: "TIMEOUT" },
    ];
    const left = [...results];
    const sender = observeSender({
      idempotent: false,
      ordered: true,
      send: () => Promise.resolve(left.shift() ?? { kind: "throttled", retryAfterMs: 1 }),
      find: () => Promise.resolve("SM1"),
      check: () => Promise.reject(new Error("away")),
    }, metrics);
    const to = parseTelepon("+12025550100");
    assert.ok(to);
    const sms = { id: smsId("event", "officer"), to, body: "" };
    const { signal } = new AbortController();
    for (const result of results) assert.deepEqual(await sender.send(sms, signal), result);
    assert.deepEqual([sender.idempotent, sender.ordered, await sender.find(sms, signal)], [
      false,
      true,
      "SM1",
    ]);
    await assert.rejects(sender.check(signal), /away/);
    const text = await metrics.text();
    assert.ok(text.includes('sms_sends_total{result="refused",code="21211"} 2\n'));
    assert.ok(text.includes('sms_sends_total{result="sent",code="none"} 1\n'));
    assert.ok(text.includes('sms_sends_total{result="ambiguous",code="TIMEOUT"} 1\n'));
    assert.ok(text.includes("sms_send_seconds_count 4\n"));
  });
});
