import { setTimeout as delay } from "node:timers/promises";
import { classify } from "../../../shared/adapters/postgres/errors.ts";
import { type Pool, type PoolClient, withTransaction } from "../../../shared/adapters/postgres/pool.ts";

/** Which keys registrations are written under, as workers/registration/migrations/0004_keys.sql keeps it. */
export interface KeyUse {
  readonly index_key: string;
  readonly earlier_index_keys: readonly string[];
  readonly retired_column_keys: readonly string[];
}

/** Undefined before the first registration of all, which makes the key of the file that it reads the one in use. */
export async function readUse(pool: Pick<Pool, "query">): Promise<KeyUse | undefined> {
  const { rows } = await pool.query<KeyUse>(
    "select index_key, earlier_index_keys, retired_column_keys from key_use",
  );
  return rows[0];
}

/**
 * From here on new persons are found by this key, and no statement that used another one still runs. Rows under the
 * earlier keys are looked for as well until `forgetIndexKey`.
 */
export async function useIndexKey(pool: Pool, id: string): Promise<void> {
  await whileNobodyRegisters(pool, (client) =>
    client.query(
      `update key_use set index_key = $1,
        earlier_index_keys = array_append(array_remove(earlier_index_keys, $1), index_key)
      where index_key <> $1`,
      [id],
    ));
}

/** Rows are no longer looked for under this key. To be called when none is under it. */
export async function forgetIndexKey(pool: Pool, id: string): Promise<void> {
  await whileNobodyRegisters(
    pool,
    (client) =>
      client.query("update key_use set earlier_index_keys = array_remove(earlier_index_keys, $1)", [id]),
  );
}

/** From here on the database takes no person that was encrypted under this key, whatever a process has read. */
export async function refuseColumnKey(pool: Pool, id: string): Promise<void> {
  await whileNobodyRegisters(pool, (client) =>
    client.query(
      `update key_use set retired_column_keys = array_append(retired_column_keys, $1)
      where $1 <> all (retired_column_keys)`,
      [id],
    ));
}

export async function allowColumnKey(pool: Pool, id: string): Promise<void> {
  await pool.query("update key_use set retired_column_keys = array_remove(retired_column_keys, $1)", [id]);
}

/**
 * Statements that come meanwhile wait behind this one for milliseconds, and see what it changed. It gives up soon when
 * a long one runs, for those behind it would wait as long.
 */
async function whileNobodyRegisters(
  pool: Pool,
  change: (client: PoolClient) => Promise<unknown>,
): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await withTransaction(pool, async (client) => {
        await client.query("set local lock_timeout = '1s'");
        await client.query("select hold_registrations()");
        await change(client);
      });
    } catch (error) {
      if (classify(error).kind !== "conflict" || attempt === ATTEMPTS) throw error;
    }
    await delay(attempt * 500);
  }
}

const ATTEMPTS = 10;
