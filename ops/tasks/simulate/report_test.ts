import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { EMPTY_FLEET, type Fleet } from "./fleet.ts";
import { percentiles, type RunResult, toReport } from "./report.ts";
import { toText } from "./report_text.ts";
import { Tally } from "./tally.ts";

describe("The report", () => {
  const after: Fleet = {
    ...EMPTY_FLEET,
    registry: 2,
    events: 2,
    statistics: 2,
    sms: { ...EMPTY_FLEET.sms, sent: 2 },
    smsExpected: 2,
    provinces: new Map([["31", 2]]),
  };
  const result = (tally: Tally, changed: Partial<RunResult> = {}): RunResult => ({
    seed: 7,
    count: 2,
    seconds: 2,
    tally,
    before: EMPTY_FLEET,
    settled: { last: { kind: "read", fleet: after }, statisticsMs: 1200, smsMs: 1800 },
    stopped: false,
    ...changed,
  });
  const registeredTwo = () => {
    const tally = new Tally();
    tally.add("31", { kind: "registered" });
    tally.add("31", { kind: "registered" });
    tally.latencies.push(10, 20, 30);
    return tally;
  };

  it("agrees when two were answered and everything holds two", () => {
    const report = toReport(result(registeredTwo()));
    assert.equal(report.agrees, true);
    assert.equal(
      toText(report),
      `residents  2 of 2 registered, 0 conflicts
requests   3 in 2.0 s, 2 per second
latency    P50 20 ms, P95 30 ms, P99 30 ms
errors     0
retries    0
caught up  statistics after 1.2 s, SMS after 1.8 s
grown by   registry 2, events 2, statistics 2, SMS 2
seed       7

Everything agrees: registry, events, statistics and SMS.
`,
    );
  });

  it("does not agree when a resident could not be registered", () => {
    const tally = registeredTwo();
    tally.add("32", { kind: "failed", code: "INVALID_INPUT", maybeStored: false, gaveUp: false });
    const report = toReport(result(tally, { count: 3 }));
    assert.equal(report.agrees, false);
    assert.deepEqual(report.problems, ["1 of 3 residents were not registered"]);
    assert.match(toText(report), /errors +1 INVALID_INPUT\n[^]*Something differs:\n +- 1 of 3/);
  });

  it("agrees when a resident was known before the run", () => {
    const tally = registeredTwo();
    tally.add("32", { kind: "conflict", maybeStored: false });
    const report = toReport(result(tally, { count: 3 }));
    assert.equal(report.agrees, true);
    assert.equal(report.conflicts, 1);
  });

  it("does not agree when the stores could not be read afterwards", () => {
    const settled = {
      last: { kind: "unreadable", reason: "Read failed" },
      statisticsMs: undefined,
      smsMs: undefined,
    } as const;
    const report = toReport(result(registeredTwo(), { settled }));
    assert.equal(report.agrees, false);
    assert.deepEqual(report.problems, ["Read failed"]);
    assert.match(toText(report), /statistics after never, SMS after never/);
  });

  it("claims nothing when the run was stopped", () => {
    const report = toReport(result(registeredTwo(), { settled: undefined, stopped: true, count: 10 }));
    assert.deepEqual({ agrees: report.agrees, problems: report.problems }, { agrees: false, problems: [] });
    assert.match(toText(report), /Stopped: the stores were not compared\.\n$/);
  });

  it("gives percentiles that so many samples do not exceed", () => {
    assert.deepEqual(percentiles([]), { p50: null, p95: null, p99: null });
    const samples = fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1, maxLength: 300 });
    fc.assert(fc.property(samples, (samples) => {
      const { p50, p95, p99 } = percentiles(samples);
      for (const [share, value] of [[0.5, p50], [0.95, p95], [0.99, p99]] as const) {
        const limit = value ?? assert.fail("Expected a percentile");
        assert.ok(samples.filter((sample) => sample <= limit).length >= share * samples.length);
        assert.ok(samples.filter((sample) => sample < limit).length < share * samples.length);
      }
    }));
  });
});
