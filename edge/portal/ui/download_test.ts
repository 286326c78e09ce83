import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { toCsv } from "./download.ts";

describe("toCsv", () => {
  it("quotes what would end a cell, and disarms what a spreadsheet would calculate", () => {
    const rows = [["a,b", 'c"d', 7], ["=1+1", "-2", -3]];
    assert.equal(toCsv(rows), '\uFEFF"a,b","c""d",7\r\n\'=1+1,\'-2,-3\r\n');
  });
});
