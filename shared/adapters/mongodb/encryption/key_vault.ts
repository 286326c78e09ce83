import { getLogger } from "@logtape/logtape";
import { Binary, type Collection, type DataKey, MongoServerError, UUID } from "mongodb";
import { type AeadKey, generateAeadKey } from "../../../security/aead_cbc_hmac.ts";
import type { MasterKey } from "../../../security/master_key.ts";

/**
 * The data keys, each wrapped by a master key, as the official drivers write and read them (mongodb/specifications,
 * client-side encryption, key vault collection). Their names are unique by an index.
 */
export type KeyVault = Collection<DataKey>;

/** What a data key is for is its name (`keyAltNames`): whoever gets one of them reads nothing of the other. */
export type Purpose = "kependudukan-officers" | "kependudukan-sms";

/** Makes the data key of this purpose unless there is one. */
export async function ensureDataKey(vault: KeyVault, purpose: Purpose, by: MasterKey): Promise<void> {
  await vault.createIndex(
    { keyAltNames: 1 },
    { unique: true, partialFilterExpression: { keyAltNames: { $exists: true } } },
  );
  if (await findDataKey(vault, purpose)) return;
  const now = new Date();
  try {
    await vault.insertOne({
      _id: new UUID(),
      keyAltNames: [purpose],
      keyMaterial: new Binary(await by.wrap(generateAeadKey())),
      creationDate: now,
      updateDate: now,
      status: ENABLED,
      masterKey: by.masterKey,
    });
    // Where there should have been one, what was encrypted under it cannot be read any more.
    log.warn("Made the data key {purpose} in {vault}", { purpose, vault: vault.namespace });
  } catch (error) {
    // Another process was quicker.
    if (!(error instanceof MongoServerError && error.code === DUPLICATE_KEY)) throw error;
  }
}

export async function findDataKey(vault: KeyVault, purpose: Purpose): Promise<DataKey | null> {
  return await vault.findOne({ keyAltNames: purpose });
}

/**
 * Undefined when none of the master keys opens it. They are tried whatever the provider is called: "local:2026" is the
 * name of a local one as well, and the tag shows which it was.
 */
export async function unwrap(
  { keyMaterial }: DataKey,
  candidates: readonly MasterKey[],
): Promise<AeadKey | undefined> {
  for (const candidate of candidates) {
    const bytes = await candidate.unwrap(keyMaterial.value());
    if (bytes) return bytes;
  }
}

/** Of a data key that may be used; the specification names no other. */
const ENABLED = 0;
// https://www.mongodb.com/docs/manual/reference/error-codes/
const DUPLICATE_KEY = 11000;

const log = getLogger(["kependudukan", "mongodb"]);
