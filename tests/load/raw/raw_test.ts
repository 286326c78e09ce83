import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { readPgbench, readProducer } from "./raw.ts";

describe("the raw limits", () => {
  it("are read from pgbench", () => {
    const printed = "number of failed transactions: 0 (0.000%)\nlatency average = 3.558 ms\n" +
      "initial connection time = 25.1 ms\ntps = 5621.117 (without initial connection time)\n";
    assert.deepEqual(readPgbench(printed), { perSecond: 5621.117 });
  });

  it("are read from the last line of ProducerPerformance", () => {
    const printed =
      "9861 records sent, 1971.0 records/sec (0.56 MB/sec), 1.0 ms avg latency, 2.0 ms max latency.\n" +
      "50000 records sent, 24390.2 records/sec (6.98 MB/sec), 210.51 ms avg latency, 402.00 ms max latency, " +
      "219 ms 50th, 357 ms 95th, 383 ms 99th, 400 ms 99.9th.\n";
    assert.deepEqual(readProducer(printed), { perSecond: 24390.2, p50Ms: 219, p95Ms: 357, p99Ms: 383 });
  });

  it("must be there", () => {
    assert.throws(() => readPgbench("connection refused"), /pgbench printed no rate/);
    assert.throws(() => readProducer("Timeout"), /ProducerPerformance printed no rate/);
  });
});
