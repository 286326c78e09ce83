import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Binary } from "mongodb";
import { PENDUDUK, TELEPON } from "../../../tests/fixtures.ts";
import { generateKeys, type KeyRing, parseKeys } from "../../security/key_ring.ts";
import { fieldEncryption } from "./encryption.ts";

describe("Field encryption", () => {
  const older = parseKeys(generateKeys(new Date("2026-01-01"))).columns;
  const newer = parseKeys(generateKeys(new Date("2026-02-01"))).columns;
  const both: KeyRing = { active: newer.active, keys: new Map([...older.keys, ...newer.keys]) };

  it("gives back every text, of which nothing shows", async () => {
    const fields = fieldEncryption(both);
    await fc.assert(fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), async (text) => {
      assert.equal(await fields.decrypt(await fields.encrypt(text)), text.toWellFormed());
    }));
    for (const secret of [TELEPON[0], PENDUDUK[2].nama]) {
      assert.ok(!Buffer.from((await fields.encrypt(secret)).value()).includes(secret));
    }
  });

  it("never writes one text the same way twice", async () => {
    const fields = fieldEncryption(both);
    const [first, second] = [await fields.encrypt(TELEPON[0]), await fields.encrypt(TELEPON[0])];
    assert.notDeepEqual(first.value(), second.value());
  });

  it("reads what was written under a retired key, and nothing without its key", async () => {
    const written = await fieldEncryption(older).encrypt("Halo");
    assert.equal(await fieldEncryption(both).decrypt(written), "Halo");
    assert.equal(await fieldEncryption(newer).decrypt(written), undefined);
    assert.equal(
      await fieldEncryption(older).decrypt(await fieldEncryption(both).encrypt("Halo")),
      undefined,
    );
  });

  it("reads nothing of which a single bit was changed, or the end is missing", async () => {
    const fields = fieldEncryption(both);
    const written = Buffer.from((await fields.encrypt("Halo")).value());
    for (let bit = 0; bit < written.length * 8; bit++) {
      const changed = Buffer.from(written);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(await fields.decrypt(new Binary(changed)), undefined);
    }
    for (let length = 0; length < written.length; length++) {
      assert.equal(await fields.decrypt(new Binary(written.subarray(0, length))), undefined);
    }
  });
});
