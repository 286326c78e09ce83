import { classify } from "../../../shared/adapters/postgres/errors.ts";
import { type Pool, type PoolClient, withTransaction } from "../../../shared/adapters/postgres/pool.ts";
import { backoffMs, sleep } from "../../../shared/resilience/backoff.ts";

/**
 * Cuts the registry at a number of its outbox: the snapshot holds what the events up to it say and nothing of those
 * beyond. Numbers are given in another order than transactions commit, so registrations are held back for the moment in
 * which the snapshot is taken and `whileHeld` runs. That is for milliseconds: who waits longer for the lock gives way and
 * tries again, and a holder that hangs is cut off by the server.
 */
export async function cutRegistry<T>(options: CutOptions<T>): Promise<Cut<T>> {
  for (let attempt = 0;; attempt++) {
    try {
      return await cutOnce(options);
    } catch (error) {
      if (classify(error).code !== LOCK_NOT_AVAILABLE || attempt === TRIES - 1) throw error;
    }
    await sleep(backoffMs(attempt, { baseMs: 200, capMs: 5_000 }), options.signal);
    options.signal.throwIfAborted();
  }
}

async function cutOnce<T>({ holder, reader, whileHeld, holdMs = HOLD_MS }: CutOptions<T>): Promise<Cut<T>> {
  const snapshot = await reader.connect();
  // Closed rather than given back: nothing of the snapshot may be left.
  const end = () => snapshot.release(true);
  try {
    // Its commit fails when the server has let go of the lock before, and then there is no cut.
    const result = await withTransaction(holder, async (client) => {
      await client.query(`set local lock_timeout = '${WAIT_MS}ms'`);
      await client.query(`set local idle_in_transaction_session_timeout = '${holdMs}ms'`);
      await client.query("select hold_registrations()");
      await snapshot.query("begin isolation level repeatable read read only");
      const { rows: [row] } = await snapshot.query<{ seq: string }>(LAST_NUMBER);
      return await whileHeld(Number(row?.seq));
    });
    return { result, snapshot, end };
  } catch (error) {
    end();
    throw error;
  }
}

export interface CutOptions<T> {
  /** May hold registrations back. */
  readonly holder: Pool;
  readonly reader: Pool;
  /** Told the last number that is in the snapshot, before any event beyond it exists. */
  readonly whileHeld: (seq: number) => Promise<T>;
  readonly signal: AbortSignal;
  /** Milliseconds after which the server lets go of a holder that hangs; 5,000 unless told. */
  readonly holdMs?: number;
}

export interface Cut<T> {
  readonly result: T;
  /** Sees the registry as of the cut until `end`. */
  readonly snapshot: Pick<PoolClient, "query">;
  end(): void;
}

// A sequence of which no number was taken yet tells its first as its last.
const LAST_NUMBER = "select case when is_called then last_value else 0 end as seq from outbox_seq_seq";
/** Registrations wait behind the lock that is waited for. */
const WAIT_MS = 500;
const HOLD_MS = 5_000;
const TRIES = 20;
/** lock_not_available: the lock_timeout passed. */
const LOCK_NOT_AVAILABLE = "55P03";
