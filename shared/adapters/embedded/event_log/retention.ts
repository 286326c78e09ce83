import type { Pool } from "../../postgres/pool.ts";

/**
 * Deletes the dead letters that are due, and of the events those that every group that ever started on them has
 * committed; events without any group stay. Answers the number of records deleted.
 */
export async function deleteExpired(pool: Pool, expiry: Expiry, signal: AbortSignal): Promise<number> {
  return await deleteAll(pool, DELETE_COMMITTED, expiry.events, signal) +
    await deleteAll(pool, DELETE_LETTERS, expiry.deadLetters, signal);
}

/** What was written before is due. */
export interface Expiry {
  readonly events: Date;
  readonly deadLetters: Date;
}

async function deleteAll(pool: Pool, someOf: string, before: Date, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  while (!signal.aborted) {
    const { rowCount } = await pool.query(someOf, [before, STEP]);
    if (!rowCount) break;
    deleted += rowCount;
  }
  return deleted;
}

/** Oldest records of one partition looked at in one statement, so that none runs long or holds many locks. */
const STEP = 1_000;

const DELETE_COMMITTED = `delete from event_log.record r using (
  select oldest.topic_id, oldest.partition, oldest."offset" from (
    select topic_id, partition, min(next_offset) as next_offset from event_log.group_offset group by topic_id, partition
  ) committed cross join lateral (
    select topic_id, partition, "offset", timestamp from event_log.record
    where topic_id = committed.topic_id and partition = committed.partition order by "offset" limit $2
  ) oldest where oldest.timestamp < $1 and oldest."offset" < committed.next_offset
) expired
where r.topic_id = expired.topic_id and r.partition = expired.partition and r."offset" = expired."offset"`;

// No group reads them, so time alone decides, as in Kafka.
const DELETE_LETTERS = `delete from event_log.record r using (
  select oldest.topic_id, oldest.partition, oldest."offset"
  from event_log.topic join event_log.partition p on p.topic_id = topic.id cross join lateral (
    select topic_id, partition, "offset", timestamp from event_log.record
    where topic_id = p.topic_id and partition = p.partition order by "offset" limit $2
  ) oldest where topic.name = 'pendaftaran-events.dlq' and oldest.timestamp < $1
) expired
where r.topic_id = expired.topic_id and r.partition = expired.partition and r."offset" = expired."offset"`;
