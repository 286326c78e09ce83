import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { LogRecord } from "@logtape/logtape";
import { ecsLine } from "./ecs.ts";

const SERVICE = { name: "relay", version: "0123456789abcdef0123456789abcdef01234567" };

describe("A log line in ECS", () => {
  it("has the names that its readers agreed on", () => {
    const { "event.id": id, ...line } = written({
      category: ["kependudukan", "kafka"],
      level: "warning",
      message: ["Member of ", "statistics-group", " failed: ", { broker: 3 }, ""],
      properties: {
        group: "statistics-group",
        "broker.id": 3,
        traceId: "a".repeat(32),
        spanId: "b".repeat(16),
      },
    });
    assert.match(String(id), /^[0-9a-f]{16}-\d+$/);
    assert.deepEqual(line, {
      "@timestamp": "2026-11-23T04:00:00.000Z",
      "log.level": "warning",
      message: 'Member of statistics-group failed: {"broker":3}',
      "ecs.version": "8.17.0",
      "log.logger": "kependudukan.kafka",
      "service.name": "relay",
      "service.version": SERVICE.version,
      "trace.id": "a".repeat(32),
      "span.id": "b".repeat(16),
      labels: { group: "statistics-group", broker_id: "3" },
    });
  });

  it("is one line, whatever stands in it", () => {
    assert.equal(ecsLine(record({ message: ["one\ntwo\u2028three"] }), SERVICE).split("\n").length, 2);
  });

  it("has an id of its own, so that shipping it twice changes nothing", () => {
    const ids = Array.from({ length: 1000 }, () => written({})["event.id"]);
    assert.equal(new Set(ids).size, ids.length);
  });

  it("tells an error's type and where it came from, and never its message", () => {
    const error = new TypeError("first line of a secret\nsecond line of a secret");
    const line = written({ message: ["Failed ", error, ""], properties: { error } });
    assert.equal(line["error.type"], "TypeError");
    assert.match(String(line["error.stack_trace"]), /^at .*ecs_test\.ts/);
    assert.doesNotMatch(JSON.stringify(line), /secret/);
  });

  it("takes a name with a stack apart, and the reason and the code that were made for the log", () => {
    const line = written({
      properties: { error: "TypeError \n    at f (file:///a.ts:1:2)", reason: "refused", code: "57P01" },
    });
    assert.deepEqual(
      [
        line["error.type"],
        line["error.stack_trace"],
        line["error.message"],
        line["error.code"],
        line["labels"],
      ],
      ["TypeError", "at f (file:///a.ts:1:2)", "refused", "57P01", undefined],
    );
  });

  it("tells of a request by ECS's names, its time in nanoseconds", () => {
    const line = written({
      properties: { method: "POST", route: "/penduduk", status: 503, durationMs: 1.5 },
    });
    assert.deepEqual(
      [
        line["http.request.method"],
        line["http.response.status_code"],
        line["event.duration"],
        line["labels"],
      ],
      ["POST", 503, 1_500_000, { route: "/penduduk" }],
    );
  });
});

function written(over: Partial<LogRecord>): Readonly<Record<string, unknown>> {
  return JSON.parse(ecsLine(record(over), SERVICE));
}

function record(over: Partial<LogRecord>): LogRecord {
  return {
    category: ["kependudukan"],
    level: "info",
    message: ["Said"],
    rawMessage: "Said",
    timestamp: Date.UTC(2026, 10, 23, 4),
    properties: {},
    ...over,
  };
}
