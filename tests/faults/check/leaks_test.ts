import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { PENDUDUK } from "../../fixtures.ts";
import { leaksIn } from "./leaks.ts";

describe("the search for personal data in the logs of a chaos run", () => {
  let logs = "";
  beforeEach(async () => logs = await Deno.makeTempDir());
  afterEach(() => Deno.remove(logs, { recursive: true }));

  it("finds each line, however the log is cut into pieces, and names only the file", async () => {
    const filling = `${"baris ".repeat(50)}\n`.repeat(1_000);
    await Deno.writeTextFile(join(logs, "edge-1.log"), `${filling}nik ${PENDUDUK[0].nik}\n${filling}`);
    await Deno.writeTextFile(join(logs, "relay-1.log"), `${filling}tanpa akhir ${PENDUDUK[0].nama}`);
    await Deno.writeTextFile(join(logs, "auth-1.log"), filling);
    const leaks = [...await leaksIn(logs)].sort();
    assert.ok(leaks[0] === "Personal data in the log edge-1.log: 1 lines");
    assert.ok(leaks[1] === "Personal data in the log relay-1.log: 1 lines");
    assert.equal(leaks.length, 2);
  });
});
