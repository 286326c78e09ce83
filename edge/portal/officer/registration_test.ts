import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { syntheticNik } from "../../../shared/penduduk/testing.ts";
import { parsePenduduk } from "../../../shared/penduduk/penduduk.ts";
import { PENDUDUK } from "../../../tests/fixtures.ts";
import { check, checkNikSoFar, EMPTY, withoutSeparators } from "./registration.ts";

const TODAY = new Date("2026-11-23T00:00:00Z");

describe("check", () => {
  it("finds what the service finds, field by field", () => {
    const texts = fc.oneof(
      fc.constantFrom("", " ", "Jawa Barat", "jabr", "...", "a\u0000", PENDUDUK[0].nik),
      fc.string(),
    );
    const record = fc.record({ nik: texts, nama: texts, alamat: texts, provinsi: texts });
    fc.assert(fc.property(record, (input) => {
      const parsed = parsePenduduk(input, TODAY);
      const theirs = parsed.kind === "invalid" ? parsed.errors.map(({ field }) => field) : [];
      assert.deepEqual(Object.keys(check(input, TODAY)).sort(), [...theirs].sort());
    }));
  });

  it("asks for every field of an empty form", () => {
    assert.deepEqual(Object.values(check(EMPTY, TODAY)), Array(4).fill("Wajib diisi"));
  });
});

describe("checkNikSoFar", () => {
  it("has nothing against any beginning of a NIK", () => {
    fc.assert(fc.property(syntheticNik(TODAY), fc.nat({ max: 16 }), ({ text }, length) => {
      assert.equal(checkNikSoFar(text.slice(0, length), TODAY), undefined);
    }));
  });

  it("has nothing against the beginning of a leap day, nor of the one code that begins with 2", () => {
    for (const nik of ["3201012902960001", "3201016902920001", "2101012902200001"]) {
      for (let length = 0; length <= 16; length++) {
        assert.equal(checkNikSoFar(nik.slice(0, length), TODAY), undefined, String(length));
      }
    }
  });

  it("tells a slip as soon as nothing that follows can mend it", () => {
    assert.match(checkNikSoFar("99", TODAY) ?? "", /kode provinsi/);
    assert.match(checkNikSoFar("3201018", TODAY) ?? "", /tanggal lahir/);
    assert.match(checkNikSoFar("320101012", TODAY) ?? "", /tanggal lahir/);
    assert.match(checkNikSoFar("32x", TODAY) ?? "", /16 angka/);
  });
});

describe("withoutSeparators", () => {
  it("reads a NIK that was pasted in groups", () => {
    assert.equal(withoutSeparators("3201-01.01 01"), "3201010101");
  });
});
