import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { readOutput } from "./wrk.ts";

const printed = (result: Readonly<Record<string, number>>) =>
  `Running 6s test @ http://127.0.0.1:8000\n  1 threads and 100 connections\nRESULT ${
    JSON.stringify(result)
  }\n`;
const fine = {
  ...{ requests: 12_000, us: 6_000_000, p50: 20_500, p95: 31_000, p99: 45_000, max: 90_000 },
  ...{ status: 0, connect: 0, read: 0, write: 0, timeout: 0 },
};

describe("the result of wrk", () => {
  it("is read in seconds and milliseconds", () => {
    assert.deepEqual(readOutput(printed(fine)), {
      ...{ succeeded: 12_000, perSecond: 2000, p50Ms: 20.5, p95Ms: 31, p99Ms: 45 },
      ...{ errorPercent: 0, socketErrors: 0 },
    });
  });

  it("counts what was refused as no success", () => {
    const { succeeded, perSecond, errorPercent } = readOutput(printed({ ...fine, status: 3_000 }));
    assert.deepEqual({ succeeded, perSecond, errorPercent }, {
      succeeded: 9_000,
      perSecond: 1500,
      errorPercent: 25,
    });
  });

  it("counts connections that failed, of whatever kind", () => {
    const { socketErrors, errorPercent } = readOutput(
      printed({ ...fine, requests: 96, connect: 1, read: 1, write: 1, timeout: 1 }),
    );
    assert.deepEqual({ socketErrors, errorPercent }, { socketErrors: 4, errorPercent: 4 });
  });

  it("is none when nothing was served", () => {
    assert.throws(
      () => readOutput(printed({ ...fine, status: 12_000, read: 3 })),
      /^Error: None of 12000 requests was served, and 3 connections failed$/,
    );
  });

  it("must be there", () => {
    assert.throws(() => readOutput("unable to connect\n"), /wrk printed no result/);
  });
});
