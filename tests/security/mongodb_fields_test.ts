import { after, before, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Binary, type Collection, UUID } from "mongodb";
import { encryptValue } from "../../shared/adapters/mongodb/encryption/ciphertext.ts";
import { ensureDataKey } from "../../shared/adapters/mongodb/encryption/key_vault.ts";
import { type MongoOfficers, openMongoOfficers } from "../../shared/adapters/mongodb/officers.ts";
import { MESSAGES, openMongoSmsLedger } from "../../shared/adapters/mongodb/sms_ledger.ts";
import { stackVariables } from "../../shared/config/stack_file.ts";
import { type KodeProvinsi, parseKodeProvinsi } from "../../shared/penduduk/provinsi.ts";
import {
  DEFAULT_OFFICER_ID,
  parseTelepon,
  smsId,
  type SmsIntent,
  type SmsLedger,
  type Telepon,
} from "../../shared/ports/sms.ts";
import { generateAeadKey } from "../../shared/security/aead_cbc_hmac.ts";
import { generateMasterKey, parseMasterKeys } from "../../shared/security/master_key.ts";
import { PENDUDUK, TELEPON } from "../fixtures.ts";
import { openTestMongo, type TestMongo } from "../stack/mongodb.ts";

// Whoever can write to the database, but has no master key, must not make the system read, or send, what he likes.
describe("Attacks by changed MongoDB fields", () => {
  let test: TestMongo;
  let ledger: SmsLedger;
  let officers: MongoOfficers;
  let clock = 1_000;
  let messages: Collection<Stored>;
  let directory: Collection<Stored>;

  before(async () => {
    test = await openTestMongo((await stackVariables({}))["MONGODB_URI"]);
    ledger = await openMongoSmsLedger(test.mongo, test.encryption, { leaseMs: 0 });
    officers = await openMongoOfficers(test.mongo, test.encryption, {
      defaultOfficer: number(0),
      now: () => clock,
    });
    messages = test.mongo.db.collection(MESSAGES);
    directory = test.mongo.db.collection("officers");
  });
  after(async () => await test.drop());
  beforeEach(async () => {
    await Promise.all([messages.deleteMany({}), directory.deleteMany({})]);
    await Promise.all([ledger.claim(FIRST, NEVER), ledger.claim(SECOND, NEVER)]);
    const officer = await officers.assign(JABAR, number(1));
    clock += 10_001;
    // Without the attack, all is read.
    assert.deepEqual(await officers.of(JABAR), [{ id: officer, telepon: number(1) }]);
    assert.equal((await ledger.recent(10)).length, 2);
  });

  for (const [what, forge] of Object.entries(FORGERIES)) {
    for (const field of ["to", "body"] as const) {
      it(`a message whose "${field}" ${what} is refused`, async () => {
        const { [field]: genuine } = await messageOf(FIRST);
        await messages.updateOne({ _id: FIRST.id }, { $set: { [field]: forge(genuine) } });
        await assertOnlyTheSecondIsSent();
      });
    }

    for (const field of ["telepon", "entered"] as const) {
      it(`an officer whose "${field}" ${what} is refused`, async () => {
        const { [field]: genuine } = await officerOf(JABAR);
        await directory.updateOne({ provinsi: JABAR }, { $set: { [field]: forge(genuine) } });
        await assertNoOfficer(JABAR);
      });
    }
  }

  it("the recipient of another message is refused", async () => {
    const { to } = await messageOf(SECOND);
    await messages.updateOne({ _id: FIRST.id }, { $set: { to } });
    await assertOnlyTheSecondIsSent();
  });

  it("the text of another message is refused", async () => {
    const { body } = await messageOf(SECOND);
    await messages.updateOne({ _id: FIRST.id }, { $set: { body } });
    await assertOnlyTheSecondIsSent();
  });

  it("recipient and text of another message together are refused", async () => {
    const { to, body } = await messageOf(SECOND);
    await messages.updateOne({ _id: FIRST.id }, { $set: { to, body } });
    await assertOnlyTheSecondIsSent();
  });

  it("a message that is stored again under another id, to be sent once more, is refused", async () => {
    const message = await messageOf(FIRST);
    await messages.deleteOne({ _id: FIRST.id });
    await messages.insertOne({ ...message, _id: smsId("other", "default") });
    await assertOnlyTheSecondIsSent();
  });

  it("an officer who is moved to another province is refused", async () => {
    await directory.updateOne({ provinsi: JABAR }, { $set: { provinsi: ACEH } });
    await assertNoOfficer(ACEH);
    await assertNoOfficer(JABAR);
  });

  it("an officer who is copied into another province is refused", async () => {
    await directory.insertOne({ ...await officerOf(JABAR), _id: crypto.randomUUID(), provinsi: ACEH });
    await assertNoOfficer(ACEH);
  });

  it("the number of an officer of another province is refused", async () => {
    await officers.assign(ACEH, number(0));
    const { telepon } = await officerOf(ACEH);
    await directory.updateOne({ provinsi: JABAR }, { $set: { telepon } });
    await assertNoOfficer(JABAR);
  });

  it("the number of a message, which is of another purpose, is refused for an officer", async () => {
    const { to } = await messageOf(FIRST);
    await directory.updateOne({ provinsi: JABAR }, { $set: { telepon: to } });
    await assertNoOfficer(JABAR);
  });

  it("a data key of the attacker's in place of ours is refused", async () => {
    const vault = await openTestMongo((await stackVariables({}))["MONGODB_URI"]);
    try {
      await ensureDataKey(vault.mongo.keyVault, "kependudukan-sms", parseMasterKeys(generateMasterKey())[0]);
      await assert.rejects(openMongoSmsLedger(vault.mongo, test.encryption), {
        name: "Unusable",
        message: /^MONGODB_MASTER_KEY_FILE holds no key that opens the data key "kependudukan-sms"/,
      });
    } finally {
      await vault.drop();
    }
  });

  it("a data key of which one bit was changed is refused", async () => {
    const { keyVault } = test.mongo;
    const key = await keyVault.findOne({ keyAltNames: "kependudukan-sms" }) ?? assert.fail();
    await keyVault.updateOne({ _id: key._id }, { $set: { keyMaterial: flip(key.keyMaterial, 40) } });
    try {
      await assert.rejects(openMongoSmsLedger(test.mongo, test.encryption), { name: "Unusable" });
    } finally {
      await keyVault.updateOne({ _id: key._id }, { $set: { keyMaterial: key.keyMaterial } });
    }
  });

  async function assertOnlyTheSecondIsSent(): Promise<void> {
    assert.deepEqual((await ledger.recent(10)).map(({ id }) => id), [SECOND.id]);
    assert.deepEqual(await ledger.takeOver(10), [SECOND]);
  }

  async function assertNoOfficer(provinsi: KodeProvinsi): Promise<void> {
    clock += 10_001;
    assert.deepEqual((await officers.of(provinsi)).map(({ id }) => id), [DEFAULT_OFFICER_ID]);
  }

  async function messageOf({ id }: SmsIntent): Promise<Stored> {
    return await messages.findOne({ _id: id }) ?? assert.fail();
  }

  async function officerOf(provinsi: KodeProvinsi): Promise<Stored> {
    return await directory.findOne({ provinsi }) ?? assert.fail();
  }
});

/** Every way to spoil one field, for each of the fields. */
const FORGERIES: Readonly<Record<string, (genuine: Binary) => unknown>> = {
  "has one bit of the key's id changed": (genuine) => flip(genuine, 1),
  "names the other algorithm": (genuine) => write(genuine, 0, genuine.value()[0] === 1 ? 2 : 1),
  "names an algorithm that there is not": (genuine) => write(genuine, 0, 7),
  "names another BSON type": (genuine) => write(genuine, 17, 0x05),
  "has one bit of the IV changed": (genuine) => flip(genuine, 18),
  "has one bit of the ciphertext changed": (genuine) => flip(genuine, 34),
  "has one bit of the tag changed": (genuine) => flip(genuine, genuine.length() - 1),
  "has lost its last byte": (genuine) => encrypted(genuine.value().subarray(0, -1)),
  "has lost all but its head": (genuine) => encrypted(genuine.value().subarray(0, 18)),
  "has a byte more": (genuine) => encrypted(Buffer.concat([genuine.value(), Buffer.of(0)])),
  "is empty": () => encrypted(new Uint8Array()),
  "is in clear": () => TELEPON[0],
  "is null": () => null,
  "is a document in clear": () => ({ id: FIRST.id, to: TELEPON[0], text: "Halo" }),
  "has another binary subtype": (genuine) => new Binary(genuine.value()),
  "is encrypted under a key of the attacker's": () => forged(new UUID()),
  "is encrypted under a key of the attacker's with the id of ours": (genuine) =>
    forged(new UUID(genuine.value().subarray(1, 17))),
};

function forged(id: UUID): Binary {
  return encryptValue({ id, bytes: generateAeadKey() }, TELEPON[0], "deterministic");
}

function flip(genuine: Binary, at: number): Binary {
  return write(genuine, at, (genuine.value()[at] ?? 0) ^ 1);
}

function write(genuine: Binary, at: number, byte: number): Binary {
  const bytes = Buffer.from(genuine.value());
  bytes[at] = byte;
  return new Binary(bytes, genuine.sub_type);
}

function encrypted(bytes: Uint8Array): Binary {
  return new Binary(bytes, Binary.SUBTYPE_ENCRYPTED);
}

const NEVER = new AbortController().signal;
const [JABAR, ACEH] = [province("32"), province("11")];
const FIRST = message("1", 0);
const SECOND = message("2", 1);

function message(eventId: string, i: 0 | 1): SmsIntent {
  const body = `Pendaftaran Baru: ${PENDUDUK[i].nama}`;
  return { id: smsId(eventId, "default"), eventId, to: number(i), body };
}

function number(i: 0 | 1): Telepon {
  return parseTelepon(TELEPON[i]) ?? assert.fail();
}

function province(kode: string): KodeProvinsi {
  return parseKodeProvinsi(kode) ?? assert.fail();
}

interface Stored {
  readonly _id: string;
  readonly to: Binary;
  readonly body: Binary;
  readonly telepon: Binary;
  readonly entered: Binary;
  readonly provinsi: string;
}
