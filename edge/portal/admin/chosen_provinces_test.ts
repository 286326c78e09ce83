import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PROVINSI } from "../../../shared/penduduk/provinsi.ts";
import { chosenProvinces, comparisonOf, MOST } from "./chosen_provinces.ts";
import { toRows } from "./rows.ts";

const rows = toRows(PROVINSI.map(({ kode, nama }) => ({
  kode,
  provinsi: nama,
  jumlah: kode === "91" ? 5 : 0,
  jenisKelamin: { "laki-laki": 0, perempuan: 0 },
  kohort: {},
  asOf: null,
})));
const codes = (named?: string) => chosenProvinces(rows, named).map(({ kode }) => kode);

describe("the provinces of a comparison", () => {
  it("are those that the address names, in its order, each once and no more than fit", () => {
    assert.deepEqual(codes("32,11,32,99,x"), ["32", "11"]);
    assert.deepEqual(codes(PROVINSI.map(({ kode }) => kode).join(",")).length, MOST);
    assert.equal(comparisonOf(codes("32,11")), "#/perbandingan/32,11");
  });

  it("are those with most registrations, then most residents, where it names none", () => {
    assert.deepEqual(codes(), ["91", "32", "35"]);
    assert.deepEqual(codes(""), []);
  });
});
