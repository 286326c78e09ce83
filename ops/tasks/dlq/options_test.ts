import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseOptions } from "./options.ts";

describe("The command line of dlq", () => {
  const read = (line: string) => parseOptions(line.split(" ").filter(Boolean));

  it("reads each command", () => {
    const nothing = { code: undefined, group: undefined };
    assert.deepEqual(read(""), { stack: false, command: { name: "help" } });
    assert.deepEqual(read("list --stack"), {
      stack: true,
      command: { name: "list", wanted: nothing, all: false },
    });
    assert.deepEqual(read("list --all --code NOT_JSON --group statistics").command, {
      name: "list",
      wanted: { code: "NOT_JSON", group: "statistics-group" },
      all: true,
    });
    assert.deepEqual(read("show 3-17").command, { name: "show", id: "3-17" });
    assert.deepEqual(read("replay --all --dry-run").command, {
      name: "replay",
      wanted: nothing,
      dryRun: true,
    });
    assert.deepEqual(read("replay 3-17 4-0").command, {
      name: "replay",
      wanted: { ids: new Set(["3-17", "4-0"]) },
      dryRun: false,
    });
    assert.deepEqual(read("replay --code NOT_JSON --group notification-group").command, {
      name: "replay",
      wanted: { code: "NOT_JSON", group: "notification-group" },
      dryRun: false,
    });
    assert.deepEqual(read("drop 3-17").command, {
      name: "drop",
      wanted: { ids: new Set(["3-17"]) },
      dryRun: false,
    });
  });

  it("replays nothing that was not named, and nothing that was named in two ways", () => {
    for (
      const line of [
        "replay",
        "replay --dry-run",
        "replay --all 3-17",
        "replay --all --code X",
        "replay 1-1 --code X",
      ]
    ) {
      assert.throws(() => read(line), { name: "WrongOption", message: /name what to replay$/ }, line);
    }
  });

  it("refuses the rest with a sentence", () => {
    for (
      const [line, sentence] of [
        ["purge", /^Command "purge" is unknown/],
        ["show", /takes one ID$/],
        ["show 1-1 1-2", /takes one ID$/],
        ["show 3.17", /^"3.17" is no ID/],
        ["show 1-1 --all", /takes no --all$/],
        ["list 1-1", /takes no ID$/],
        ["list --dry-run", /takes no --dry-run$/],
        ["drop", /takes the IDs/],
        ["drop 1-1 --code X", /takes no --code or --group$/],
        ["drop --all", /takes no --all$/],
        ["list --group relay", /^--group must be one of statistics-group, notification-group$/],
        ["list --colour", /^An option is unknown/],
      ] as const
    ) {
      assert.throws(() => read(line), { name: "WrongOption", message: sentence }, line);
    }
  });
});
