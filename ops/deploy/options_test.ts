import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseOptions } from "./options.ts";

describe("The options of deploy", () => {
  it("have defaults for everything", () => {
    assert.deepEqual(parseOptions([]), {
      kind: "options",
      options: {
        target: "all",
        dryRun: false,
        image: undefined,
        context: undefined,
        yes: false,
        url: undefined,
        timeoutMs: 900_000,
      },
    });
  });

  it("are read from the command line", () => {
    const line = "--target fleet --dry-run --image v1.2 --context c --yes --url https://a/ --timeout 5";
    assert.deepEqual(parseOptions(line.split(" ")), {
      kind: "options",
      options: {
        target: "fleet",
        dryRun: true,
        image: "v1.2",
        context: "c",
        yes: true,
        url: "https://a",
        timeoutMs: 300_000,
      },
    });
    assert.deepEqual(parseOptions(["-h"]), { kind: "help" });
  });

  it("let the edge alone be confirmed without a cluster", () => {
    assert.equal(parseOptions(["--target", "edge", "--yes"]).kind, "options");
  });

  for (
    const [line, sentence] of [
      ["--target moon", 'Option "--target" takes edge, fleet or all, not "moon"'],
      ["--image latest", 'Option "--image" takes the tag of one built image, not "latest"'],
      ["--image a/b", 'Option "--image" takes the tag of one built image, not "a/b"'],
      ["--yes", 'Option "--yes" needs "--context NAME", so that no other cluster is meant'],
      ["--url layanan", 'Option "--url" takes a URL that begins with http:// or https://, not "layanan"'],
      ["--timeout 0", 'Option "--timeout" takes a whole number of minutes from 1 to 120, not "0"'],
      ["--dryrun", "Unknown option '--dryrun'"],
      ["now", "Unexpected argument 'now'"],
    ] as const
  ) {
    it(`refuse ${line}`, () => {
      assert.deepEqual(parseOptions(line.split(" ")), { kind: "wrong", sentence });
    });
  }
});
