import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseNik } from "./nik.ts";
import { parseKodeProvinsi } from "./provinsi.ts";
import { nikWarnings, warning, WARNING_CODES } from "./warning.ts";

describe("nikWarnings", () => {
  it("has nothing to say when the region exists and the province is the same", () => {
    assert.deepEqual(codes("317101", "31"), []);
  });

  it("names a region that is not known", () => {
    assert.deepEqual(codes("319901", "31"), ["WILAYAH_TIDAK_DIKENAL"]);
  });

  it("names a province other than that of the NIK", () => {
    assert.deepEqual(codes("317101", "32"), ["PROVINSI_BERBEDA"]);
    assert.deepEqual(codes("319901", "32"), ["WILAYAH_TIDAK_DIKENAL", "PROVINSI_BERBEDA"]);
  });

  it("takes the old and the new province of a retired regency of Papua for the same", () => {
    assert.deepEqual(codes("910101", "93"), ["WILAYAH_LAMA"]);
    assert.deepEqual(codes("910101", "91"), ["WILAYAH_LAMA"]);
    assert.deepEqual(codes("927101", "96"), ["WILAYAH_LAMA"]);
    assert.deepEqual(codes("927101", "91"), ["WILAYAH_LAMA", "PROVINSI_BERBEDA"]);
    assert.deepEqual(codes("910101", "32"), ["WILAYAH_LAMA", "PROVINSI_BERBEDA"]);
  });

  it("tells nothing of the number in its details", () => {
    for (const code of WARNING_CODES) assert.match(warning(code).detail, /^[^0-9]+$/);
  });
});

function codes(kodeWilayah: string, kode: string): string[] {
  const nik = parseNik(`${kodeWilayah}4108909999`, new Date("2026-11-22T05:00:00Z"));
  const registeredIn = parseKodeProvinsi(kode);
  assert.ok(nik.kind === "nik" && registeredIn);
  return nikWarnings(nik, registeredIn).map(({ code }) => code);
}
