import { Buffer } from "node:buffer";
import { Binary, BSON, type UUID } from "mongodb";
import { type AeadKey, seal, sealDeterministically, unseal } from "../../../security/aead_cbc_hmac.ts";

/** "deterministic" can be looked up, and shows which values are equal; "random" shows nothing but the length. */
export type Algorithm = "deterministic" | "random";

/**
 * The value as MongoDB's client-side field level encryption has it: binary subtype 6, `algorithm (1) | id of the data
 * key (16) | BSON type (1) | IV | ciphertext | tag`, of which the first 18 bytes are the associated data
 * (mongodb/specifications, client-side encryption, subtype 6). Throws a TypeError for a value of a type that the
 * official drivers refuse as well; it does not quote the value.
 */
export function encryptValue(key: DataKeyBytes, value: unknown, algorithm: Algorithm): Binary {
  const { type, plain } = toBson(value);
  demandEncryptable(type, plain, algorithm);
  const deterministic = algorithm === "deterministic";
  const head = Buffer.concat([
    Buffer.of(deterministic ? DETERMINISTIC : RANDOM),
    key.id.value(),
    Buffer.of(type),
  ]);
  const body = deterministic ? sealDeterministically(key.bytes, plain, head) : seal(key.bytes, plain, head);
  return new Binary(Buffer.concat([head, body]), Binary.SUBTYPE_ENCRYPTED);
}

/** What `encryptValue` was given; undefined when the ciphertext was changed or is under another key. */
export function decryptValue(key: DataKeyBytes, { bytes }: Ciphertext): { value: unknown } | undefined {
  const plain = unseal(key.bytes, bytes.subarray(HEAD_BYTES), bytes.subarray(0, HEAD_BYTES));
  return plain && { value: fromBson(bytes[HEAD_BYTES - 1] ?? 0, plain) };
}

/** The parts of a field that are in clear, or a few words on why it is no ciphertext. */
export function parseCiphertext(field: unknown): Ciphertext | NotCiphertext {
  if (!(field instanceof Binary) || field.sub_type !== Binary.SUBTYPE_ENCRYPTED) return "is not encrypted";
  const bytes = Buffer.from(field.value());
  const algorithm = bytes[0];
  if (algorithm !== DETERMINISTIC && algorithm !== RANDOM) return "is encrypted in an unknown way";
  if (bytes.length < SMALLEST) return "is cut short";
  return { keyId: bytes.toString("hex", 1, HEAD_BYTES - 1), bytes };
}

export interface Ciphertext {
  /** Of the data key, in hexadecimal digits. */
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

export type NotCiphertext = "is not encrypted" | "is encrypted in an unknown way" | "is cut short";

export interface DataKeyBytes {
  readonly id: UUID;
  readonly bytes: AeadKey;
}

/** A value has no form of its own in BSON: it is what follows the name of an element. */
function toBson(value: unknown): { readonly type: number; readonly plain: Uint8Array } {
  const document = BSON.serialize({ "": value }, { ignoreUndefined: false });
  return { type: document[4] ?? 0, plain: document.subarray(6, -1) };
}

function fromBson(type: number, plain: Uint8Array): unknown {
  const document = Buffer.alloc(plain.length + 7);
  document.writeInt32LE(document.length);
  document[4] = type;
  document.set(plain, 6);
  return BSON.deserialize(document)[""];
}

function demandEncryptable(type: number, plain: Uint8Array, algorithm: Algorithm): void {
  if (NEVER.has(type)) throw new TypeError(`Cannot encrypt a value of BSON type ${type}`);
  if (type === BINARY && plain[4] === Binary.SUBTYPE_ENCRYPTED) {
    throw new TypeError("Cannot encrypt what is encrypted already");
  }
  if (algorithm === "deterministic" && NOT_DETERMINISTICALLY.has(type)) {
    throw new TypeError(`Cannot encrypt a value of BSON type ${type} deterministically`);
  }
}

const DETERMINISTIC = 1;
const RANDOM = 2;
const HEAD_BYTES = 18;
/** IV, one block and tag. */
const SMALLEST = HEAD_BYTES + 64;

// https://bsonspec.org/spec.html
const BINARY = 0x05;
/** Undefined, null, maxKey and minKey: each has one value only. */
const NEVER = new Set([0x06, 0x0a, 0x7f, 0xff]);
/** Double, object, array, bool, code with scope and decimal128: equal values may differ in bytes, or are too few. */
const NOT_DETERMINISTICALLY = new Set([0x01, 0x03, 0x04, 0x08, 0x0f, 0x13]);
