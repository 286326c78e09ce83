import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseOptions } from "./options.ts";

const parse = (...args: readonly string[]) => parseOptions(args, ["raw", "registration"]);

describe("the options of the bench", () => {
  it("are all of it, as many rounds as the scenarios want, unless told otherwise", () => {
    assert.deepEqual(parse(), {
      kind: "run",
      options: {
        ...{ quick: false, baseline: "../shared/baseline", only: undefined, rounds: undefined },
        connections: [100, 256, 1000],
      },
    });
  });

  it("choose scenarios, rounds and connections", () => {
    const parsed = parse("--quick", "--rounds", "2", "--only", "raw,registration", "--connections", "64");
    assert.ok(parsed.kind === "run");
    assert.deepEqual(parsed.options.rounds, 2);
    assert.deepEqual(parsed.options.only, ["raw", "registration"]);
    assert.deepEqual(parsed.options.connections, [64]);
  });

  for (
    const [args, sentence] of [
      [["--only", "rew"], 'Option "--only" takes some of raw, registration, not "rew"'],
      [["--rounds", "0"], 'Option "--rounds" takes a whole number from 1 to 99'],
      [["--rounds", "100"], 'Option "--rounds" takes a whole number from 1 to 99'],
      [
        ["--connections", "100,x"],
        'Option "--connections" takes whole numbers from 1 to 9999, with commas between',
      ],
      [["--qick"], "Unknown option '--qick'"],
    ] as const
  ) {
    it(`refuse ${args.join(" ")}`, () => assert.deepEqual(parse(...args), { kind: "wrong", sentence }));
  }
});
