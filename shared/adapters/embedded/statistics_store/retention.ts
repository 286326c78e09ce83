import { getLogger } from "@logtape/logtape";
import { sleep } from "../../../resilience/backoff.ts";
import { classify } from "../../postgres/errors.ts";
import type { Pool } from "../../postgres/pool.ts";
import { forgetTrend } from "./trend.ts";

/**
 * Once an hour until the signal aborts, forgets the trend that nobody sees any more, and lets the ledger forget what was
 * counted more than `days` before the newest count. Not before today: after a long stop the relay first repeats what it
 * published last, and that must be known.
 */
export async function keepRetention(pool: Pool, days: number, closed: AbortSignal): Promise<void> {
  while (!closed.aborted) {
    try {
      const deleted = await deleteExpired(pool, days, closed);
      if (deleted > 0) log.info("Deleted {deleted} expired ledger entries", { deleted });
      await forgetTrend(pool);
    } catch (error) {
      log.warn("Cannot delete expired ledger entries and trends: {code}", { code: classify(error).code });
    }
    await sleep(HOUR_MS, closed);
  }
}

/** Answers how many entries it deleted. */
export async function deleteExpired(pool: Pool, days: number, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  while (!signal.aborted) {
    const { rowCount } = await pool.query(DELETE_SOME, [days, STEP]);
    if (!rowCount) break;
    deleted += rowCount;
  }
  return deleted;
}

/** Entries deleted by one statement, so that none runs long. */
const STEP = 1_000;
const HOUR_MS = 3_600_000;

// Skips what another process deletes just now, hence two of them never wait for each other crosswise.
const DELETE_SOME = `
  delete from statistics_ledger where event_id in (
    select event_id from statistics_ledger
    where counted_at < (select max(moved_at) from statistics_counter) - make_interval(days => $1)
    limit $2 for update skip locked
  )`;

const log = getLogger(["kependudukan", "statistics"]);
