import { Buffer } from "node:buffer";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

/**
 * HMAC-SHA-256 (RFC 2104) of the text in UTF-8. What depends on the key alone is computed once: in Deno it takes half
 * the CPU of node:crypto, which makes a dozen buffers for each.
 */
export function hmacSha256(key: Uint8Array, text: string): Buffer {
  let begun = BEGUN.get(key);
  if (!begun) BEGUN.set(key, begun = hmac.create(sha256, key));
  const { buffer, byteOffset, length } = begun.clone().update(encoder.encode(text)).digest();
  return Buffer.from(buffer, byteOffset, length);
}

const BEGUN = new WeakMap<Uint8Array, ReturnType<typeof hmac.create>>();
const encoder = new TextEncoder();
