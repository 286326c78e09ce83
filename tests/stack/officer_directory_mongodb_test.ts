import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "@std/testing/bdd";
import { BSON } from "mongodb";
import { openMongoOfficers } from "../../shared/adapters/mongodb/officers.ts";
import { PROVINSI } from "../../shared/penduduk/provinsi.ts";
import { parseTelepon } from "../../shared/ports/sms.ts";
import { generateKeys, parseKeys } from "../../shared/security/key_ring.ts";
import { officerDirectoryContract } from "../contract/officer_directory_contract.ts";
import { TELEPON } from "../fixtures.ts";
import { openTestMongo } from "./mongodb.ts";

const { columns } = parseKeys(generateKeys(new Date()));

officerDirectoryContract("MongoDB", async (options) => {
  const { mongo, drop } = await openTestMongo();
  const directory = await openMongoOfficers(mongo, columns, options);
  return { directory, assign: (provinsi, telepon) => directory.assign(provinsi, telepon), close: drop };
});

describe("The officers in MongoDB, looked at from outside,", () => {
  it("have no number in clear", async () => {
    const { mongo, drop } = await openTestMongo();
    try {
      const [defaultOfficer, telepon] = TELEPON.map((text) => parseTelepon(text) ?? assert.fail());
      assert.ok(defaultOfficer && telepon);
      const directory = await openMongoOfficers(mongo, columns, { defaultOfficer });
      const id = await directory.assign(PROVINSI[0]?.kode ?? assert.fail(), telepon);
      const documents = await mongo.db.collection("officers").find().toArray();
      const bytes = Buffer.from(BSON.serialize({ documents }));
      assert.ok(bytes.includes(id));
      assert.ok(!bytes.includes(telepon.slice(1)));
    } finally {
      await drop();
    }
  });
});
