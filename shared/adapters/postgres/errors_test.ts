import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { classify, type FailureKind } from "./errors.ts";

describe("classify", () => {
  const byCode: Record<FailureKind, readonly string[]> = {
    unavailable: [
      "08006",
      "08001",
      "53300",
      "53100",
      "28P01",
      "57P01",
      "57P02",
      "57P03",
      "57014",
      "58030",
      "25006",
      "ECONNREFUSED",
    ],
    data: ["22021", "22001", "22P02", "23505", "23502", "23514"],
    conflict: ["40001", "40P01", "55P03"],
    other: ["42P01", "42501", "XX000", "0A000", "EACCES"],
  };
  for (const kind of ["unavailable", "data", "conflict", "other"] as const) {
    it(`takes ${byCode[kind].join(", ")} for "${kind}"`, () => {
      for (const code of byCode[kind]) {
        assert.deepEqual(classify(Object.assign(new Error("x"), { code })), {
          kind,
          code,
          constraint: undefined,
        });
      }
    });
  }

  it("knows a lost connection and a missed deadline by pg's messages, which carry no code", () => {
    const kinds = [
      "Connection terminated unexpectedly",
      "Connection terminated due to connection timeout",
      "Client has encountered a connection error and is not queryable",
      "Client was closed and is not queryable",
      "timeout exceeded when trying to connect",
      "timeout expired",
      "Query read timeout",
      "Cannot use a pool after calling end on the pool",
    ].map((message) => classify(new Error(message)).kind);
    assert.deepEqual(new Set(kinds), new Set(["unavailable"]));
  });

  it("takes the deadline of a signal for unavailable, but not the caller's own abort", () => {
    assert.equal(classify(new DOMException("Signal timed out", "TimeoutError")).kind, "unavailable");
    assert.equal(classify(AbortSignal.abort().reason).kind, "other");
  });

  it("looks for the code in the cause", () => {
    const cause = Object.assign(new Error("x"), { code: "40P01" });
    assert.equal(classify(new Error("Cannot apply step", { cause })).kind, "conflict");
  });

  it("does not take what is no error for anything", () => {
    for (const value of [undefined, null, "08006", 7, {}, new Error("x")]) {
      assert.deepEqual(classify(value), { kind: "other", code: "unknown", constraint: undefined });
    }
  });
});
