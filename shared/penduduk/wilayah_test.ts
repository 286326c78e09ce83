import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { lookUpWilayah } from "./wilayah.ts";

describe("lookUpWilayah", () => {
  it("knows the regencies of today", () => {
    for (const kode of ["1101", "3171", "9103", "9301", "9671"]) {
      assert.deepEqual(lookUpWilayah(kode), { kind: "current" });
    }
  });

  it("finds for the 26 retired codes of Papua the province that their regency belongs to today", () => {
    const now = {
      "93": ["9101", "9116", "9117", "9118"],
      "94": ["9104", "9107", "9108", "9109", "9125", "9126", "9127", "9128"],
      "95": ["9102", "9112", "9113", "9114", "9121", "9122", "9123", "9124"],
      "96": ["9201", "9204", "9205", "9209", "9210", "9271"],
    };
    assert.equal(Object.values(now).flat().length, 26);
    for (const [provinsiKini, codes] of Object.entries(now)) {
      for (const kode of codes) {
        assert.deepEqual(lookUpWilayah(kode), { kind: "retired", provinsiKini }, kode);
      }
    }
  });

  it("answers unknown for any other code", () => {
    for (const kode of ["1100", "3199", "5401", "", "317101"]) {
      assert.deepEqual(lookUpWilayah(kode), { kind: "unknown" });
    }
  });
});
