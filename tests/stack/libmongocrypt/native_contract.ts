import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, before, describe, it } from "@std/testing/bdd";
import { Binary, type DataKey } from "mongodb";
import { type Cipher, openCipher } from "../../../shared/adapters/mongodb/encryption/cipher.ts";
import { type Ciphertext, parseCiphertext } from "../../../shared/adapters/mongodb/encryption/ciphertext.ts";
import { openFieldEncryption } from "../../../shared/adapters/mongodb/encryption/field_encryption.ts";
import { ensureDataKey, findDataKey } from "../../../shared/adapters/mongodb/encryption/key_vault.ts";
import { findNativeCipher } from "../../../shared/adapters/mongodb/encryption/native_cipher.ts";
import { rewrap } from "../../../shared/adapters/mongodb/encryption/rewrap.ts";
import { generateMasterKey, parseMasterKeys } from "../../../shared/security/master_key.ts";
import { openTestMongo, type TestMongo } from "../mongodb.ts";
import { inJson, VALUES } from "./values.ts";

// Run by field_encryption_native_mongodb_test.ts, where the native library is installed.
describe("Where mongodb-client-encryption is installed, it", () => {
  const [older, newer] = [generateMasterKey(), generateMasterKey()];
  const masterKeys = parseMasterKeys(older);
  let test: TestMongo;
  let native: Cipher;
  let ours: Cipher;

  before(async () => {
    test = await openTestMongo();
    const { keyVault } = test.mongo;
    await ensureDataKey(keyVault, PURPOSE, masterKeys[0]);
    const open = findNativeCipher(keyVault) ?? assert.fail("it is not installed");
    native = await open(await dataKey(), masterKeys) ?? assert.fail();
    ours = await openCipher(await dataKey(), masterKeys) ?? assert.fail();
  });
  after(async () => await test.drop());

  for (const [title, { value, deterministic }] of Object.entries(VALUES)) {
    it(`reads and writes ${title} as our own code does`, async () => {
      for (const [writer, reader] of [[native, ours], [ours, native]] as const) {
        const field = await writer.encrypt(value, "random");
        assert.equal(inJson((await reader.decrypt(ciphertextOf(field)))?.value), inJson(value));
      }
      if (!deterministic) return;
      const fields = [
        await native.encrypt(value, "deterministic"),
        await ours.encrypt(value, "deterministic"),
      ];
      assert.equal(fields[0]?.toString("hex"), fields[1]?.toString("hex"));
    });
  }

  it("refuses what was changed", async () => {
    const bytes = Buffer.from((await ours.encrypt("Halo", "random")).value());
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const changed = ciphertextOf(new Binary(bytes, Binary.SUBTYPE_ENCRYPTED));
    assert.equal(await native.decrypt(changed), undefined);
  });

  it("is opened by the right one of several master keys, and by no wrong one", async () => {
    const open = findNativeCipher(test.mongo.keyVault) ?? assert.fail();
    assert.equal(await open(await dataKey(), parseMasterKeys(newer)), undefined);
    const cipher = await open(await dataKey(), parseMasterKeys(`${newer}\n${older}`)) ?? assert.fail();
    const field = await cipher.encrypt("Halo", "deterministic");
    assert.deepEqual(field, await ours.encrypt("Halo", "deterministic"));
  });

  it("encrypts the fields, the data key rewrapped meanwhile or not", async () => {
    const { keyVault } = test.mongo;
    let clock = 1_000;
    let file = older;
    const fields = await openFieldEncryption(keyVault, PURPOSE, {
      masterKeys: () => Promise.resolve(parseMasterKeys(file)),
      now: () => clock,
    });
    const written = await fields.encrypt({ text: "Halo" }, "random");
    assert.deepEqual(await fields.decrypt(written), { kind: "value", value: { text: "Halo" } });

    file = `${newer}\n${older}`;
    await Array.fromAsync(rewrap(keyVault, parseMasterKeys(file), { dryRun: false }));
    for (file of [file, newer]) {
      clock += 60_001;
      assert.deepEqual(await fields.decrypt(written), { kind: "value", value: { text: "Halo" } });
    }
    file = older;
    clock += 60_001;
    await assert.rejects(fields.decrypt(written), { name: "Unusable" });
  });

  async function dataKey(): Promise<DataKey> {
    return await findDataKey(test.mongo.keyVault, PURPOSE) ?? assert.fail();
  }
});

const PURPOSE = "kependudukan-sms";

function ciphertextOf(field: Binary): Ciphertext {
  const ciphertext = parseCiphertext(field);
  return typeof ciphertext === "string" ? assert.fail(ciphertext) : ciphertext;
}
