import { Buffer } from "node:buffer";
import { activeKey, type KeyRing } from "../../security/key_ring.ts";

/**
 * pgcrypto's options as an SQL literal. The keys are 32 random bytes, so that stretching them, 0.6 ms a call instead
 * of 31 µs, would protect nothing.
 */
export const CIPHER = "'cipher-algo=aes256, s2k-mode=1, s2k-digest-algo=sha256, compress-algo=0'";

/** Id and passphrase of the key that new rows are written under, as two query parameters. */
export function writingKey(ring: KeyRing): [id: string, passphrase: string] {
  return [ring.active, passphrase(activeKey(ring))];
}

/** Ids and passphrases of all keys, as two array parameters to join with. */
export function readingKeys(ring: KeyRing): [ids: string[], passphrases: string[]] {
  return [[...ring.keys.keys()], Array.from(ring.keys.values(), passphrase)];
}

function passphrase(key: Uint8Array): string {
  return Buffer.from(key).toString("base64");
}
