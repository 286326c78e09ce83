import type { LoggedRecord } from "../../../ports/event_log.ts";
import type { Pool } from "../../postgres/pool.ts";
import { type RecordRow, toRecord } from "./record_row.ts";
import type { TopicRow } from "./topics.ts";

/** The records of a topic up to where it ends now, partition after partition. */
export async function* readTopic(
  pool: Pool,
  topic: TopicRow,
  signal: AbortSignal,
): AsyncGenerator<LoggedRecord> {
  signal.throwIfAborted();
  const ends = await pool.query<{ partition: number; next_offset: string }>(
    "select partition, next_offset from event_log.partition where topic_id = $1 order by partition",
    [topic.id],
  );
  for (const { partition, next_offset } of ends.rows) {
    for (let from = 0;;) {
      const { rows } = await pool.query<RecordRow>(PAGE, [topic.id, partition, from, next_offset]);
      signal.throwIfAborted();
      for (const row of rows) yield { ...toRecord(row), partition };
      const last = rows.at(-1);
      if (!last) break;
      from = Number(last.offset) + 1;
    }
  }
}

const PAGE = `select "offset", timestamp, key, value, headers from event_log.record
where topic_id = $1 and partition = $2 and "offset" >= $3 and "offset" < $4 order by "offset" limit 500`;
