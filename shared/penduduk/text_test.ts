import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { acceptableNama, anyText } from "./testing.ts";
import { parseAlamat, type ParsedText, parseNama } from "./text.ts";

const EMOJI = ["😀", "1️⃣", "👨‍👩‍👧", "🇮🇩", "❤️", "☺"];
const UNSEEN = {
  NUL: "\0",
  "line feed": "\n",
  tab: "\t",
  delete: "\x7f",
  "next line": "\x85",
  "line separator": "\u2028",
  "right-to-left mark": "\u200f",
  "right-to-left override": "\u202e",
  "first strong isolate": "\u2068",
  "zero-width space": "\u200b",
  "zero-width joiner": "\u200d",
  "byte order mark": "\ufeff",
  "soft hyphen": "\u00ad",
  "combining grapheme joiner": "\u034f",
  "variation selector": "\ufe0f",
  "Hangul filler": "\u3164",
  "language tag": "\u{e0041}",
  "lone high surrogate": "\ud83d",
  "lone low surrogate": "\ude00",
};

describe("parseNama", () => {
  it("accepts names as people have them", () => {
    const names = [
      "Siti Sintetis",
      "D'Arcy",
      "Ma’ruf",
      "Ma‘ruf",
      "Jean-Luc",
      "Ny. Ani, S.H.",
      "José Ñuñez",
      "Łukasz",
      "Ø",
      "Nguyễn",
    ];
    for (const name of names) assert.deepEqual(parseNama(name), { kind: "text", text: name });
  });

  it("accepts any Latin letter and mark, and its own answer unchanged", () => {
    fc.assert(fc.property(acceptableNama(), (name) => {
      const parsed = parseNama(name);
      assert.ok(parsed.kind === "text");
      assert.deepEqual(parseNama(parsed.text), parsed);
      assert.equal(parsed.text, parsed.text.normalize("NFC").trim());
    }));
  });

  it("trims, composes and makes one plain space of any spaces", () => {
    assert.deepEqual(parseNama("  Jose\u0301\u00a0 \u3000Sintetis "), {
      kind: "text",
      text: "José Sintetis",
    });
  });

  it("refuses digits, emoji, other scripts and other signs", () => {
    for (const sign of [...EMOJI, "7", "７", "Ⅷ", "²", "@", "/", "(", "_", "`", "£", "Ж", "م", "明", "ª"]) {
      const detail = refusal(parseNama(`Siti ${sign} Sintetis`));
      assert.match(detail, /huruf Latin|tidak terlihat/, sign);
      assert.ok(!detail.includes(sign), sign);
    }
  });

  it("refuses what has no letter at all", () => {
    for (const name of ["'", "ʼ", ".", "- -", "’,.", "\u0301"]) {
      assert.match(refusal(parseNama(name)), /tanda baca/);
    }
  });

  it("counts characters, not code units, up to 100", () => {
    assert.equal(parseNama(` ${"a".repeat(100)} `).kind, "text");
    assert.equal(parseNama("e\u0301".repeat(100)).kind, "text");
    for (const length of [101, 5000]) assert.match(refusal(parseNama("a".repeat(length))), /100 karakter/);
  });
});

describe("parseAlamat", () => {
  it("accepts addresses as people write them", () => {
    for (
      const alamat of [
        "Jl. Melati No. 1/2, RT 001/RW 002",
        "Blok A-3 #4 (dekat masjid) & pasar",
        "Gg. “Kelinci” 7; d/a Bp. D’Arcy",
        "7",
      ]
    ) {
      assert.deepEqual(parseAlamat(alamat), { kind: "text", text: alamat });
    }
  });

  it("refuses emoji and what is punctuation alone", () => {
    for (const sign of EMOJI) {
      assert.match(refusal(parseAlamat(`Jl. ${sign}`)), /tanda baca|tidak terlihat/, sign);
    }
    for (const alamat of ["-", "...", "/ /"]) {
      assert.match(refusal(parseAlamat(alamat)), /hanya berisi tanda baca/);
    }
  });

  it("counts characters, not code units, up to 300", () => {
    assert.equal(parseAlamat("𝒶".repeat(300)).kind, "text");
    for (const length of [301, 5000]) assert.match(refusal(parseAlamat("a".repeat(length))), /300 karakter/);
  });
});

for (const [name, parse] of Object.entries({ parseNama, parseAlamat })) {
  describe(`${name}, as any text`, () => {
    it("refuses what is empty or only spaces", () => {
      for (const text of ["", " ", "\u00a0\u3000"]) assert.equal(refusal(parse(text)), "Wajib diisi");
    });

    it("refuses what cannot be seen, wherever it stands", () => {
      for (const [what, char] of Object.entries(UNSEEN)) {
        for (const text of [`${char}Siti`, `Si${char}ti`, `Siti${char}`]) {
          assert.match(refusal(parse(text)), /tidak terlihat/, what);
        }
      }
    });

    it("answers for any text, and what it accepts it accepts again unchanged", () => {
      fc.assert(fc.property(anyText(320), (text) => {
        const parsed = parse(text);
        if (parsed.kind === "text") assert.deepEqual(parse(parsed.text), parsed);
      }));
    });
  });
}

function refusal(parsed: ParsedText): string {
  assert.ok(parsed.kind === "invalid");
  return parsed.detail;
}
