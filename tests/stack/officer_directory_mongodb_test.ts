import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import type { Document } from "mongodb";
import { type MongoOfficers, openMongoOfficers } from "../../shared/adapters/mongodb/officers.ts";
import { type KodeProvinsi, parseKodeProvinsi } from "../../shared/penduduk/provinsi.ts";
import { parseTelepon } from "../../shared/ports/sms.ts";
import { officerDirectoryContract } from "../contract/officer_directory_contract.ts";
import { TELEPON } from "../fixtures.ts";
import { clearText, isEncrypted } from "./encrypted_fields.ts";
import { openTestMongo, type TestMongo } from "./mongodb.ts";

officerDirectoryContract("MongoDB", async (options) => {
  const { mongo, encryption, drop } = await openTestMongo();
  const directory = await openMongoOfficers(mongo, encryption, options);
  return { directory, assign: (provinsi, telepon) => directory.assign(provinsi, telepon), close: drop };
});

describe("The officers in MongoDB, looked at from outside,", () => {
  const [defaultOfficer, telepon] = TELEPON.map((text) => parseTelepon(text) ?? assert.fail());
  let test: TestMongo;
  let directory: MongoOfficers;
  const stored = () => test.mongo.db.collection("officers").find().sort({ turn: 1 }).toArray();

  before(async () => {
    test = await openTestMongo();
    directory = await openMongoOfficers(test.mongo, test.encryption, {
      defaultOfficer: defaultOfficer ?? assert.fail(),
    });
  });
  after(async () => await test.drop());

  it("have no number but as encrypted binary of subtype 6", async () => {
    const id = await directory.assign(kodeProvinsi("32"), telepon ?? assert.fail());
    const documents = await stored();
    assert.equal(documents.length, 1);
    for (const { telepon, entered } of documents) assert.ok(isEncrypted(telepon) && isEncrypted(entered));
    assert.ok(clearText(documents).includes(id));
    assert.ok(!clearText(documents).includes(TELEPON[1].slice(1)));
  });

  it("are found by their number through an index, in every province at once", async () => {
    await directory.assign(kodeProvinsi("33"), telepon ?? assert.fail());
    const number = (await stored())[0]?.["telepon"];
    const found = test.mongo.db.collection("officers").find({ telepon: number });
    assert.deepEqual((await found.toArray()).map(({ provinsi }) => provinsi).sort(), ["32", "33"]);
    const plan: Document = await test.mongo.db.collection("officers").find({ telepon: number }).explain();
    assert.match(JSON.stringify(plan["queryPlanner"]["winningPlan"]), /"stage":"IXSCAN"/);
    assert.match(JSON.stringify(plan["queryPlanner"]["winningPlan"]), /"indexName":"telepon_1_provinsi_1"/);
  });

  it("keep the entry of a number that is entered again", async () => {
    const before = await stored();
    const id = await directory.assign(kodeProvinsi("32"), telepon ?? assert.fail());
    assert.equal(id, before[0]?._id);
    assert.deepEqual(await stored(), before);
  });
});

function kodeProvinsi(kode: string): KodeProvinsi {
  return parseKodeProvinsi(kode) ?? assert.fail();
}
