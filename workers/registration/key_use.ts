import type { Buffer } from "node:buffer";
import type { Pool } from "../../shared/adapters/postgres/pool.ts";
import { hmacSha256 } from "../../shared/security/hmac.ts";
import { findKey, type KeyRing, KeyUnknown } from "../../shared/security/key_ring.ts";
import type { NewRow } from "./repository.ts";

/**
 * The index keys that the database says are in use, kept until a statement finds that they no longer are. The database
 * decides and not the keys file: processes read that at different times, and two that index under different keys would
 * not see each other's NIK.
 */
export function indexKeys(pool: Pick<Pool, "query">, ring: KeyRing): IndexKeySource {
  let kept: Promise<IndexKeys> | undefined;
  return {
    current() {
      kept ??= read(pool, ring).catch((error) => {
        kept = undefined;
        throw error;
      });
      return kept;
    },
    forget() {
      kept = undefined;
    },
  };
}

export interface IndexKeySource {
  /** Rejects with `KeyUnknown` while this process has not read one of the keys yet. */
  current(): Promise<IndexKeys>;
  forget(): void;
}

export interface IndexKeys {
  readonly active: IndexKey;
  /** Rows may still bear HMACs under these. */
  readonly earlier: readonly IndexKey[];
}

export interface IndexKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Equal for equal NIKs, and worthless without the key, although there are few enough NIKs to try them all. */
export function nikIndex({ bytes }: IndexKey, { nik }: Pick<NewRow, "nik">): Buffer {
  return hmacSha256(bytes, nik);
}

/** Recognises the request when it comes again. */
export function idempotency({ bytes }: IndexKey, { retry }: Retried): Buffer {
  return hmac(bytes, "idempotency", retry.registrar, retry.key);
}

/** Tells whether it is the same data. */
export function fingerprint({ bytes }: IndexKey, { nik, nama, alamat, kode }: Retried): Buffer {
  return hmac(bytes, "fingerprint", nik, nama, alamat, kode);
}

export type Retried = NewRow & { readonly retry: NonNullable<NewRow["retry"]> };

/** Keyed, because the parts are personal or guessable; each part is measured, so that no two lists look alike. */
function hmac(key: Uint8Array, purpose: string, ...parts: readonly string[]): Buffer {
  const text = purpose + parts.map((part) => `\0${part.length}\0${part}`).join("");
  return hmacSha256(key, text);
}

async function read(pool: Pick<Pool, "query">, ring: KeyRing): Promise<IndexKeys> {
  const found = await pool.query<KeyUseRow>(READ);
  // The first registration of all: whichever process comes first has its say.
  if (!found.rows[0]) await pool.query(BEGIN, [ring.active]);
  const [row] = found.rows[0] ? found.rows : (await pool.query<KeyUseRow>(READ)).rows;
  if (!row) throw new Error("Cannot read which index key is in use");
  const keyOf = (id: string): IndexKey => {
    const bytes = findKey(ring, id);
    if (!bytes) throw new KeyUnknown("blindIndex", id);
    return { id, bytes };
  };
  return { active: keyOf(row.index_key), earlier: row.earlier_index_keys.map(keyOf) };
}

const READ = "select index_key, earlier_index_keys from key_use";
const BEGIN = "insert into key_use (index_key) values ($1) on conflict do nothing";

interface KeyUseRow {
  readonly index_key: string;
  readonly earlier_index_keys: readonly string[];
}
