import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { PENDUDUK } from "../../../tests/fixtures.ts";
import { isWrong } from "./fields.ts";
import { MOST_BYTES, readRows } from "./rows.ts";

const HEADER = "username,nama,email,roles,provinsi";

describe("A file of users", () => {
  it("holds one user a row", () => {
    const file = read(
      HEADER,
      `budi,${PENDUDUK[0].nama},budi@contoh.go.id,petugas,Jawa Barat`,
      "ani,Ani,,warga,",
    );
    assert.deepEqual(file, {
      bad: [],
      good: [
        {
          line: 2,
          username: "budi",
          nama: PENDUDUK[0].nama,
          email: "budi@contoh.go.id",
          roles: new Set(["petugas"]),
          scope: "32",
        },
        {
          line: 3,
          username: "ani",
          nama: "Ani",
          email: undefined,
          roles: new Set(["warga"]),
          scope: undefined,
        },
      ],
    });
  });

  it("may come from a spreadsheet: byte order mark, CRLF, semicolons, quotes, empty lines", () => {
    const text = `\ufeff${HEADER.replaceAll(",", ";")}\r\n"budi";" Budi ";;"petugas,auditor";semua\r\n\r\n`;
    const file = readRows(new TextEncoder().encode(text));
    assert(!isWrong(file));
    assert.deepEqual(file.bad, []);
    assert.deepEqual(file.good[0]?.roles, new Set(["petugas", "auditor"]));
    assert.equal(file.good[0]?.nama, "Budi");
    assert.equal(file.good[0]?.scope, "semua");
  });

  const bad: readonly [string, RegExp][] = [
    ["b,Budi,,warga,", /^"username" takes/],
    ["3201010101909991,Budi,,warga,", /^"username" takes/],
    ["service-account-gateway,Budi,,warga,", /^"username" takes/],
    ["budi,,,warga,", /^"nama" takes/],
    ["budi,=HYPERLINK(0),,warga,", /^"nama" takes/],
    ["budi,+62 800,,warga,", /^"nama" takes/],
    ["budi,@SUM,,warga,", /^"nama" takes/],
    ["budi,Budi,@contoh.go.id,warga,", /^"email" takes/],
    ["budi,Budi,=a@contoh.go.id,warga,", /^"email" takes/],
    ["budi,Budi,,,", /^"roles" takes/],
    ["budi,Budi,,raja,", /^"roles" takes/],
    ["budi,Budi,,warga tanpa-batas,", /^"roles" holds "tanpa-batas"/],
    ["budi,Budi,,petugas,", /^"provinsi" is missing/],
    ["budi,Budi,,petugas,Atlantis", /^"provinsi" takes/],
    ["budi,Budi,,warga,32", /^"provinsi" is for a petugas alone/],
  ];
  for (const [row, why] of bad) {
    it(`has a bad row: ${row.startsWith("3") ? "a NIK for a user name" : row}`, () => {
      const file = read(HEADER, "ani,Ani,,warga,", row);
      assert.equal(file.good.length, 1);
      assert.equal(file.bad.length, 1);
      assert.equal(file.bad[0]?.line, 3);
      assert.match(file.bad[0]?.why ?? "", why);
    });
  }

  it("names the line of a row behind a quoted line break and empty lines", () => {
    const file = read(HEADER, "", '"ani","Ani', 'Contoh",,warga,', "budi,Budi,,raja,");
    assert.deepEqual(file.bad.map(({ line }) => line), [4, 5]);
  });

  it("names no user and no address twice", () => {
    const file = read(
      HEADER,
      "ani,Ani,a@contoh.id,warga,",
      "ani,Ani,,warga,",
      "budi,Budi,A@contoh.id,warga,",
    );
    assert.deepEqual(file.bad, [
      { line: 3, why: '"username" is the same as on line 2' },
      { line: 4, why: '"email" is the same as on line 2' },
    ]);
  });

  it("is refused as a whole when it is no such file", () => {
    const cases: readonly [Uint8Array, RegExp][] = [
      [bytes("nama,username,email,roles,provinsi", "x"), /must begin with the header username,nama,/],
      [bytes(HEADER), /has no rows/],
      [bytes(HEADER, "budi,Budi"), /is no CSV from line 2 on \(CSV_RECORD_INCONSISTENT_COLUMNS\)/],
      [bytes(HEADER, 'budi,"Budi'), /is no CSV from line/],
      [
        bytes(HEADER, `budi,${"x".repeat(5_000)},,warga,`),
        /is no CSV from line \d+ on \(CSV_MAX_RECORD_SIZE\)/,
      ],
      [new Uint8Array([0x75, 0xff, 0xfe]), /is not UTF-8/],
      [new Uint8Array(MOST_BYTES + 1), /is larger than 4 MiB/],
      [bytes(HEADER, ...Array.from({ length: 10_001 }, (_, i) => `u-${i},Budi,,warga,`)), /more than 10,000/],
    ];
    for (const [content, why] of cases) {
      const file = readRows(content);
      assert(isWrong(file), String(why));
      assert.match(file.wrong, why);
    }
  });

  it("never has a cell repeated in what is said of it, whatever it holds", () => {
    const cell = fc.string({ minLength: 4, maxLength: 40 }).filter((text) => !/^[a-z ,"\d]*$/i.test(text));
    fc.assert(
      fc.property(fc.array(cell, { minLength: 5, maxLength: 5 }), (cells) => {
        const row = cells.map((text) => `"${text.replaceAll('"', '""')}"`).join();
        const said = JSON.stringify(readRows(bytes(HEADER, row)));
        for (const text of cells) assert(!said.includes(JSON.stringify(text).slice(1, -1)));
      }),
      { numRuns: 200 },
    );
  });
});

function read(...lines: readonly string[]) {
  const file = readRows(bytes(...lines));
  assert(!isWrong(file), "The file was refused");
  return file;
}

function bytes(...lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
}
