import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { maskNik, NIK_PATTERN, parseNik } from "./nik.ts";
import { anyText, syntheticNik, toNik } from "./testing.ts";

const TODAY = new Date("2026-11-22T05:00:00Z");

describe("parseNik", () => {
  it("reads region, birth date and sex", () => {
    assert.deepEqual(parseNik("3171014108909999", TODAY), {
      kind: "nik",
      nik: "3171014108909999",
      kodeWilayah: "317101",
      kodeProvinsi: "31",
      tanggalLahir: "1990-08-01",
      tahunLahir: 1990,
      jenisKelamin: "perempuan",
    });
    assert.equal(fact("3171010108909999", "jenisKelamin"), "laki-laki");
  });

  it("reads every well-formed number back into its parts", () => {
    fc.assert(fc.property(syntheticNik(TODAY), ({ text, ...parts }) => {
      const parsed = parseNik(text, TODAY);
      assert.ok(parsed.kind === "nik");
      const { kodeWilayah, tanggalLahir, jenisKelamin } = parsed;
      assert.deepEqual({ kodeWilayah, tanggalLahir, jenisKelamin }, parts);
    }));
  });

  it("accepts what its published pattern says and nothing else", () => {
    const pattern = new RegExp(NIK_PATTERN, "u");
    const parts = fc.tuple(
      fc.constantFrom("11", "31", "96", "54", "00"),
      fc.constantFrom("0100", "7101"),
      fc.integer({ min: 0, max: 80 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 99 }),
      fc.constantFrom("0000", "0001", "0010", "0100", "1000", "9999"),
    ).map(([kode, rest, day, month, year, serial]) => {
      const date = [day, month, year].map((number) => String(number).padStart(2, "0")).join("");
      return kode + rest + date + serial;
    });
    fc.assert(
      fc.property(fc.oneof(parts, syntheticNik(TODAY).map(({ text }) => text), anyText(20)), (text) => {
        assert.equal(pattern.test(text), parseNik(text, TODAY).kind === "nik");
      }),
      { numRuns: 5_000 },
    );
  });

  it("refuses all that is not 16 ASCII digits", () => {
    const wrong = [
      "",
      "317101410890999",
      "31710141089099990",
      "3171O14108909999",
      " 3171014108909999",
      "3171014108909999\n",
    ];
    const fullWidth = "3171014108909999".replace(
      /./g,
      (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0),
    );
    for (const text of [...wrong, fullWidth, "٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣"]) assert.match(detail(text), /16 angka/);
  });

  it("refuses province codes that SIAK never issued, Timor Timur among them", () => {
    for (const kode of ["00", "10", "20", "30", "37", "41", "54", "77", "90", "97", "99"]) {
      assert.match(detail(`${kode}71014108909999`), /provinsi/);
    }
  });

  it("refuses days and months that do not exist", () => {
    const wrong = [
      "000190",
      "320190",
      "400190",
      "720190",
      "990190",
      "310490",
      "710490",
      "010090",
      "011390",
      "300290",
      "290290",
    ];
    for (const date of wrong) assert.match(detail(`317101${date}9999`), /tanggal lahir/, date);
  });

  it("takes the last day that a woman can have, and the first", () => {
    assert.equal(fact("3171017101909999", "tanggalLahir"), "1990-01-31");
    assert.equal(fact("3171014101909999", "tanggalLahir"), "1990-01-01");
  });

  it("knows the leap years, that of 2000 too", () => {
    assert.equal(fact("3171012902009999", "tanggalLahir"), "2000-02-29");
    assert.equal(fact("3171016902249999", "tanggalLahir"), "2024-02-29");
    assert.equal(fact("3171012902289999", "tanggalLahir"), "1928-02-29");
    assert.match(detail("3171012902259999"), /tanggal lahir/);
  });

  it("takes the newest century whose date is not after today", () => {
    assert.equal(fact("3171012211269999", "tanggalLahir"), "2026-11-22");
    assert.equal(fact("3171012311269999", "tanggalLahir"), "1926-11-23");
  });

  it("counts today by the clock of the easternmost province", () => {
    const morningInJayapura = new Date("2026-11-21T23:30:00Z");
    const parsed = parseNik("9171012211269999", morningInJayapura);
    assert.ok(parsed.kind === "nik");
    assert.equal(parsed.tanggalLahir, "2026-11-22");
  });

  it("refuses the serial 0000", () => {
    assert.match(detail("3171014108910000"), /0000/);
    assert.equal(fact("3171014108001000", "tahunLahir"), 2000);
    assert.equal(fact("3171014108900001", "tahunLahir"), 1990);
  });

  it("never repeats the number in the detail of a refusal", () => {
    fc.assert(fc.property(fc.stringMatching(/^[0-9]{16}$/), (text) => {
      const parsed = parseNik(text, TODAY);
      if (parsed.kind === "invalid") assert.ok(!parsed.detail.includes(text.slice(2)));
    }));
  });

  it("answers for any text", () => {
    fc.assert(fc.property(anyText(20), (text) => {
      assert.equal(parseNik(text, TODAY).kind, "invalid");
    }));
  });
});

describe("maskNik", () => {
  it("shows three digits at the start and two at the end", () => {
    assert.equal(maskNik(toNik("3171014108909999")), "317***********99");
  });

  it("hides the birth date and keeps the length", () => {
    fc.assert(fc.property(syntheticNik(TODAY), ({ text }) => {
      assert.match(maskNik(toNik(text)), /^[0-9]{3}\*{11}[0-9]{2}$/);
    }));
  });
});

function fact(text: string, name: "tanggalLahir" | "tahunLahir" | "jenisKelamin"): string | number {
  const parsed = parseNik(text, TODAY);
  assert.ok(parsed.kind === "nik");
  return parsed[name];
}

function detail(text: string): string {
  const parsed = parseNik(text, TODAY);
  assert.ok(parsed.kind === "invalid");
  return parsed.detail;
}
