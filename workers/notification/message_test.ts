import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseKodeProvinsi, PROVINSI } from "../../shared/penduduk/provinsi.ts";
import { acceptableNama, syntheticNik, toNik } from "../../shared/penduduk/testing.ts";
import { parseNama } from "../../shared/penduduk/text.ts";
import { smsText } from "./message.ts";

const TODAY = new Date("2026-11-22T05:00:00Z");

describe("smsText", () => {
  it("says who registered and where, with the number masked", () => {
    assert.equal(
      text("Warga Sintetis"),
      "Pendaftaran Baru: Warga Sintetis (317***********99) dari Jawa Barat",
    );
  });

  it("shows the whole number when told to", () => {
    const full = smsText({ nik: toNik("3171014108909999"), nama: "Warga Sintetis" }, kode("31"), "full");
    assert.equal(
      full,
      "Pendaftaran Baru: Warga Sintetis (3171014108909999) dari Daerah Khusus Ibukota Jakarta",
    );
  });

  it("keeps the letters of the basic set and replaces the others", () => {
    const names = {
      "Ma’ruf D‘Arcy": "Ma'ruf D'Arcy",
      "José Müller Ñuñez": "José Müller Ñuñez",
      "Nguyễn Thị Đào": "Nguyen Thi Dào",
      "Łukasz Žižek": "Lukasz Zizek",
      "Œdipe Þór": "OEdipe Thor",
      "Ｓｉｔｉ": "Siti",
      "Siti Ə": "Siti ?",
    };
    for (const [name, shown] of Object.entries(names)) {
      assert.ok(text(name).includes(`: ${shown} (`), shown);
    }
  });

  it("shortens a name that is too long by as little as it must", () => {
    const dariJakarta = (nama: string) => text(nama, "31").slice("Pendaftaran Baru: ".length).split(" (")[0];
    assert.equal(dariJakarta("a".repeat(88)), "a".repeat(88));
    assert.equal(dariJakarta("a".repeat(89)), `${"a".repeat(85)}...`);
    assert.equal(dariJakarta(`${"a".repeat(84)} ${"b".repeat(9)}`), `${"a".repeat(84)}...`);
    assert.equal(text("a".repeat(100), "31").length, 160);
  });

  it("is one segment of the basic set for every accepted name, province and mode", () => {
    const mode = fc.constantFrom("masked" as const, "full" as const);
    fc.assert(
      fc.property(
        syntheticNik(TODAY),
        acceptableNama(),
        fc.constantFrom(...PROVINSI),
        mode,
        (nik, nama, provinsi, mode) => {
          const parsed = parseNama(nama);
          assert.ok(parsed.kind === "text");
          const sms = smsText({ nik: toNik(nik.text), nama: parsed.text }, provinsi.kode, mode);
          assert.ok(septets(sms) <= 160);
          assert.ok(sms.startsWith("Pendaftaran Baru: "));
          assert.ok(sms.endsWith(`) dari ${provinsi.nama}`));
          assert.equal(sms.includes(nik.text), mode === "full");
        },
      ),
      { numRuns: 1000 },
    );
  });
});

function text(nama: string, province = "32"): string {
  return smsText({ nik: toNik("3171014108909999"), nama }, kode(province), "masked");
}

function kode(text: string) {
  const found = parseKodeProvinsi(text);
  assert.ok(found);
  return found;
}

/** Counts as 3GPP TS 23.038 does, by code points of its tables, apart from the code under test. */
function septets(text: string): number {
  let count = 0;
  for (const char of text) {
    const basic = /^[\n\r -#%-?A-Z_a-z@£$¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà]$/u.test(char);
    const extended = /^[\f^{}\\[~\]|€]$/u.test(char);
    assert.ok(basic || extended, `U+${char.codePointAt(0)?.toString(16)} is in no table`);
    count += extended ? 2 : 1;
  }
  return count;
}
