import { Buffer } from "node:buffer";
import { hkdfSync, randomBytes } from "node:crypto";
import { z } from "zod";

/** Keys of 32 bytes by their id. New data is written under the active one; the others only read. */
export interface KeyRing {
  readonly active: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
  /** Looks for newer keys at once, where the ring follows a file. Ask `active` and `keys` again afterwards. */
  readonly reload?: () => void;
}

export interface Keys {
  /** Encrypts the personal columns of the registry. */
  readonly columns: KeyRing;
  /** Encrypts the personal part of events. */
  readonly events: KeyRing;
  /** Makes the index by which a NIK is found without being readable. */
  readonly blindIndex: KeyRing;
  /**
   * Tags the person in an audit line. Its keys are never taken away while lines of their time are kept: they answer
   * "who saw my data".
   */
  readonly audit: KeyRing;
}

export const RINGS = ["columns", "events", "blindIndex", "audit"] as const satisfies readonly (keyof Keys)[];
export type RingName = typeof RINGS[number];

/** Reads the text that `generateKeys` writes. The error names what is wrong, never a key. */
export function parseKeys(json: string): Keys {
  const parsed = KeysText.safeParse(parseJson(json));
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "keys"}: ${message}`);
  throw new Error(`Cannot read the keys: ${reasons.join("; ")}`);
}

/** A new key for each ring, named by the month ("2026-11"): JSON text for a secret file. */
export function generateKeys(now: Date): string {
  const id = now.toISOString().slice(0, 7);
  const ring = () => ({ active: id, keys: { [id]: randomBytes(KEY_BYTES).toString("base64") } });
  return JSON.stringify({ columns: ring(), events: ring(), blindIndex: ring(), audit: ring() }, null, 2);
}

export function activeKey(ring: KeyRing): Uint8Array {
  const key = ring.keys.get(ring.active);
  if (!key) throw new Error(`Find no key with the id "${ring.active}"`);
  return key;
}

/** The key of this id; a ring that follows a file looks there again before it answers that it has none. */
export function findKey(ring: KeyRing, id: string): Uint8Array | undefined {
  if (!ring.keys.has(id)) ring.reload?.();
  return ring.keys.get(id);
}

/** A key is needed that the file, as this process sees it, does not hold or should no longer use: it may later. */
export class KeyUnknown extends Error {
  override readonly name = "KeyUnknown";
  readonly code = "KEY_UNKNOWN";
  constructor(ring: RingName, id: string, todo = "put it back into KEYS_FILE") {
    super(`Cannot use key "${id}" of ring "${ring}": ${todo}`);
  }
}

const KEY_BYTES = 32;

/** Ids travel in table rows and in the header of sealed events. */
const KeyId = z.string().regex(
  /^[A-Za-z0-9._-]{1,32}$/,
  "Expect a key id of at most 32 letters, digits, dots and dashes",
);

const Key = z.string().transform((text, context) => {
  const bytes = Buffer.from(text, "base64");
  // Node skips what is not base64: only the way back shows whether all of the text was read.
  if (bytes.length === KEY_BYTES && bytes.toString("base64") === text) return new Uint8Array(bytes);
  context.addIssue({ code: "custom", message: `Expect ${KEY_BYTES} bytes in base64`, input: undefined });
  return z.NEVER;
});

/** When `deno task keys` did it. */
const Times = z.strictObject({
  added: z.iso.datetime().exactOptional(),
  activated: z.iso.datetime().exactOptional(),
  retired: z.iso.datetime().exactOptional(),
});

const Ring = z.strictObject({
  active: KeyId,
  keys: z.record(KeyId, Key),
  times: z.record(KeyId, Times).exactOptional(),
})
  .transform(({ active, keys }): KeyRing => ({ active, keys: new Map(Object.entries(keys)) }))
  .refine(({ active, keys }) => keys.has(active), {
    path: ["active"],
    message: "Expect the id of one of the keys",
  });

const KeysText = z.strictObject({
  columns: Ring,
  events: Ring,
  blindIndex: Ring,
  audit: Ring.exactOptional(),
})
  .transform((rings): Keys => ({ ...rings, audit: rings.audit ?? auditRingOf(rings.blindIndex) }));

/** For files that were written before there was an audit: from the index keys, one way (HKDF, RFC 5869). */
function auditRingOf({ active, keys }: KeyRing): KeyRing {
  const derive = (key: Uint8Array) => new Uint8Array(hkdfSync("sha256", key, "", "audit", KEY_BYTES));
  return { active, keys: new Map(Array.from(keys, ([id, key]) => [id, derive(key)])) };
}

/** The message of JSON.parse quotes the text, and here the text is keys. */
function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Error("Cannot read the keys: the text is not JSON");
  }
}
