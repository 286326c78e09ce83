import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseOptions } from "./options.ts";

describe("the options of `deno task chaos`", () => {
  it("break everything once on embedded servers by a seed of the moment", () => {
    const options = { on: "embedded", seed: 7, rate: 25, quick: false, hours: 0, fault: undefined };
    assert.deepEqual(parseOptions([], 7), { kind: "run", options });
  });

  it("are all taken", () => {
    const args = ["--quick", "--seed", "42", "--hours", "1.5", "--on", "stack", "--fault", "kill-edge"];
    const options = { on: "stack", seed: 42, rate: 80, quick: true, hours: 1.5, fault: "kill-edge" };
    assert.deepEqual(parseOptions([...args, "--rate", "80"], 7), { kind: "run", options });
  });

  it("are refused in one sentence", () => {
    const wrong = [["--on", "moon"], ["--seed", "x"], ["--rate", "0"], ["--hours", "lama"], ["--cepat"], [
      "a",
    ]];
    for (const args of wrong) {
      const parsed = parseOptions(args, 7);
      assert.ok(parsed.kind === "wrong" && /^[A-Z]/.test(parsed.sentence), args.join(" "));
    }
  });
});
