import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Span } from "./jaeger.ts";
import { drawTree, systemsOf } from "./trace_tree.ts";

describe("drawTree", () => {
  it("puts each span below its parent, in the order of their start", () => {
    const spans = [
      span("c", "a", "relay", 7_000),
      span("b", "a", "registration", 2_000),
      span("d", "b", "registration", 3_000, 2),
      span("a", undefined, "edge", 1_000),
    ];
    assert.deepEqual(drawTree(spans).split("\n"), [
      "     0.0 ms      1.5 ms  edge          span a",
      "     1.0 ms      1.5 ms  registration  ├─ span b",
      "     2.0 ms      1.5 ms  registration  │  └─ span d (2 linked)",
      "     6.0 ms      1.5 ms  relay         └─ span c",
    ]);
  });

  it("puts a span whose parent is not there at the left", () => {
    assert.equal(
      drawTree([span("b", "elsewhere", "edge", 1_000), span("c", "b", "edge", 1_000)]),
      "     0.0 ms      1.5 ms  edge  span b\n     0.0 ms      1.5 ms  edge  └─ span c",
    );
  });
});

describe("systemsOf", () => {
  it("names each process and each system that it called, once", () => {
    const calls = [{ "db.system.name": "postgresql" }, { "peer.service": "relay" }, {
      "messaging.system": "kafka",
    }];
    const spans = calls.map((attributes) => ({ ...span("a", undefined, "relay", 0), attributes }));
    assert.deepEqual(systemsOf(spans), ["relay", "postgresql", "kafka"]);
  });
});

function span(
  spanId: string,
  parentId: string | undefined,
  service: string,
  startedAt: number,
  links = 0,
): Span {
  return {
    spanId,
    parentId,
    service,
    startedAt,
    name: `span ${spanId}`,
    microseconds: 1_500,
    attributes: {},
    resource: {},
    events: [],
    links: Array.from({ length: links }, (_, i) => ({ traceId: "t", spanId: String(i) })),
  };
}
