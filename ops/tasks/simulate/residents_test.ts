import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { parseNik } from "../../../shared/penduduk/nik.ts";
import { parseProvinsi, PROVINSI } from "../../../shared/penduduk/provinsi.ts";
import { nikWarnings } from "../../../shared/penduduk/warning.ts";
import wilayah from "../../../shared/penduduk/wilayah.json" with { type: "json" };
import { freshSeed, seededRandom } from "./random.ts";
import { type Resident, residents } from "./residents.ts";

describe("Synthetic residents", () => {
  const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

  it("have a NIK that parses without a warning, of their own province", () => {
    fc.assert(fc.property(seeds, (seed) => {
      for (const { kode, body } of first(20, seed)) {
        const parsed = parseNik(body.nik, TODAY);
        const named = parseProvinsi(body.provinsi);
        // No assertion message may hold the number.
        assert.ok(parsed.kind === "nik" && named.kind === "provinsi");
        assert.ok(parsed.kodeProvinsi === kode && named.kode === kode);
        assert.equal(nikWarnings(parsed, named.kode).length, 0);
        assert.ok(parsed.tanggalLahir >= "1936-01-01" && parsed.tanggalLahir <= "2025-12-31");
      }
    }));
  });

  it("have a serial that nobody has", () => {
    assert.ok(first(SAMPLE, 3).every(({ body }) => Number(body.nik.slice(12)) >= 9000));
  });

  it("have a name and an address of plain words", () => {
    for (const { body } of first(1000, 7)) {
      assert.match(body.nama, /^[A-Z][a-z]+( [A-Z][a-z]+){0,2}$/);
      assert.match(body.alamat, /^Jalan [A-Z][a-z]+ \d+, RT \d{3}\/RW \d{3}, \P{Cc}+$/u);
      assert.ok(body.alamat.length < 100);
    }
  });

  it("come from the regencies as people live there", () => {
    const sample = first(SAMPLE, 1);
    const total = wilayah.kabupatenKota.reduce((sum, { penduduk }) => sum + penduduk, 0);
    for (const { kode } of PROVINSI) {
      const regencies = wilayah.kabupatenKota.filter((regency) => regency.kode.startsWith(kode));
      const share = regencies.reduce((sum, { penduduk }) => sum + penduduk, 0) / total;
      assertShare(sample.filter((resident) => resident.kode === kode).length, share);
    }
    for (const { kode, penduduk } of wilayah.kabupatenKota) {
      assertShare(sample.filter(({ body }) => body.nik.startsWith(kode)).length, penduduk / total);
    }
  });

  it("are women by half, and half of them are younger than 27", () => {
    const facts = first(SAMPLE, 2).map(({ body }) => parseNik(body.nik, TODAY));
    assertShare(facts.filter((fact) => fact.kind === "nik" && fact.jenisKelamin === "perempuan").length, 0.5);
    // The median of a straight line from many newborn to none of 90 years: 90 · (1 − √½) = 26.4.
    assertShare(facts.filter((fact) => fact.kind === "nik" && fact.tanggalLahir > "1999-08-18").length, 0.5);
  });

  it("are the same for the same seed and none twice", () => {
    assert.ok(JSON.stringify(first(500, 42)) === JSON.stringify(first(500, 42)));
    const numbers: number[] = [];
    const stream = seededRandom(42);
    residents(() => numbers[numbers.push(stream()) - 1] ?? 0).next();
    const twiceTheSame = [...numbers, ...numbers].values();
    const source = residents(() => twiceTheSame.next().value ?? stream());
    const drawn = Array.from({ length: 10 }, () => source.next().value.body.nik);
    assert.equal(new Set(drawn).size, 10);
  });

  it("are others for every fresh seed, also within one millisecond", () => {
    const at = Date.UTC(2026, 0, 1);
    const fresh = [
      freshSeed(at, () => 0),
      freshSeed(at, () => 0.9999),
      freshSeed(at + 1, () => 0),
      freshSeed(at + 2 ** 20, () => 0),
    ];
    assert.ok(fresh.every(Number.isSafeInteger));
    const niks = fresh.flatMap((seed) => first(1000, seed).map(({ body }) => body.nik));
    assert.equal(new Set(niks).size, 4000);
  });
});

const SAMPLE = 20_000;
const TODAY = new Date("2026-01-02T00:00:00Z");

function first(count: number, seed: number): readonly Resident[] {
  const source = residents(seededRandom(seed));
  return Array.from({ length: count }, () => source.next().value);
}

/** Within five standard deviations of a fair draw; the seed is fixed, so this cannot flicker. */
function assertShare(seen: number, share: number): void {
  const expected = SAMPLE * share;
  assert.ok(
    Math.abs(seen - expected) <= 5 * Math.sqrt(expected * (1 - share)) + 1,
    `${seen} instead of ${expected}`,
  );
}
