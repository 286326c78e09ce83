import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv } from "node:crypto";
import { z } from "zod";
import { isNik, type Nik } from "../penduduk/nik.ts";
import { activeKey, findKey, type KeyRing } from "../security/key_ring.ts";
import { randomBytes } from "../security/random.ts";
import { parseJson } from "./json.ts";

/** What only the notification may read. The address is not in it: no consumer needs it, so no event carries it. */
export interface Personal {
  readonly nik: Nik;
  readonly nama: string;
}

export type Opened =
  | { readonly kind: "opened"; readonly personal: Personal }
  | { readonly kind: "unreadable"; readonly reason: UnreadableReason };

export type UnreadableReason =
  | "malformed"
  | "algorithm"
  | "unknown-key"
  /** Altered, or sealed with another key of the same id. */
  | "tampered"
  /** Sealed with the right key, but not by `sealPersonal`. */
  | "content";

/**
 * Seals as compact JWE (RFC 7516) with `alg` "dir" and `enc` "A256GCM" under the active key. `jose` reads it and is
 * read, but awaits WebCrypto: in Deno ten times the CPU of node:crypto, at thousands of events a second.
 */
export function sealPersonal(personal: Personal, ring: KeyRing): string {
  const header = headerOf(ring.active);
  // A random nonce is safe for 2^32 messages under one key (NIST SP 800-38D): 15 times the population.
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", activeKey(ring), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(header);
  const sealed = cipher.update(JSON.stringify({ nik: personal.nik, nama: personal.nama }), "utf8");
  // Nothing is left to come from a counter mode; it ends the tag.
  cipher.final();
  return [header.toString("latin1"), "", base64url(nonce), base64url(sealed), base64url(cipher.getAuthTag())]
    .join(".");
}

/** Opens with the key that the header names; never throws, whatever it is given. */
export function openPersonal(jwe: string, ring: KeyRing): Opened {
  const [, header = "", nonce = "", sealed = "", tag = ""] = COMPACT.exec(jwe) ?? [];
  const fields = parseJson(Buffer.from(header, "base64url"));
  if (fields === undefined) return unreadable("malformed");
  const parsed = Header.safeParse(fields);
  if (!parsed.success) return unreadable("algorithm");
  const key = findKey(ring, parsed.data.kid);
  if (!key) return unreadable("unknown-key");
  const text = decrypt(key, { header, nonce, sealed, tag });
  if (!text) return unreadable("tampered");
  const personal = Content.safeParse(parseJson(text));
  return personal.success ? { kind: "opened", personal: personal.data } : unreadable("content");
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Nonce and tag at their full length only: OpenSSL would also accept a tag of four bytes, which can be guessed. */
const COMPACT = /^([\w-]+)\.\.([\w-]{16})\.([\w-]*)\.([\w-]{22})$/;

/** Strict: a header with `crit` or `zip` must be refused by who does not know them (RFC 7516 section 4). */
const Header = z.strictObject({ alg: z.literal("dir"), enc: z.literal("A256GCM"), kid: z.string() });

const Content = z.object({
  nik: z.custom<Nik>((value) => typeof value === "string" && isNik(value)),
  nama: z.string(),
});

interface Sealed {
  readonly header: string;
  readonly nonce: string;
  readonly sealed: string;
  readonly tag: string;
}

function decrypt(key: Uint8Array, { header, nonce, sealed, tag }: Sealed): Uint8Array | undefined {
  const iv = Buffer.from(nonce, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(header));
  decipher.setAuthTag(Buffer.from(tag, "base64url"));
  const text = decipher.update(Buffer.from(sealed, "base64url"));
  try {
    return Buffer.concat([text, decipher.final()]);
  } catch {
    // `final` has one way to fail: the tag does not belong to this text, header and key.
    return undefined;
  }
}

/** In base64url, as it is authenticated; made once a key. */
function headerOf(kid: string): Buffer {
  const known = HEADERS.get(kid);
  if (known) return known;
  const json = JSON.stringify({ alg: "dir", enc: "A256GCM", kid });
  const header = Buffer.from(Buffer.from(json).toString("base64url"));
  HEADERS.set(kid, header);
  return header;
}

const HEADERS = new Map<string, Buffer>();

function base64url({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString("base64url");
}

function unreadable(reason: UnreadableReason): Opened {
  return { kind: "unreadable", reason };
}
