import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { LogLevel, LogRecord } from "@logtape/logtape";
import fc from "fast-check";
import { collapseRepeats } from "./repeats.ts";

describe("Repeated log lines", () => {
  it("become one line with their number, once the minute is over", () => {
    const { say, texts, sink } = logged(2);
    for (let i = 0; i < 5; i++) say("Cannot publish {rows} rows", i, i * 1000);
    assert.deepEqual(texts, ["Cannot publish 0", "Cannot publish 1"]);
    say("Relay leads", 0, 60_000);
    assert.deepEqual(texts.slice(2), ["Repeated 3 times: Cannot publish 4", "Relay leads"]);
    sink.flush();
    assert.equal(texts.length, 4, "and nothing is told twice");
  });

  it("of another level, part or sentence are counted apart", () => {
    const { say, texts } = logged(1);
    say("a", 1, 0);
    say("a", 1, 0, "error");
    say("a", 1, 0, "error", ["kependudukan", "edge"]);
    say("b", 1, 0);
    assert.equal(texts.length, 4);
  });

  it("all pass while somebody debugs", () => {
    const { say, texts } = logged(1);
    for (let i = 0; i < 100; i++) say("{label}: {text}", i, i, "debug");
    assert.equal(texts.length, 100);
  });

  it("are never lost in count, in whichever order and time they come", () => {
    const step = fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 0, max: 30_000 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (steps, most) => {
        const { say, records, sink } = logged(most);
        let now = 1_000_000;
        for (const [sentence, later] of steps) say(sentence, 0, now += later, "error");
        sink.flush();
        const told = records.reduce((sum, { properties }) => sum + Number(properties["repeated"] ?? 1), 0);
        assert.equal(told, steps.length);
      }),
    );
  });
});

function logged(most: number) {
  const records: LogRecord[] = [];
  const texts: string[] = [];
  const sink = collapseRepeats((record) => {
    records.push(record);
    texts.push(record.message.join(""));
  }, most);
  const say = (
    rawMessage: string,
    value: number,
    timestamp: number,
    level: LogLevel = "warning",
    category: readonly string[] = ["kependudukan"],
  ) => {
    const message = /^(.*) \{/.test(rawMessage) ? [`${rawMessage.split(" {")[0]} `, value, ""] : [rawMessage];
    sink({ category, level, message, rawMessage, timestamp, properties: {} });
  };
  return { say, sink, records, texts };
}
