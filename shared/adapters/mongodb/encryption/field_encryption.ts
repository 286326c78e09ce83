import { getLogger } from "@logtape/logtape";
import { LRUCache } from "lru-cache";
import type { Binary, DataKey } from "mongodb";
import { Unusable } from "../../../resilience/reach.ts";
import type { MasterKeys } from "../../../security/master_key.ts";
import { type Cipher, type OpenCipher, openCipher } from "./cipher.ts";
import { type Algorithm, type NotCiphertext, parseCiphertext } from "./ciphertext.ts";
import { ensureDataKey, findDataKey, type KeyVault, type Purpose } from "./key_vault.ts";
import { findNativeCipher } from "./native_cipher.ts";

/**
 * Encrypts the personal fields of one purpose under its data key in MongoDB's format of client-side field level
 * encryption. The data key is made in the key vault when there is none. Rejects with `Unusable` when no master key
 * opens it.
 */
export async function openFieldEncryption(
  vault: KeyVault,
  purpose: Purpose,
  options: FieldEncryptionOptions,
): Promise<FieldEncryption> {
  const native = findNativeCipher(vault);
  const [writing] = await options.masterKeys();
  await ensureDataKey(vault, purpose, writing);
  const fields = fieldEncryption(purpose, () => findDataKey(vault, purpose), {
    ...options,
    ...(native && { open: native }),
  });
  await fields.check();
  log.debug("Encrypt {purpose} {how}", {
    purpose,
    how: native ? "by MongoDB's own library" : "in TypeScript",
  });
  return fields;
}

/** The same with the data key that `find` finds, and in TypeScript unless told. */
export function fieldEncryption(
  purpose: Purpose,
  find: () => Promise<DataKey | null>,
  { masterKeys, now = () => performance.now(), open = openCipher }: FieldEncryptionOptions & {
    readonly open?: OpenCipher;
  },
): FieldEncryption {
  const cache = new LRUCache<Purpose, Opened>({
    max: 1,
    ttl: TTL_MS,
    ttlResolution: 0,
    perf: { now },
    fetchMethod: async () => await openDataKey(purpose, await find(), await masterKeys(), open),
  });
  const opened = () => cache.forceFetch(purpose);
  return {
    async encrypt(value, algorithm) {
      const { cipher } = await opened();
      return await cipher.encrypt(value, algorithm);
    },
    async decrypt(field) {
      const ciphertext = parseCiphertext(field);
      if (typeof ciphertext === "string") return { kind: "unreadable", reason: ciphertext };
      const { keyId, cipher } = await opened();
      if (ciphertext.keyId !== keyId) return { kind: "unreadable", reason: "is encrypted under another key" };
      const decrypted = await cipher.decrypt(ciphertext);
      return decrypted ? { kind: "value", ...decrypted } : { kind: "unreadable", reason: "was changed" };
    },
    async check() {
      await opened();
    },
  };
}

export interface FieldEncryption {
  encrypt(value: string | Readonly<Record<string, unknown>>, algorithm: Algorithm): Promise<Binary>;
  /** A value and not an error for what cannot be read: one such document must not stand in the way of the rest. */
  decrypt(field: unknown): Promise<Decrypted>;
  /** Rejects when the data key cannot be opened, as the other two then do as well. */
  check(): Promise<void>;
}

export type Decrypted = { readonly kind: "value"; readonly value: unknown } | Unreadable;

export interface Unreadable {
  readonly kind: "unreadable";
  /** Goes on after the name of the field, and holds nothing of it. */
  readonly reason: NotCiphertext | "is encrypted under another key" | "was changed";
}

export interface FieldEncryptionOptions {
  /** Asked whenever the data key is opened, a minute after the last time: a changed file needs no restart. */
  readonly masterKeys: () => Promise<MasterKeys>;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

async function openDataKey(
  purpose: Purpose,
  dataKey: DataKey | null,
  masterKeys: MasterKeys,
  open: OpenCipher,
): Promise<Opened> {
  if (!dataKey) {
    throw new Unusable(
      "MONGODB_URI",
      `leads to a key vault that has lost the data key "${purpose}": restore it from the backup`,
    );
  }
  const cipher = await open(dataKey, masterKeys);
  if (cipher) return { keyId: dataKey._id.toHexString(false), cipher };
  throw new Unusable(
    "MONGODB_MASTER_KEY_FILE",
    `holds no key that opens the data key "${purpose}" of the key vault: name the file that it was made or last rewrapped with`,
  );
}

interface Opened {
  /** In hexadecimal digits. */
  readonly keyId: string;
  readonly cipher: Cipher;
}

const TTL_MS = 60_000;

const log = getLogger(["kependudukan", "mongodb"]);
