import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  type AeadKey,
  generateAeadKey,
  isAeadKey,
  seal,
  sealDeterministically,
  unseal,
} from "./aead_cbc_hmac.ts";

const bytes = () => fc.uint8Array({ maxLength: 100 });

describe("AEAD_AES_256_CBC_HMAC_SHA_512", () => {
  it("opens the example of RFC 7518, appendix B.3, which has the same tag and the same text key", () => {
    const opened = unseal(keyFrom(0), Buffer.from(EXAMPLE, "hex"), Buffer.from(ASSOCIATED));
    assert.equal(opened && Buffer.from(opened).toString(), TEXT);
  });

  it("gives back every text under its key with its associated data, and under no other", () => {
    const [key, other] = [generateAeadKey(), generateAeadKey()];
    fc.assert(fc.property(bytes(), bytes(), (plain, associated) => {
      for (const sealed of [seal(key, plain, associated), sealDeterministically(key, plain, associated)]) {
        assert.deepEqual(unseal(key, sealed, associated), Buffer.from(plain));
        assert.equal(unseal(other, sealed, associated), undefined);
        assert.equal(unseal(key, sealed, Buffer.concat([associated, Buffer.of(0)])), undefined);
      }
    }));
  });

  it("seals one text always differently, or always the same, as it is asked", () => {
    const key = generateAeadKey();
    const [plain, associated] = [Buffer.from("Halo"), Buffer.of(1)];
    assert.notDeepEqual(seal(key, plain, associated), seal(key, plain, associated));
    const same = sealDeterministically(key, plain, associated);
    assert.deepEqual(sealDeterministically(key, plain, associated), same);
    assert.notDeepEqual(
      sealDeterministically(key, plain, Buffer.of(2)).subarray(0, 16),
      same.subarray(0, 16),
    );
  });

  it("opens nothing of which a single bit was changed, or the end is missing", () => {
    const key = generateAeadKey();
    const sealed = Buffer.from(seal(key, Buffer.from("Halo"), Buffer.of(1)));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(unseal(key, changed, Buffer.of(1)), undefined);
    }
    for (let length = 0; length < sealed.length; length++) {
      assert.equal(unseal(key, sealed.subarray(0, length), Buffer.of(1)), undefined);
    }
  });
});

function keyFrom(first: number): AeadKey {
  const key = Uint8Array.from({ length: 96 }, (_, i) => first + i);
  return isAeadKey(key) ? key : assert.fail();
}

const TEXT =
  "A cipher system must not be required to be secret, and it must be able to fall into the hands of the " +
  "enemy without inconvenience";
const ASSOCIATED = "The second principle of Auguste Kerckhoffs";
/** IV, ciphertext, tag. */
const EXAMPLE = "1af38c2dc2b96ffdd86694092341bc04" +
  "4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd822c301dd67c373bccb584ad3e9279c2" +
  "e6d12a1374b77f077553df829410446b36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3" +
  "a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950bbe2638d09dd7a4930930806d0703b1f6" +
  "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5";
