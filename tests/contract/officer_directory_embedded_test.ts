import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openEmbeddedOfficers } from "../../shared/adapters/embedded/sms/officers.ts";
import { PROVINSI } from "../../shared/penduduk/provinsi.ts";
import { parseTelepon } from "../../shared/ports/sms.ts";
import { generateKeys, parseKeys } from "../../shared/security/key_ring.ts";
import { openTestDatabase } from "../database.ts";
import { TELEPON } from "../fixtures.ts";
import { officerDirectoryContract } from "./officer_directory_contract.ts";

const { columns } = parseKeys(generateKeys(new Date()));

officerDirectoryContract("embedded PostgreSQL", async (options) => {
  const database = await openTestDatabase();
  const directory = await openEmbeddedOfficers(database.as("notification"), columns, options);
  return {
    directory,
    assign: (provinsi, telepon) => directory.assign(provinsi, telepon),
    close: () => database.drop(),
  };
});

describe("The officers in embedded PostgreSQL, looked at from outside", () => {
  it("have no number in clear", async () => {
    const database = await openTestDatabase();
    try {
      const defaultOfficer = parseTelepon(TELEPON[0]) ?? assert.fail();
      const directory = await openEmbeddedOfficers(database.as("notification"), columns, { defaultOfficer });
      await directory.assign(PROVINSI[0]?.kode ?? assert.fail(), parseTelepon(TELEPON[1]) ?? assert.fail());
      const { rows } = await database.pool.query("select t::text as row, telepon from officer as t");
      assert.equal(rows.length, 1);
      assert.ok(!rows[0].row.includes(TELEPON[1].slice(1)) && !rows[0].telepon.includes(TELEPON[1].slice(1)));
    } finally {
      await database.drop();
    }
  });
});
