import type { Binary, DataKey } from "mongodb";
import type { MasterKeys } from "../../../security/master_key.ts";
import { type Algorithm, type Ciphertext, decryptValue, encryptValue } from "./ciphertext.ts";
import { unwrap } from "./key_vault.ts";

/**
 * Encrypts and decrypts values under one data key. Answers undefined when none of the master keys opens it. The way of
 * every machine; what it writes and what MongoDB's own library writes is the same.
 */
export const openCipher: OpenCipher = async (dataKey, masterKeys) => {
  const bytes = await unwrap(dataKey, masterKeys);
  if (!bytes) return undefined;
  const key = { id: dataKey._id, bytes };
  return {
    encrypt: (value, algorithm) => Promise.resolve(encryptValue(key, value, algorithm)),
    decrypt: (ciphertext) => Promise.resolve(decryptValue(key, ciphertext)),
  };
};

export type OpenCipher = (dataKey: DataKey, masterKeys: MasterKeys) => Promise<Cipher | undefined>;

export interface Cipher {
  encrypt(value: unknown, algorithm: Algorithm): Promise<Binary>;
  /** Undefined for what was changed. Only asked for what is encrypted under this data key. */
  decrypt(ciphertext: Ciphertext): Promise<{ readonly value: unknown } | undefined>;
}
