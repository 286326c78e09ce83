import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";

const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
const section = readme.split("### Bounds\n")[1]?.split(/\n#+ /)[0] ?? "";
const rows = section.split("\n").filter((line) => line.startsWith("| ")).slice(2);

describe("The bounds of README.md", () => {
  it("stand in the code where the table says", async () => {
    assert.ok(rows.length > 0);
    for (const row of rows) {
      const [, file = "", code = ""] = /`([\w/]+\.ts)` `([^`]+)` +\|$/.exec(row) ?? assert.fail(row);
      const text = await Deno.readTextFile(new URL(`../${file}`, import.meta.url));
      assert.ok(text.includes(code), `${file} has no "${code}"`);
    }
  });
});
