import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { configureSync, type LogRecord, resetSync } from "@logtape/logtape";
import { REGISTER_SECONDS } from "../../ops/slo.ts";
import { createApp } from "./app.ts";
import { requestLine, SLOW_SECONDS } from "./request_line.ts";

const TRACE = { traceId: "a".repeat(32), spanId: "b".repeat(16), sampled: true };

describe("The line of a request", () => {
  it("is told of those that failed for a reason of ours, and of slow ones", () => {
    assert.equal(SLOW_SECONDS, REGISTER_SECONDS.p99);
    const lines = logged(() => {
      const tell = requestLine("edge");
      for (const [status, seconds] of [[200, 0.3], [404, 0.01], [503, 0.01], [201, 0.31]] as const) {
        tell(
          { service: "edge", method: "POST", route: "/penduduk", role: "petugas", status, seconds },
          TRACE,
        );
      }
    });
    assert.deepEqual(lines.map(({ properties }) => [properties["status"], properties["durationMs"]]), [
      [503, 10],
      [201, 310],
    ]);
    assert.ok(
      lines.every(({ level, properties }) => level === "info" && properties["traceId"] === TRACE.traceId),
    );
  });

  it("names the route and never the path, where people may stand", async () => {
    const app = createApp({ service: "test" });
    app.get("/penduduk/:id", () => {
      throw new Error("broken");
    });
    const lines = await loggedWhile(async () => void await app.request("/penduduk/someone?nik=someone"));
    const line = lines.find(({ category }) => category.at(-1) === "request");
    assert.equal(line?.properties["route"], "/penduduk/:id");
    assert.doesNotMatch(JSON.stringify(lines), /someone/);
  });
});

function logged(work: () => void): readonly LogRecord[] {
  const lines: LogRecord[] = [];
  collect(lines);
  work();
  resetSync();
  return lines;
}

async function loggedWhile(work: () => Promise<void>): Promise<readonly LogRecord[]> {
  const lines: LogRecord[] = [];
  collect(lines);
  await work();
  resetSync();
  return lines;
}

function collect(lines: LogRecord[]): void {
  configureSync({
    reset: true,
    sinks: { lines: (record) => void lines.push(record) },
    loggers: [
      { category: "kependudukan", lowestLevel: "info", sinks: ["lines"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: [] },
    ],
  });
}
