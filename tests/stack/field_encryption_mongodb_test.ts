import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, before, describe, it } from "@std/testing/bdd";
import { Binary, type DataKey, MaxKey, MinKey, UUID } from "mongodb";
import { type Cipher, openCipher } from "../../shared/adapters/mongodb/encryption/cipher.ts";
import { type Algorithm, parseCiphertext } from "../../shared/adapters/mongodb/encryption/ciphertext.ts";
import { openFieldEncryption } from "../../shared/adapters/mongodb/encryption/field_encryption.ts";
import {
  ensureDataKey,
  findDataKey,
  type Purpose,
} from "../../shared/adapters/mongodb/encryption/key_vault.ts";
import { rewrap } from "../../shared/adapters/mongodb/encryption/rewrap.ts";
import { generateMasterKey, parseMasterKeys } from "../../shared/security/master_key.ts";
import { type Libmongocrypt, openLibmongocrypt } from "./libmongocrypt/libmongocrypt.ts";
import { inJson, VALUES } from "./libmongocrypt/values.ts";
import { openTestMongo, type TestMongo } from "./mongodb.ts";

/** Made by us, and made by MongoDB's library. */
const [OURS, THEIRS] = ["kependudukan-sms", "kependudukan-officers"] as const;

describe("Field encryption and MongoDB's own library", () => {
  const [older, newer] = [generateMasterKey(), generateMasterKey()];
  const masterKeys = parseMasterKeys(older);
  let test: TestMongo;
  let library: Libmongocrypt;

  before(async () => {
    test = await openTestMongo();
    library = await openLibmongocrypt(test.mongo.keyVault.namespace, {
      local: bytesOf(older),
      "local:newer": bytesOf(newer),
    });
    await ensureDataKey(test.mongo.keyVault, OURS, masterKeys[0]);
    await library.createDataKey("local", THEIRS);
  });
  after(async () => {
    await library.close();
    await test.drop();
  });

  it("are of the version that the vectors were made with", async () => {
    assert.match(await library.version(), /^1\.2\d\./);
  });

  for (const purpose of [OURS, THEIRS]) {
    describe(`under the data key that ${purpose === OURS ? "we" : "it"} made`, () => {
      let cipher: Cipher;
      before(async () => cipher = await open(purpose, masterKeys));

      for (const [title, { value, deterministic }] of Object.entries(VALUES)) {
        it(`read ${title} of each other`, async () => {
          const theirs = await library.encrypt(purpose, value, "random");
          assert.equal(inJson((await decrypt(cipher, theirs))?.value), inJson(value));
          const ours = await cipher.encrypt(value, "random");
          assert.equal(inJson(await library.decrypt(ours)), inJson(value));
          assert.equal(ours.length(), theirs.length());
        });

        it(`${deterministic ? "write" : "both refuse to write"} ${title} deterministically`, async () => {
          const encrypting = () => Promise.resolve().then(() => cipher.encrypt(value, "deterministic"));
          if (!deterministic) return await bothRefuse(encrypting, purpose, value, "deterministic");
          const ours = await encrypting();
          const theirs = await library.encrypt(purpose, value, "deterministic");
          assert.equal(ours.toString("hex"), theirs.toString("hex"));
          assert.equal(inJson((await decrypt(cipher, theirs))?.value), inJson(value));
          assert.equal(inJson(await library.decrypt(ours)), inJson(value));
        });
      }

      for (
        const [title, value] of [["null", null], ["MinKey", new MinKey()], ["MaxKey", new MaxKey()]] as const
      ) {
        it(`both refuse ${title}`, async () => {
          for (const algorithm of ["random", "deterministic"] as const) {
            const encrypting = () => Promise.resolve().then(() => cipher.encrypt(value, algorithm));
            await bothRefuse(encrypting, purpose, value, algorithm);
          }
        });
      }

      it("both refuse what is encrypted already", async () => {
        const encrypted = await cipher.encrypt("Halo", "random");
        const encrypting = () => Promise.resolve().then(() => cipher.encrypt(encrypted, "random"));
        await bothRefuse(encrypting, purpose, encrypted, "random");
      });

      it("both refuse what was changed", async () => {
        const field = await cipher.encrypt("Halo", "deterministic");
        // The type, the IV, the text and the tag; the algorithm and the key's id come before.
        for (const at of [17, 18, 34, field.length() - 1]) {
          const bytes = Buffer.from(field.value());
          bytes[at] = (bytes[at] ?? 0) ^ 1;
          const changed = new Binary(bytes, Binary.SUBTYPE_ENCRYPTED);
          assert.equal(await decrypt(cipher, changed), undefined);
          await assert.rejects(library.decrypt(changed), /refused: .*HMAC validation failure/);
        }
      });
    });
  }

  it("write the same documents into the key vault", async () => {
    const [ours, theirs] = [await find(OURS), await find(THEIRS)];
    assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort());
    for (const key of [ours, theirs]) {
      assert.ok(key._id instanceof UUID);
      assert.equal(key.keyMaterial.sub_type, Binary.SUBTYPE_DEFAULT);
      assert.equal(key.keyMaterial.length(), 160);
      assert.ok(key.creationDate instanceof Date && key.updateDate instanceof Date);
      assert.equal(key.status, 0);
      assert.deepEqual(key.masterKey, { provider: "local" });
    }
    assert.equal(inJson(await library.getKey(OURS)), inJson(ours));
  });

  it("give one name to one data key only", async () => {
    await assert.rejects(library.createDataKey("local", OURS), /refused: .*E11000/);
    await ensureDataKey(test.mongo.keyVault, THEIRS, masterKeys[0]);
    assert.equal(await test.mongo.keyVault.countDocuments(), 2);
  });

  it("read what the other one has rewrapped, and what was encrypted before", async () => {
    const field = await (await open(OURS, masterKeys)).encrypt("Halo", "random");
    const both = parseMasterKeys(`${newer}\n${older}`);

    assert.equal(await library.rewrap("local:newer"), 2);
    assert.equal((await find(OURS)).masterKey["provider"], "local:newer");
    const rewrapped = await openCipher(await find(OURS), parseMasterKeys(newer));
    assert.equal((await decrypt(rewrapped ?? assert.fail(), field))?.value, "Halo");
    assert.equal(await openCipher(await find(OURS), masterKeys), undefined);

    const back = parseMasterKeys(`${older}\n${newer}`);
    for await (const { outcome } of rewrap(test.mongo.keyVault, back, { dryRun: false })) {
      assert.equal(outcome, "rewrapped");
    }
    assert.equal(await library.decrypt(field), "Halo");
    for (const keys of [both, back, masterKeys]) {
      const fields = await openFieldEncryption(test.mongo.keyVault, OURS, {
        masterKeys: () => Promise.resolve(keys),
      });
      assert.deepEqual(await fields.decrypt(field), { kind: "value", value: "Halo" });
    }
  });

  async function find(purpose: Purpose): Promise<DataKey> {
    return await findDataKey(test.mongo.keyVault, purpose) ?? assert.fail();
  }

  async function open(purpose: Purpose, keys: typeof masterKeys): Promise<Cipher> {
    return await openCipher(await find(purpose), keys) ?? assert.fail();
  }

  async function bothRefuse(
    encrypting: () => Promise<Binary>,
    purpose: Purpose,
    value: unknown,
    algorithm: Algorithm,
  ): Promise<void> {
    await assert.rejects(encrypting, TypeError);
    await assert.rejects(library.encrypt(purpose, value, algorithm), /libmongocrypt refused/);
  }
});

async function decrypt(cipher: Cipher, field: Binary) {
  const ciphertext = parseCiphertext(field);
  return typeof ciphertext === "string" ? assert.fail(ciphertext) : await cipher.decrypt(ciphertext);
}

function bytesOf(masterKey: string): Binary {
  return new Binary(Buffer.from(masterKey, "base64"));
}
