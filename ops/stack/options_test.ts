import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseOptions, usage } from "./options.ts";

describe("The command line of deno task stack", () => {
  for (
    const [line, options] of [
      ["up", { kind: "up", brokers: undefined, only: undefined, with: undefined }],
      [
        "up --brokers 3 --only redis,kafka",
        { kind: "up", brokers: 3, only: ["redis", "kafka"], with: undefined },
      ],
      ["up --with prometheus", { kind: "up", brokers: undefined, only: undefined, with: ["prometheus"] }],
      ["status", { kind: "status" }],
      ["logs", { kind: "logs", name: undefined, follow: false }],
      ["logs kafka-1 --follow", { kind: "logs", name: "kafka-1", follow: true }],
      ["down", { kind: "down", data: false }],
      ["down --data", { kind: "down", data: true }],
      ["", { kind: "help" }],
      ["up --help", { kind: "help" }],
    ] as const
  ) {
    it(`takes "${line}"`, () => assert.deepEqual(parse(line), options));
  }

  for (
    const [line, sentence] of [
      ["naik", 'Command "naik" is unknown: choose from up, status, logs, down'],
      ["up --brokers 2", 'Option "--brokers" takes 1 or 3, not "2"'],
      ["up --data", 'Option "--data" does not go with "up"'],
      ["down kafka", 'Command "down" does not take "kafka"'],
      ["logs kafka redis", 'Command "logs" does not take "redis"'],
      ["up --fast", "Unknown option '--fast'"],
    ] as const
  ) {
    it(`refuses "${line}"`, () => assert.deepEqual(parse(line), { kind: "wrong", sentence }));
  }

  it("lists the variables that move the ports", () => {
    assert.match(usage({ redis: { redis: 6379 } }), /^ {4}STACK_REDIS_PORT +6379$/m);
  });
});

function parse(line: string) {
  return parseOptions(line.split(" ").filter(Boolean));
}
