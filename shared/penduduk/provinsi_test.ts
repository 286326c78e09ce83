import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseKodeProvinsi, parseProvinsi, PROVINSI, provinsi } from "./provinsi.ts";
import { anyText } from "./testing.ts";

describe("PROVINSI", () => {
  it("holds the 38 provinces of today with the residents of the decree", () => {
    assert.equal(PROVINSI.length, 38);
    assert.equal(new Set(PROVINSI.map(({ kode }) => kode)).size, 38);
    assert.equal(PROVINSI.reduce((sum, { penduduk }) => sum + penduduk, 0), 284_973_643);
  });

  it("finds each province by its code and no other code", () => {
    for (const entry of PROVINSI) {
      const kode = parseKodeProvinsi(entry.kode);
      assert.ok(kode);
      assert.equal(provinsi(kode), entry);
    }
    for (const text of ["00", "10", "20", "37", "54", "97", "99", "3", "321", "３２", " 32", ""]) {
      assert.equal(parseKodeProvinsi(text), undefined, text);
    }
  });
});

describe("parseProvinsi", () => {
  const common: Readonly<Record<string, readonly string[]>> = {
    "11": ["aceh", "NAD", "Nanggroe Aceh Darussalam"],
    "12": ["Sumut", "Sumatra Utara"],
    "13": ["Sumbar"],
    "16": ["Sumsel"],
    "19": ["Babel", "Bangka Belitung", "Kep. Bangka Belitung", "Bangka-Belitung"],
    "21": ["Kepri", "Kep. Riau"],
    "31": [
      "DKI Jakarta",
      "D.K.I. Jakarta",
      "Jakarta",
      "DKJ",
      "Daerah Khusus Jakarta",
      "Provinsi DKI Jakarta",
    ],
    "32": [
      "jawa barat",
      "JAWA  BARAT",
      "Jabar",
      "Prov. Jawa Barat",
      "propinsi jawa-barat",
      "32",
      " 32 ",
      "３２",
    ],
    "33": ["Jateng"],
    "34": ["Yogyakarta", "DIY", "D.I.Y.", "DI Yogyakarta", "D.I. Yogyakarta", "Jogja"],
    "35": ["Jatim"],
    "52": ["NTB", "n.t.b."],
    "53": ["NTT"],
    "61": ["Kalbar"],
    "62": ["Kalteng"],
    "63": ["Kalsel"],
    "64": ["Kaltim"],
    "65": ["Kaltara"],
    "71": ["Sulut"],
    "72": ["Sulteng"],
    "73": ["Sulsel"],
    "74": ["Sultra"],
    "76": ["Sulbar"],
    "82": ["Malut"],
    "91": ["Papua"],
    "92": ["Papua Barat"],
    "93": ["Papua Selatan"],
    "94": ["Papua Tengah"],
    "95": ["Papua Pegunungan"],
    "96": ["Papua Barat Daya"],
  };

  it("accepts common names, codes and any case, spacing and punctuation", () => {
    for (const [kode, names] of Object.entries(common)) {
      for (const name of names) assert.deepEqual(parseProvinsi(name), { kind: "provinsi", kode }, name);
    }
  });

  it("accepts every official name however it is written", () => {
    fc.assert(fc.property(fc.constantFrom(...PROVINSI), spelling(), ({ kode, nama }, spell) => {
      assert.deepEqual(parseProvinsi(spell(nama)), { kind: "provinsi", kode });
    }));
  });

  it("suggests the official name when a letter is missing, doubled or wrong", () => {
    const slips = { "jawa brt": "Jawa Barat", "Acheh": "Aceh", "papua peguningan": "Papua Pegunungan" };
    for (const [text, suggestion] of Object.entries(slips)) {
      assert.deepEqual(parseProvinsi(text), { kind: "unknown", suggestion });
    }
    fc.assert(fc.property(fc.constantFrom(...PROVINSI), fc.nat(), ({ nama }, at) => {
      const letter = at % nama.length;
      const misspelled = `${nama.slice(0, letter)}q${nama.slice(letter)}`;
      assert.deepEqual(parseProvinsi(misspelled), { kind: "unknown", suggestion: nama });
    }));
  });

  it("suggests nothing for what resembles no province", () => {
    for (
      const text of [
        "",
        " ",
        "?",
        "xyz",
        "hello world",
        "Kalimantan",
        "Singapura",
        "99",
        "54",
        "x".repeat(5000),
      ]
    ) {
      assert.deepEqual(parseProvinsi(text), { kind: "unknown", suggestion: undefined }, text);
    }
  });

  it("answers for any text, with a suggestion that it would accept", () => {
    fc.assert(fc.property(anyText(60), (text) => {
      const parsed = parseProvinsi(text);
      if (parsed.kind === "provinsi" || parsed.suggestion === undefined) return;
      assert.equal(parseProvinsi(parsed.suggestion).kind, "provinsi");
    }));
  });
});

function spelling(): fc.Arbitrary<(name: string) => string> {
  return fc.record({
    letters: fc.constantFrom(
      (name: string) => name,
      (name: string) => name.toLowerCase(),
      (name: string) => name.toUpperCase(),
    ),
    gap: fc.constantFrom("", " ", "  ", "-", ". ", "\u00a0", "_"),
    prefix: fc.constantFrom("", "Provinsi ", "Prov. ", "PROPINSI "),
    end: fc.constantFrom("", " ", "."),
  }).map(({ letters, gap, prefix, end }) => (name) => prefix + letters(name).replaceAll(" ", gap) + end);
}
