import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PROVINSI } from "../../../shared/penduduk/provinsi.ts";
import { provinsiMatches } from "./provinsi_matches.ts";

const names = (text: string) => provinsiMatches(text).map(({ nama }) => nama);

describe("provinsiMatches", () => {
  it("offers all for nothing, and every province by its name, its code and its first letters", () => {
    assert.equal(names("").length, 38);
    for (const { kode, nama } of PROVINSI) {
      assert.equal(names(nama)[0], nama);
      assert.ok(names(kode).includes(nama), kode);
      assert.ok(names(nama.slice(0, 3)).includes(nama), nama);
    }
  });

  it("knows the short forms, words in the middle and slips", () => {
    assert.equal(names("jabar")[0], "Jawa Barat");
    assert.equal(names("dki")[0], "Daerah Khusus Ibukota Jakarta");
    assert.deepEqual(names("timur"), ["Jawa Timur", "Nusa Tenggara Timur", "Kalimantan Timur"]);
    assert.deepEqual(names("jawa bart"), ["Jawa Barat"]);
    assert.deepEqual(names("atlantis"), []);
  });
});
