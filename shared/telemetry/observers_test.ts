import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { observeEvents } from "./event_metrics.ts";
import { observeIdentity } from "./identity_metrics.ts";
import { createMetrics } from "./metrics.ts";
import { observeProcess } from "./process_metrics.ts";

describe("What the parts tell of themselves", () => {
  it("is the lag of each group by partition, the age of its effects and its dead letters by code", async () => {
    const metrics = createMetrics();
    const events = observeEvents(metrics);
    const { onEffect, onLetter } = events.follow("statistics-group", {
      lag: () => Promise.resolve([{ partition: 0, lag: 3 }, { partition: 1, lag: 0 }]),
    });
    onEffect(0.7);
    onLetter("UNKNOWN_TYPE");
    const text = await metrics.text();
    for (
      const line of [
        'consumer_lag{group="statistics-group",partition="0"} 3',
        'consumer_lag{group="statistics-group",partition="1"} 0',
        'event_effect_age_seconds_bucket{le="0.5",group="statistics-group"} 0',
        'event_effect_age_seconds_bucket{le="1",group="statistics-group"} 1',
        'dead_letters_total{group="statistics-group",code="UNKNOWN_TYPE"} 1',
      ]
    ) assert.ok(text.includes(`\n${line}\n`), line);
    assert.ok(!text.includes("notification-group"));
  });

  it("is the age of the identity provider's keys, once they were read, and what tokens were asked for", async () => {
    const metrics = createMetrics();
    let now = 10_000;
    const observe = observeIdentity(metrics, () => now)("gateway");
    assert.ok(!(await metrics.text()).includes("identity_keys_age_seconds{"));
    observe({ kind: "keys-loaded" });
    observe({ kind: "introspection", answer: "remembered" });
    observe({ kind: "introspection", answer: "asked" });
    now += 90_000;
    const text = await metrics.text();
    assert.ok(text.includes('identity_keys_age_seconds{audience="gateway"} 90\n'));
    assert.ok(text.includes('identity_introspections_total{audience="gateway",answer="remembered"} 1\n'));
    assert.ok(text.includes('identity_introspections_total{audience="gateway",answer="asked"} 1\n'));
  });

  it("is memory, processor and versions of the process, and how late its thread is", async () => {
    const metrics = createMetrics();
    const stop = new AbortController();
    observeProcess(metrics, "0123456789abcdef0123456789abcdef01234567", stop.signal);
    // Nothing else gets its turn meanwhile, the timer of 250 ms neither.
    const until = performance.now() + 600;
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 0));
    stop.abort();
    const text = await metrics.text();
    assert.ok(value(text, 'process_memory_bytes{kind="rss"}') > 10e6);
    assert.ok(value(text, "process_cpu_seconds") > 0.3);
    assert.ok(
      text.includes(
        `build_info{revision="0123456789abcdef0123456789abcdef01234567",deno="${Deno.version.deno}",v8=`,
      ),
    );
    assert.ok(value(text, "event_loop_delay_seconds_sum") > 0.25, text);
  });
});

function value(text: string, series: string): number {
  const line = text.split("\n").find((line) => line.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1));
}
