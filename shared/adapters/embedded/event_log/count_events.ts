import type { Topic } from "../../../ports/event_log.ts";
import type { Pool } from "../../postgres/pool.ts";

/** Events in the log. Those that the relay wrote twice around a crash are the same to the byte and count once. */
export async function countEvents(pool: Pool, topic: Topic = "pendaftaran-events"): Promise<number> {
  const { rows } = await pool.query<{ events: number }>(
    `select count(distinct sha256(value))::int as events
    from event_log.record r join event_log.topic t on t.id = r.topic_id where t.name = $1`,
    [topic],
  );
  return rows[0]?.events ?? 0;
}
