import { configure, type LogRecord, reset } from "@logtape/logtape";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { logLevel } from "kafkajs";
import { logToLogtape } from "./log.ts";

describe("The log of kafkajs", () => {
  let records: LogRecord[];

  beforeEach(async () => {
    records = [];
    await configure({
      sinks: { records: (record) => void records.push(record) },
      loggers: [
        { category: "kependudukan", lowestLevel: "debug", sinks: ["records"] },
        { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["records"] },
      ],
    });
  });
  afterEach(async () => await reset());

  function log(message: string, beside: Record<string, unknown> = {}): string {
    logToLogtape()({
      ...{ namespace: "Runner", level: logLevel.ERROR, label: "ERROR" },
      log: { timestamp: "2026-08-17T03:00:00Z", message, ...beside },
    });
    return JSON.stringify(records.at(-1));
  }

  it("never shows a record that a message quotes", () => {
    const line = log('Invalid message without value for topic "t": {"key":"rahasia"}');
    assert.match(line, /Invalid message without value for topic …/);
    assert.doesNotMatch(line, /rahasia/);
  });

  it("never shows what an error, or its trace, may quote, but where it happened", () => {
    const error = new Error("rahasia");
    const line = log("Error when calling eachBatch", { error, stack: error.stack, topic: "t", partition: 3 });
    assert.doesNotMatch(line, /rahasia/);
    assert.deepEqual(records.at(-1)?.properties, {
      ...{ label: "ERROR", text: "Error when calling eachBatch", topic: "t", partition: 3 },
    });
  });
});
