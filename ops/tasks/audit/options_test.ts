import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PENDUDUK } from "../../../tests/fixtures.ts";
import { parseOptions, WrongOption } from "./options.ts";

const [{ nik }] = PENDUDUK;

describe("The options of deno task audit", () => {
  it("are a command and its filters", () => {
    assert.deepEqual(parseOptions(["search", "--action", "login", "--since", "2026-11-22", "--limit", "5"]), {
      name: "search",
      actor: undefined,
      action: "login",
      since: new Date("2026-11-22"),
      until: undefined,
      limit: 5,
      json: false,
    });
    assert.deepEqual(parseOptions(["verify", "--file", "a", "--file", "b"]), {
      name: "verify",
      files: ["a", "b"],
      anchor: undefined,
    });
    assert.deepEqual(parseOptions([]), { name: "help" });
  });

  it("take no NIK, which every user of the machine could read there, and repeat none", () => {
    const wrong = [
      ["subject", nik],
      ["subject", "--nik", nik],
      ["subject", `--nik-stdin=${nik}`],
      ["subject"],
      ["tags"],
      ["search", "--since", nik],
      ["search", "--limit", nik],
      ["search", "--action", nik],
      [nik],
    ];
    for (const args of wrong) {
      assert.throws(
        () => parseOptions(args),
        (error) => error instanceof WrongOption && !error.message.includes(nik),
      );
    }
  });
});
