import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { parsePenduduk, Penduduk, PendudukInput } from "./penduduk.ts";
import { PROVINSI } from "./provinsi.ts";
import { acceptableNama, syntheticNik } from "./testing.ts";

const TODAY = new Date("2026-11-22T05:00:00Z");
const RIGHT = {
  nik: "3171014108909999",
  nama: "Warga Sintetis",
  alamat: "Jl. Contoh No. 1, RT 001/RW 002",
  provinsi: "dki  jakarta",
};

describe("parsePenduduk", () => {
  it("reads a registration", () => {
    assert.deepEqual(parsePenduduk(RIGHT, TODAY), {
      kind: "penduduk",
      penduduk: {
        nik: RIGHT.nik,
        nama: RIGHT.nama,
        alamat: RIGHT.alamat,
        kode: "31",
        jenisKelamin: "perempuan",
        tahunLahir: 1990,
      },
      warnings: [],
    });
  });

  it("reads every registration whose parts are right", () => {
    const input = fc.record({
      nik: syntheticNik(TODAY),
      nama: acceptableNama(),
      alamat: fc.constantFrom("Jl. Contoh 1", "Gg. II/3"),
      provinsi: fc.constantFrom(...PROVINSI),
    });
    fc.assert(fc.property(input, ({ nik, nama, alamat, provinsi }) => {
      const parsed = parsePenduduk({ nik: nik.text, nama, alamat, provinsi: provinsi.nama }, TODAY);
      assert.ok(parsed.kind === "penduduk");
      assert.equal(parsed.penduduk.kode, provinsi.kode);
      const differs = parsed.warnings.some(({ code }) => code === "PROVINSI_BERBEDA");
      if (nik.kodeWilayah.startsWith(provinsi.kode)) assert.equal(differs, false);
    }));
  });

  it("accepts a NIK of a retired region with a warning", () => {
    const parsed = parsePenduduk({ ...RIGHT, nik: "9101014108909999", provinsi: "Papua Selatan" }, TODAY);
    assert.ok(parsed.kind === "penduduk");
    assert.deepEqual(parsed.warnings.map(({ code }) => code), ["WILAYAH_LAMA"]);
  });

  it("lists every wrong field at once, each once", () => {
    assert.deepEqual(
      fields({ nik: "1", nama: "😀", alamat: "a\0b", provinsi: "Atlantis", agama: "-", nkk: 1 }),
      [
        "agama",
        "alamat",
        "nama",
        "nik",
        "nkk",
        "provinsi",
      ],
    );
    assert.deepEqual(errors({}), {
      nik: "Wajib diisi",
      nama: "Wajib diisi",
      alamat: "Wajib diisi",
      provinsi: "Wajib diisi",
    });
    assert.deepEqual(
      errors({ ...RIGHT, nik: 3171, nama: null, alamat: ["Jl. Contoh"], provinsi: { kode: "31" } }),
      {
        nik: "Harus berupa teks",
        nama: "Harus berupa teks",
        alamat: "Harus berupa teks",
        provinsi: "Harus berupa teks",
      },
    );
  });

  it("refuses unknown fields by name, those that JavaScript gives a meaning too", () => {
    assert.deepEqual(fields({ ...RIGHT, id: "1" }), ["id"]);
    const odd: object = JSON.parse('{"__proto__": {"nik": "1"}, "constructor": 1}');
    assert.deepEqual(fields({ ...odd, ...RIGHT }), ["__proto__", "constructor"]);
    assert.deepEqual(fields({ ...RIGHT, ["x".repeat(5000)]: 1 }), ["x".repeat(64)]);
  });

  it("refuses what is no object", () => {
    for (const value of [null, undefined, [], [RIGHT], "{}", 1, true]) {
      assert.deepEqual(errors(value), { body: "Harus berupa objek JSON" });
    }
  });

  it("suggests the nearest province, and none for what is far", () => {
    assert.match(errors({ ...RIGHT, provinsi: "jawa brt" })["provinsi"] ?? "", /"Jawa Barat"/);
    assert.equal(errors({ ...RIGHT, provinsi: "Atlantis" })["provinsi"], "Provinsi tidak dikenal");
    assert.equal(errors({ ...RIGHT, provinsi: " " })["provinsi"], "Wajib diisi");
  });

  it("never repeats a refused value", () => {
    const value = fc.stringMatching(/^[0-9#@]{8,30}$/);
    fc.assert(fc.property(fc.record({ nik: value, nama: value, alamat: value, provinsi: value }), (input) => {
      const said = JSON.stringify(errors({ ...input, alamat: `${input.alamat}\0` }));
      for (const text of Object.values(input)) assert.ok(!said.includes(text));
    }));
  });

  it("answers for any JSON value", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      assert.equal(parsePenduduk(value, TODAY).kind, "invalid");
    }));
  });
});

describe("PendudukInput and Penduduk", () => {
  it("carry examples that they and parsePenduduk accept", () => {
    const input = examples(PendudukInput.shape);
    assert.equal(parsePenduduk(input, TODAY).kind, "penduduk");
    const { code, detail } = examples(Penduduk.shape.warnings.element.shape);
    assert.ok(Penduduk.safeParse({ ...examples(Penduduk.shape), warnings: [{ code, detail }] }).success);
  });

  it("describe every field", () => {
    for (const schema of [PendudukInput, Penduduk]) {
      for (const [name, field] of Object.entries(schema.shape)) assert.ok(field.meta()?.description, name);
    }
  });
});

function errors(value: unknown): Record<string, string> {
  const parsed = parsePenduduk(value, TODAY);
  assert.ok(parsed.kind === "invalid");
  const entries = parsed.errors.map(({ field, detail }) => [field, detail]);
  assert.equal(new Set(entries.map(([field]) => field)).size, entries.length);
  return Object.fromEntries(entries);
}

function fields(value: unknown): string[] {
  const parsed = parsePenduduk(value, TODAY);
  assert.ok(parsed.kind === "invalid");
  return parsed.errors.map(({ field }) => field).sort();
}

function examples(shape: Readonly<Record<string, z.ZodType>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, field.meta()?.["example"]]));
}
