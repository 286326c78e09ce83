import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { isWrong } from "../../ops/tasks/users/fields.ts";
import { makePassword } from "../../ops/tasks/users/password.ts";
import { MOST_BYTES, readRows } from "../../ops/tasks/users/rows.ts";

const HEADER = "username,nama,email,roles,provinsi";

describe("Attacks by a file of users", () => {
  const formulas = [
    '=HYPERLINK(""http://lain.invalid"")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "=1+1",
    "|calc",
    "%0A=1",
  ];
  for (const formula of formulas) {
    it(`the formula ${formula} for a name or an address is refused`, () => {
      refusedRow(`budi,"${formula}",,warga,`);
      refusedRow(`budi,Budi,"${formula}",warga,`);
      refusedRow(`budi,Budi,"${formula.replaceAll(/["' ]/g, "")}@lain.invalid",warga,`);
      refusedRow(`"${formula}",Budi,,warga,`);
    });
  }

  it("a formula behind a tab or a line break is refused", () => {
    for (const before of ["\t", "\r", "\n"]) refusedRow(`budi,"A${before}=1+1",,warga,`);
  });

  for (
    const roles of [
      "tanpa-batas",
      "warga tanpa-batas",
      "realm-admin",
      "default-roles-gov-realm",
      "ADMIN",
      "*",
    ]
  ) {
    it(`the role ${roles} is refused`, () => refusedRow(`budi,Budi,,${roles},`));
  }

  for (
    const name of ["service-account-gateway", "Admin", "admin ", "аdmin", "../admin", "budi\u0000", "${GOV}"]
  ) {
    it(`the user name ${JSON.stringify(name)} is refused`, () => refusedRow(`"${name}",Budi,,warga,`));
  }

  it("an officer for the whole country by leaving the province out is refused", () => {
    refusedRow("budi,Budi,,petugas,");
    refusedRow("budi,Budi,,petugas, ");
  });

  it("a second row that overrules the first is refused", () => {
    const file = read("budi,Budi,,warga,\nbudi,Budi,,admin,");
    assert.deepEqual(file.good.map(({ roles }) => [...roles]), [["warga"]]);
  });

  it("further columns, such as a password or an id, are refused", () => {
    const bytes = new TextEncoder().encode(`${HEADER},id\nbudi,Budi,,warga,,x\n`);
    assert(isWrong(readRows(bytes)));
    assert(isWrong(readRows(new TextEncoder().encode(`${HEADER}\nbudi,Budi,,warga,,admin\n`))));
  });

  it("a column for the prototype of all objects is refused", () => {
    const bytes = new TextEncoder().encode("__proto__,nama,email,roles,provinsi\nx,Budi,,warga,\n");
    assert(isWrong(readRows(bytes)));
  });

  it("a file that would fill the memory is refused", () => {
    assert(isWrong(readRows(new Uint8Array(MOST_BYTES + 1))));
    assert(isWrong(readRows(new TextEncoder().encode(`${HEADER}\n"${"x".repeat(MOST_BYTES - 100)}`))));
  });

  it("a password that a spreadsheet would run, where passwords are written, is refused", () => {
    for (let i = 0; i < 1000; i++) assert.match(makePassword(), /^[A-Za-z2-9]{20}$/);
  });
});

function refusedRow(row: string): void {
  const file = readRows(new TextEncoder().encode(`${HEADER}\n${row}\n`));
  if (isWrong(file)) return;
  assert.equal(file.good.length, 0, "the row was taken");
  assert.equal(file.bad.length, 1);
}

function read(rows: string) {
  const file = readRows(new TextEncoder().encode(`${HEADER}\n${rows}\n`));
  assert(!isWrong(file));
  return file;
}
