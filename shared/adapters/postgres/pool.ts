// @ts-types="@types/pg"
import pg from "pg";
import { getLogger } from "@logtape/logtape";
import { untilAborted } from "../../resilience/until_aborted.ts";
import { type Secret, toSecret } from "../../security/secret.ts";
import { classify } from "./errors.ts";
import { FollowingPool } from "./following_pool.ts";
import { withSettings } from "./url.ts";

/**
 * Connections to the database of `url`, opened on demand, which follow its changes. Every wait has a deadline: connecting, a statement at the
 * server, its answer here, a transaction that idles.
 */
export function openPool(url: Secret | string, options: PoolOptions): Pool {
  const { max, name, statementMs = STATEMENT_MS, byIndex = false } = options;
  const login = toSecret(url);
  const pool = new FollowingPool(byIndex ? login.map(forIndexes) : login, {
    max,
    application_name: name,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: IDLE_MS,
    statement_timeout: statementMs,
    // Later than the server's own, so that this one only speaks when the server cannot.
    query_timeout: statementMs + CONNECT_MS,
    idle_in_transaction_session_timeout: STATEMENT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: IDLE_MS,
  });
  // Without a listener, the loss of an idle connection ends the process.
  pool.on(
    "error",
    (error) => log.warn("Pool {name} lost an idle connection: {code}", { name, code: classify(error).code }),
  );
  // The pool's listener leaves a connection while it is lent out; the borrower's next query fails by itself.
  pool.on("connect", (client) => {
    client.on(
      "error",
      (error) => log.debug("Pool {name} lost a connection: {code}", { name, code: classify(error).code }),
    );
  });
  return pool;
}

function forIndexes(url: string): string {
  return withSettings(url, { plan_cache_mode: "force_generic_plan", enable_seqscan: "off" });
}

/** Rejects with the reason when the database does not answer before the signal aborts. */
export async function check(pool: Pool, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await untilAborted(pool.query("select 1"), signal);
}

/**
 * Runs `work` in one transaction: committed when it resolves, undone when it rejects. When the commit itself fails
 * for lack of a connection, nobody knows whether it happened: `work` must be safe to repeat.
 */
export async function withTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    client.release();
    return result;
  } catch (error) {
    await undo(client);
    throw error;
  }
}

// A connection whose rollback fails is in an unknown state: it is closed, and the server rolls back.
async function undo(client: PoolClient): Promise<void> {
  try {
    await client.query("rollback");
    client.release();
  } catch (error) {
    log.debug("Rollback failed, closing the connection: {code}", { code: classify(error).code });
    client.release(true);
  }
}

export interface PoolOptions {
  /** Connections at most. */
  readonly max: number;
  /** Shown by the server as `application_name`. */
  readonly name: string;
  /** Milliseconds that a statement may take; 30,000 unless told. */
  readonly statementMs?: number;
  /**
   * Each prepared statement is planned once, to look rows up by an index wherever one fits. PostgreSQL would plan for a
   * small batch each time anew, and for large ones keep the plan that was best for the first few rows of a table, and
   * read all of it for minutes.
   */
  readonly byIndex?: boolean;
}

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;

const CONNECT_MS = 5_000;
const STATEMENT_MS = 30_000;
const IDLE_MS = 30_000;

const log = getLogger(["kependudukan", "postgres"]);
