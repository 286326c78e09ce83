import { Buffer } from "node:buffer";
import { type AeadKey, generateAeadKey, isAeadKey, seal, unseal } from "./aead_cbc_hmac.ts";

/**
 * Encrypts the data keys in MongoDB's key vault. The key of a key management service has the same shape: it then
 * wraps and unwraps by a call to the service, from which it never leaves.
 */
export interface MasterKey {
  /** What the key vault says of a data key under this one, as the official drivers write and read it. */
  readonly masterKey: { readonly provider: "local" };
  /** What the official drivers take for the same key, under the provider's name. */
  readonly credentials: { readonly key: Uint8Array };
  wrap(dataKey: AeadKey): Promise<Uint8Array>;
  /** Undefined for what another master key wrapped, or was changed since. */
  unwrap(keyMaterial: Uint8Array): Promise<AeadKey | undefined>;
}

/** The first one wraps what is new; the others only read. */
export type MasterKeys = readonly [MasterKey, ...MasterKey[]];

/** Reads the text of the file: keys of 96 bytes in base64, one a line. The error never quotes it. */
export function parseMasterKeys(text: string): MasterKeys {
  const [first, ...others] = text.split("\n").map((line) => line.trim()).filter(Boolean).map(localMasterKey);
  if (first === undefined) throw new Error("Expect a master key of 96 bytes in base64, find none");
  return [first, ...others];
}

/** A new key, as a line of the file. */
export function generateMasterKey(): string {
  return Buffer.from(generateAeadKey()).toString("base64");
}

function localMasterKey(line: string, index: number): MasterKey {
  const key = Buffer.from(line, "base64");
  // Node skips what is not base64: only the way back shows whether all of the text was read.
  if (key.toString("base64") !== line || !isAeadKey(key)) {
    throw new Error(`Expect master key ${index + 1} to be 96 bytes in base64, on one line`);
  }
  return {
    masterKey: { provider: "local" },
    credentials: { key },
    wrap: (dataKey) => Promise.resolve(seal(key, dataKey, NOTHING)),
    unwrap(keyMaterial) {
      const dataKey = unseal(key, keyMaterial, NOTHING);
      return Promise.resolve(dataKey && isAeadKey(dataKey) ? dataKey : undefined);
    },
  };
}

/** A wrapped data key has no associated data. */
const NOTHING = new Uint8Array();
