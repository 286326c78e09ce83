import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseOptions } from "./options.ts";

describe("The options of simulate", () => {
  const parse = (...args: string[]) => parseOptions(args, { secret: "development", seed: 7 });

  it("have defaults for everything", () => {
    assert.deepEqual(parse(), {
      kind: "options",
      options: {
        count: 10_000,
        concurrency: 100,
        url: "http://127.0.0.1:8000",
        identity: "http://127.0.0.1:8000",
        operations: "http://127.0.0.1:8000",
        secret: "development",
        seed: 7,
        json: false,
      },
    });
  });

  it("take the identity provider and the operations from --url unless they are elsewhere", () => {
    const parsed = parse(
      "--url",
      "http://edge:1/",
      "--identity=https://keycloak",
      "--operations=http://ops",
      "--seed",
      "0",
      "--json",
    );
    assert.ok(parsed.kind === "options");
    const { url, identity, operations, seed, json } = parsed.options;
    assert.deepEqual({ url, identity, operations, seed, json }, {
      url: "http://edge:1",
      identity: "https://keycloak",
      operations: "http://ops",
      seed: 0,
      json: true,
    });
    const moved = parse("--url", "http://edge:1");
    assert.ok(moved.kind === "options" && moved.options.identity === "http://edge:1");
  });

  for (
    const [args, sentence] of [
      [["--count", "0"], 'Option "--count" takes a whole number from 1 to 1000000, not "0"'],
      [["--count", "1e3"], 'Option "--count" takes a whole number from 1 to 1000000, not "1e3"'],
      [["--concurrency", "1001"], 'Option "--concurrency" takes a whole number from 1 to 1000, not "1001"'],
      [
        ["--url", "127.0.0.1:8000"],
        'Option "--url" takes a URL that begins with http:// or https://, not "127.0.0.1:8000"',
      ],
      [["--seed", "x"], 'Option "--seed" takes a whole number from 0 to 9007199254740991, not "x"'],
      [["--cuont", "5"], "Unknown option '--cuont'"],
      [["10000"], "Unexpected argument '10000'"],
      [["--count"], "Option '--count <value>' argument missing"],
    ] as const
  ) {
    it(`refuse "${args.join(" ")}" with one sentence`, () => {
      const parsed = parse(...args);
      assert.ok(parsed.kind === "wrong");
      assert.ok(parsed.sentence.startsWith(sentence), parsed.sentence);
      assert.doesNotMatch(parsed.sentence, /\n/);
    });
  }

  it("show the usage on --help", () => {
    assert.deepEqual(parse("--help"), { kind: "help" });
  });
});
