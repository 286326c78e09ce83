import {
  Binary,
  ClientEncryption,
  type DataKey,
  type KMSProviders,
  MongoCryptError,
  MongoMissingDependencyError,
} from "mongodb";
import type { MasterKey } from "../../../security/master_key.ts";
import type { Algorithm } from "./ciphertext.ts";
import type { Cipher, OpenCipher } from "./cipher.ts";
import type { KeyVault } from "./key_vault.ts";

/**
 * The same as `openCipher` by MongoDB's own library, where npm's `mongodb-client-encryption` is installed with its
 * native part; undefined where it is not.
 */
export function findNativeCipher(vault: KeyVault): OpenCipher | undefined {
  if (!isInstalled(vault)) return undefined;
  return async (dataKey, masterKeys) => {
    for (const masterKey of masterKeys) {
      const cipher = await tryToOpen(vault, dataKey, masterKey);
      if (cipher) return cipher;
    }
  };
}

function isInstalled(vault: KeyVault): boolean {
  try {
    return clientEncryption(vault, { local: { key: new Uint8Array(96) } }) !== undefined;
  } catch (error) {
    if (error instanceof MongoMissingDependencyError) return false;
    throw error;
  }
}

/** The library opens a data key when it first encrypts with it, and does not say beforehand whether it can. */
async function tryToOpen(
  vault: KeyVault,
  { _id: keyId, masterKey: { provider } }: DataKey,
  { credentials }: MasterKey,
): Promise<Cipher | undefined> {
  const kmsProviders = providersOf(provider, credentials);
  if (!kmsProviders) return undefined;
  const encryption = clientEncryption(vault, kmsProviders);
  const cipher: Cipher = {
    encrypt: (value, algorithm) => encryption.encrypt(value, { keyId, algorithm: NAMES[algorithm] }),
    decrypt: async ({ bytes }) => {
      const field = new Binary(bytes, Binary.SUBTYPE_ENCRYPTED);
      return await unlessRefused(async () => ({ value: await encryption.decrypt(field) }));
    },
  };
  return await unlessRefused(() => cipher.encrypt("", "random")) && cipher;
}

function clientEncryption(vault: KeyVault, kmsProviders: KMSProviders): ClientEncryption {
  return new ClientEncryption(vault.db.client, { keyVaultNamespace: vault.namespace, kmsProviders });
}

function providersOf(provider: unknown, credentials: MasterKey["credentials"]): KMSProviders | undefined {
  if (provider === "local") return { local: credentials };
  if (!isNamedLocal(provider)) return undefined;
  const providers: KMSProviders = {};
  providers[provider] = credentials;
  return providers;
}

/** A local master key may have a name of its own. */
function isNamedLocal(provider: unknown): provider is `local:${string}` {
  return typeof provider === "string" && provider.startsWith("local:");
}

/** What the library says of data is a MongoCryptError; a server that cannot be reached is another. */
async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MongoCryptError) return undefined;
    throw error;
  }
}

const NAMES = {
  deterministic: "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic",
  random: "AEAD_AES_256_CBC_HMAC_SHA_512-Random",
} as const satisfies Record<Algorithm, string>;
