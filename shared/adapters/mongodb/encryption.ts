import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import { Binary } from "mongodb";
import { activeKey, type KeyRing } from "../../security/key_ring.ts";

/**
 * Encrypts the personal fields of documents, each value by itself under the active key of the ring. What was written
 * under an older key stays readable.
 */
export function fieldEncryption(ring: KeyRing): FieldEncryption {
  const keys = new Map(Array.from(ring.keys, ([id, key]) => [id, derive(key)]));
  const writing = { id: ring.active, key: derive(activeKey(ring)) };
  return {
    encrypt: (text) => Promise.resolve(seal(text, writing)),
    decrypt: (value) => Promise.resolve(unseal(value, keys)),
  };
}

export interface FieldEncryption {
  encrypt(text: string): Promise<Binary>;
  /**
   * Undefined for what no key of the ring opens, which is reported and not thrown: one such document must not stand
   * in the way of the rest.
   */
  decrypt(value: Binary): Promise<string | undefined>;
}

/** AES-256-GCM (NIST SP 800-38D) as `length of the key's id (1) | id | nonce (12) | tag (16) | ciphertext`. */
function seal(text: string, { id, key }: { readonly id: string; readonly key: Uint8Array }): Binary {
  const head = Buffer.from(`\0${id}`);
  head[0] = id.length;
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(head);
  const ciphertext = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return new Binary(Buffer.concat([head, nonce, cipher.getAuthTag(), ciphertext]), SUBTYPE);
}

function unseal(value: Binary, keys: ReadonlyMap<string, Uint8Array>): string | undefined {
  const bytes = Buffer.from(value.value());
  const head = bytes.subarray(0, 1 + (bytes[0] ?? 0));
  const id = head.toString("utf8", 1);
  const key = keys.get(id);
  if (!key) {
    log.error("Cannot read a field without the key {keyId}", { keyId: id });
    return undefined;
  }
  const nonce = bytes.subarray(head.length, head.length + NONCE_BYTES);
  const tag = bytes.subarray(head.length + NONCE_BYTES, head.length + NONCE_BYTES + TAG_BYTES);
  try {
    const cipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES }).setAAD(head)
      .setAuthTag(tag);
    const ciphertext = bytes.subarray(head.length + NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([cipher.update(ciphertext), cipher.final()]).toString("utf8");
  } catch (error) {
    log.error("Cannot read a field that was changed: {error}", { keyId: id, error: nameOf(error) });
    return undefined;
  }
}

/** Apart from the key of the ring, by which pgcrypto encrypts. */
function derive(key: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", key, "", "mongodb field", 32));
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** User-defined, BSON specification. */
const SUBTYPE = 0x80;

const log = getLogger(["kependudukan", "mongodb"]);
