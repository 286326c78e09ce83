import { Binary, BSON, Decimal128, Double, Int32, Long, ObjectId, Timestamp, UUID } from "mongodb";

/** Values of every BSON type that can be encrypted, texts around the cipher's blocks of 16 bytes among them. */
export const VALUES: Readonly<Record<string, Value>> = {
  "an empty text": { value: "", deterministic: true },
  "a telephone number": { value: "+628000000001", deterministic: true },
  "a text of 10 bytes, with its BSON frame one byte short of a block": {
    value: "a".repeat(10),
    deterministic: true,
  },
  "a text of 11 bytes, with its BSON frame a whole block": { value: "a".repeat(11), deterministic: true },
  "a text of several scripts": { value: "Pendaftaran Baru: \u00e9\u4e16\u{1f30f}", deterministic: true },
  "a text of 400 characters": { value: "Halo dunia ".repeat(37).slice(0, 400), deterministic: true },
  "a document": { value: { id: "a:b", to: "+628000000001", text: "Halo" }, deterministic: false },
  "an array": { value: ["a", new Int32(1)], deterministic: false },
  "an int": { value: new Int32(-7), deterministic: true },
  "a long": { value: Long.fromString("9007199254740993"), deterministic: true },
  "a double": { value: new Double(1.5), deterministic: false },
  "a decimal": { value: Decimal128.fromString("1.10"), deterministic: false },
  "a bool": { value: true, deterministic: false },
  "an instant": { value: new Date("2026-11-22T12:00:00.001Z"), deterministic: true },
  "an ObjectId": { value: new ObjectId("6560c0de6560c0de6560c0de"), deterministic: true },
  "a UUID": { value: new UUID("12345678-1234-4234-8234-123456789abc"), deterministic: true },
  "bytes": { value: new Binary(new Uint8Array([0, 1, 255])), deterministic: true },
  "a regular expression": { value: /^a/i, deterministic: true },
  "a timestamp": { value: new Timestamp({ t: 7, i: 1 }), deterministic: true },
};

export interface Value {
  readonly value: unknown;
  /** Whether the type may be encrypted deterministically. */
  readonly deterministic: boolean;
}

/** What a driver reads and what another one reads are equal when they say the same in JSON. */
export function inJson(value: unknown): string {
  return BSON.EJSON.stringify({ value }, { relaxed: true });
}
