import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PENDUDUK, PERSONAL } from "../fixtures.ts";
import { linesWithPersonalData } from "./personal_data.ts";

// The values must not be printed when a test fails: only line numbers and yes or no are compared.
describe("linesWithPersonalData", () => {
  const isFound = (text: string) => linesWithPersonalData(text).length > 0;
  const [{ nik, nama }] = PENDUDUK;
  const unknown = nik.slice(0, 12) + "9876";

  it("finds every fixture value, in any case", () => {
    for (const value of PERSONAL) {
      assert(isFound(`x ${value} y`));
      assert(isFound(value.toUpperCase()));
    }
  });

  it("answers the numbers of the lines", () => {
    assert.deepEqual(linesWithPersonalData(`a\n${nama}\nb\n{"nik":"${nik}"}`), [2, 4]);
  });

  it("finds a NIK that no fixture has, whatever stands around it", () => {
    for (
      const text of [
        unknown,
        `"${unknown}"`,
        `nik=${unknown}&`,
        `/penduduk/${unknown}`,
        `nama${unknown}`,
        `\\n${unknown}\\n`,
      ]
    ) {
      assert(isFound(text));
    }
    assert(isFound(unknown.slice(0, 6) + "71" + unknown.slice(8)), "A woman's date was not seen");
  });

  it("lets identifiers and other numbers pass", () => {
    const passing = [
      `traceparent 00-4bf92f3577b34da6a3ce929d0e0e4736-${unknown}-01`,
      `hash ${"a0"}${unknown}${"b".repeat(20)}`,
      `ratio 0.${unknown}`,
      `count ${unknown}0`,
      `day ${unknown.slice(0, 6)}32${unknown.slice(8)}`,
      `month ${unknown.slice(0, 8)}13${unknown.slice(10)}`,
      "************9991",
    ];
    assert.deepEqual(linesWithPersonalData(passing.join("\n")), []);
  });
});
