import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { continueTrace, readTraceparent, traceparent } from "./trace.ts";

const PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

describe("The trace of a request", () => {
  it("keeps the trace of the caller under a span of its own", () => {
    const trace = continueTrace(readTraceparent(PARENT));
    assert.equal(trace.traceId, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert.notEqual(trace.spanId, "00f067aa0ba902b7");
    assert.equal(trace.sampled, true);
    assert.match(traceparent(trace), /^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
  });

  for (
    const [reason, header] of [
      ["absent", undefined],
      ["empty", ""],
      ["all zeros", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`],
      ["a zero parent", `00-4bf92f3577b34da6a3ce929d0e0e4736-${"0".repeat(16)}-01`],
      ["the forbidden version", PARENT.replace("00-", "ff-")],
      ["not hexadecimal", PARENT.replace("4bf9", "zzzz")],
    ] as const
  ) {
    it(`begins a trace of its own when the header is ${reason}`, () => {
      const trace = continueTrace(readTraceparent(header));
      assert.match(trace.traceId, /^[0-9a-f]{32}$/);
      assert.notEqual(trace.traceId, "4bf92f3577b34da6a3ce929d0e0e4736");
    });
  }
});
