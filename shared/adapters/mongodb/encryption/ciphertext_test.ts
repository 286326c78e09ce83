import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Binary, BSON, type DataKey, UUID } from "mongodb";
import { generateAeadKey, isAeadKey } from "../../../security/aead_cbc_hmac.ts";
import { parseMasterKeys } from "../../../security/master_key.ts";
import { decryptValue, encryptValue, parseCiphertext } from "./ciphertext.ts";
import { unwrap } from "./key_vault.ts";
import vectors from "./vectors.json" with { type: "json" };

describe("The format of encrypted fields", () => {
  const key = { id: new UUID(), bytes: generateAeadKey() };

  it("gives back every text", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
      for (const algorithm of ["deterministic", "random"] as const) {
        assert.deepEqual(decrypt(key, encryptValue(key, text, algorithm)), { value: text });
      }
    }));
  });

  it("says of a value that cannot be encrypted what is wrong, and not the value", () => {
    const refused = (value: unknown, algorithm: "deterministic" | "random", message: string) =>
      assert.throws(() => encryptValue(key, value, algorithm), { name: "TypeError", message });
    refused(null, "random", "Cannot encrypt a value of BSON type 10");
    refused({ text: "rahasia" }, "deterministic", "Cannot encrypt a value of BSON type 3 deterministically");
    const encrypted = encryptValue(key, "Halo", "random");
    refused(encrypted, "random", "Cannot encrypt what is encrypted already");
  });

  it("is told from everything else", () => {
    for (const field of [undefined, null, "Halo", new Uint8Array(100), new Binary(new Uint8Array(100))]) {
      assert.equal(parseCiphertext(field), "is not encrypted");
    }
    const encrypted = (...bytes: number[]) => new Binary(Uint8Array.from(bytes), Binary.SUBTYPE_ENCRYPTED);
    assert.equal(parseCiphertext(encrypted()), "is encrypted in an unknown way");
    assert.equal(parseCiphertext(encrypted(0, 1, 2)), "is encrypted in an unknown way");
    assert.equal(parseCiphertext(encrypted(1, 1, 2)), "is cut short");
  });

  describe("as libmongocrypt writes it", () => {
    const { dataKey, document, values } = BSON.EJSON.parse(JSON.stringify(vectors), { relaxed: false });
    const known = { id: new UUID(idOf(document)), bytes: keyOf(dataKey) };

    it("begins with a data key that the master key opens", async () => {
      const bytes = await unwrap(document, parseMasterKeys(vectors.masterKey));
      assert.deepEqual(bytes && Buffer.from(bytes), Buffer.from(known.bytes));
    });

    it("is there for every type that can be encrypted", () => {
      assert.equal(values.length, 19);
      assert.equal(values.filter(({ deterministic }: Vector) => deterministic).length, 14);
    });

    for (const { title, value, random, deterministic } of values as readonly Vector[]) {
      it(`is read: ${title}`, () => {
        for (const hex of [random, deterministic ?? random]) {
          assert.equal(inJson(decrypt(known, fieldOf(hex))?.value), inJson(value));
        }
      });

      if (deterministic) {
        it(`is written byte for byte: ${title}`, () => {
          assert.equal(encryptValue(known, value, "deterministic").toString("hex"), deterministic);
        });
      }
    }
  });
});

interface Vector {
  readonly title: string;
  readonly value: unknown;
  readonly random: string;
  readonly deterministic?: string;
}

function decrypt(key: Parameters<typeof decryptValue>[0], field: Binary) {
  const ciphertext = parseCiphertext(field);
  return typeof ciphertext === "string" ? assert.fail(ciphertext) : decryptValue(key, ciphertext);
}

function fieldOf(hex: string): Binary {
  return new Binary(Buffer.from(hex, "hex"), Binary.SUBTYPE_ENCRYPTED);
}

function idOf({ _id }: DataKey): Uint8Array {
  return _id.value();
}

function keyOf(base64: string) {
  const bytes = new Uint8Array(Buffer.from(base64, "base64"));
  return isAeadKey(bytes) ? bytes : assert.fail();
}

function inJson(value: unknown): string {
  return BSON.EJSON.stringify({ value }, { relaxed: true });
}
