import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PROVINSI } from "../../../shared/penduduk/provinsi.ts";
import { cohorts, csvRows, per100k, sorted, toRows } from "./rows.ts";

const rows = toRows(PROVINSI.map(({ kode, nama }, index) => ({
  kode,
  provinsi: nama,
  jumlah: index === 11 ? 100 : index % 3,
  jenisKelamin: { "laki-laki": index % 3, perempuan: index === 11 ? 98 : 0 },
  kohort: index === 11 ? { "1980": 60, "2010": 40 } : {},
  asOf: null,
})));

describe("the table of provinces", () => {
  it("sorts by any column, alike ones by name", () => {
    assert.equal(sorted(rows, { by: "jumlah", down: true })[0]?.kode, "32");
    const names = sorted(rows, { by: "laki-laki", down: false }).filter(({ jenisKelamin }) =>
      jenisKelamin["laki-laki"] === 0
    ).map(({ provinsi }) => provinsi);
    assert.deepEqual(names, [...names].sort((a, b) => a.localeCompare(b)));
    assert.equal(sorted(rows, { by: "provinsi", down: false })[0]?.provinsi, "Aceh");
  });

  it("compares provinces by their residents", () => {
    assert.equal(per100k({ jumlah: 5, penduduk: 1_000_000 }), 0.5);
    assert.equal(per100k({ jumlah: 5, penduduk: 0 }), 0);
    assert.ok(rows.every(({ penduduk }) => penduduk > 100_000));
  });

  it("is exported with every column and every decade", () => {
    assert.deepEqual(cohorts(rows), [["1980", 60], ["2010", 40]]);
    const [head, ...lines] = csvRows(rows);
    assert.deepEqual(head?.slice(-2), ["lahir_1980an", "lahir_2010an"]);
    assert.equal(lines.length, 38);
    assert.deepEqual(lines[11], ["32", "Jawa Barat", 100, 51316378, 0.195, 2, 98, 60, 40]);
  });
});
