import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { describeLogLevels, type Level, LEVELS, louderOf, parseLogLevels } from "./log_levels.ts";

describe("LOG_LEVEL", () => {
  it("is a level for all, and others for parts", () => {
    assert.deepEqual(parseLogLevels("info, kafka=debug,edge.request=error"), {
      all: "info",
      parts: new Map<string, Level>([["kafka", "debug"], ["edge.request", "error"]]),
    });
  });

  it("is refused when it names no level, two for all, or none for all", () => {
    for (const text of ["", "loud", "info,debug", "kafka=debug", "info,kafka=loud", "info,=debug", "Info"]) {
      assert.equal(parseLogLevels(text), undefined, text);
    }
  });

  it("is written as it is read", () => {
    assert.equal(describeLogLevels(parsed("warning,kafka=debug")), "warning,kafka=debug");
  });

  it("turned up says what either said, a part's own by the nearest part above it", () => {
    const louder = louderOf(
      parsed("warning,edge=info,relay=debug"),
      parsed("error,edge.request=error,kafka=debug"),
    );
    assert.equal(
      describeLogLevels(louder),
      "warning,edge=info,relay=debug,edge.request=info,kafka=debug",
    );
  });

  it("turned up never says less, whatever is asked", () => {
    const level = fc.constantFrom(...LEVELS);
    const levels = fc.record({
      all: level,
      parts: fc.array(fc.tuple(fc.constantFrom("edge", "edge.request", "kafka"), level))
        .map((pairs) => new Map(pairs)),
    });
    fc.assert(fc.property(levels, levels, (usual, asked) => {
      const louder = louderOf(usual, asked);
      for (const name of ["edge", "edge.request", "kafka", "relay"]) {
        const [before, after] = [usual, louder].map((of) => loudness(of, name));
        assert.ok(after !== undefined && before !== undefined && after <= before, name);
      }
    }));
  });
});

/** By the words of the specification: what is said of the part itself, or of the one above, or of all. */
function loudness({ all, parts }: ReturnType<typeof parsed>, name: string): number {
  return LEVELS.indexOf(parts.get(name) ?? parts.get(name.split(".")[0] ?? "") ?? all);
}

function parsed(text: string) {
  return parseLogLevels(text) ?? assert.fail(text);
}
