import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";

const page = await Deno.readTextFile(new URL("security.md", import.meta.url));
const rows = page.split("\n").filter((line) => /^\| (API\d|\d)/.test(line)).map((line) =>
  line.split("|").map((cell) => cell.trim()).slice(1, -1)
);

describe("ops/security.md", () => {
  it("has a row for each item of the OWASP API Top 10 and each chapter of ASVS 5", () => {
    const items = rows.map(([item = ""]) => item.split(" ")[0]);
    for (let i = 1; i <= 10; i++) assert.ok(items.includes(`API${i}`), `API${i}`);
    for (let i = 1; i <= 17; i++) assert.ok(items.some((item) => item?.startsWith(`${i}.`)), `chapter ${i}`);
  });

  it("names for each row a test that exists, or says that the item is not covered", async () => {
    const wrong: string[] = [];
    for (const [item = "", , proof = ""] of rows) {
      if (/^(Not covered|Does not apply): ./.test(proof)) continue;
      const named = [...proof.matchAll(/`([^`]+_test\.ts|[^`]+_contract\.ts)`(?: "([^"]+)")?/g)];
      if (named.length === 0) wrong.push(`${item} names no test`);
      for (const [, file = "", sentence = ""] of named) {
        if (!await contains(file, sentence)) wrong.push(`${item}: ${file} has no "${sentence}"`);
      }
    }
    assert.deepEqual(wrong, []);
  });
});

async function contains(file: string, sentence: string): Promise<boolean> {
  try {
    return (await Deno.readTextFile(new URL(`../${file}`, import.meta.url))).includes(sentence);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
