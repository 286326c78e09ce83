import type { Pool } from "../../postgres/pool.ts";

/**
 * Deletes what was written before `before` and committed by every group that ever started on its topic; a topic without
 * any group keeps all. Answers the number of records deleted.
 */
export async function deleteExpired(pool: Pool, before: Date, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  while (!signal.aborted) {
    const { rowCount } = await pool.query(DELETE_SOME, [before, STEP]);
    if (!rowCount) break;
    deleted += rowCount;
  }
  return deleted;
}

/** Oldest records of one partition looked at in one statement, so that none runs long or holds many locks. */
const STEP = 1_000;

const DELETE_SOME = `delete from event_log.record r using (
  select oldest.topic_id, oldest.partition, oldest."offset" from (
    select topic_id, partition, min(next_offset) as next_offset from event_log.group_offset group by topic_id, partition
  ) committed cross join lateral (
    select topic_id, partition, "offset", timestamp from event_log.record
    where topic_id = committed.topic_id and partition = committed.partition order by "offset" limit $2
  ) oldest where oldest.timestamp < $1 and oldest."offset" < committed.next_offset
) expired
where r.topic_id = expired.topic_id and r.partition = expired.partition and r."offset" = expired."offset"`;
