import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * AEAD_AES_256_CBC_HMAC_SHA_512 of draft-mcgrew-aead-aes-cbc-hmac-sha2 as MongoDB uses it, with a tag of 32 bytes
 * (mongodb/specifications, client-side encryption, and libmongocrypt). Answers `IV | ciphertext | tag`.
 */
export function seal(key: AeadKey, plain: Uint8Array, associated: Uint8Array): Uint8Array {
  return sealWith(key, randomBytes(IV_BYTES), plain, associated);
}

/** The same for the same key, text and associated data: whoever reads the result learns which texts are equal. */
export function sealDeterministically(key: AeadKey, plain: Uint8Array, associated: Uint8Array): Uint8Array {
  const iv = hmac(key.subarray(64), associated, bitsOf(associated), plain).subarray(0, IV_BYTES);
  return sealWith(key, iv, plain, associated);
}

/** Undefined for what was not sealed under this key with this associated data, or was changed since. */
export function unseal(key: AeadKey, sealed: Uint8Array, associated: Uint8Array): Uint8Array | undefined {
  if (sealed.length < SMALLEST) return undefined;
  const body = sealed.subarray(0, -TAG_BYTES);
  // Before anything is decrypted: an answer about the padding would give away the text.
  if (!timingSafeEqual(tagOf(key, body, associated), sealed.subarray(-TAG_BYTES))) return undefined;
  const cipher = createDecipheriv("aes-256-cbc", key.subarray(32, 64), body.subarray(0, IV_BYTES));
  return Buffer.concat([cipher.update(body.subarray(IV_BYTES)), cipher.final()]);
}

/** Three keys of 32 bytes: for the tag, for the text, for the IV of what is sealed deterministically. */
export type AeadKey = Uint8Array & { readonly __brand: "AeadKey" };

export function isAeadKey(bytes: Uint8Array): bytes is AeadKey {
  return bytes.length === KEY_BYTES;
}

export function generateAeadKey(): AeadKey {
  const key = randomBytes(KEY_BYTES);
  if (isAeadKey(key)) return key;
  throw new Error(`Expect ${KEY_BYTES} random bytes`);
}

function sealWith(key: AeadKey, iv: Uint8Array, plain: Uint8Array, associated: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-cbc", key.subarray(32, 64), iv);
  const body = Buffer.concat([iv, cipher.update(plain), cipher.final()]);
  return Buffer.concat([body, tagOf(key, body, associated)]);
}

function tagOf(key: AeadKey, body: Uint8Array, associated: Uint8Array): Uint8Array {
  return hmac(key.subarray(0, 32), associated, body, bitsOf(associated)).subarray(0, TAG_BYTES);
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHmac("sha512", key);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The length in bits, as 64 bits in network order. */
function bitsOf({ length }: Uint8Array): Uint8Array {
  const bits = Buffer.alloc(8);
  bits.writeBigUInt64BE(BigInt(length) * 8n);
  return bits;
}

const KEY_BYTES = 96;
const IV_BYTES = 16;
const TAG_BYTES = 32;
const BLOCK_BYTES = 16;
const SMALLEST = IV_BYTES + BLOCK_BYTES + TAG_BYTES;
