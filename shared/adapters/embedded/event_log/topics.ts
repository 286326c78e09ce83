import type { Topic } from "../../../ports/event_log.ts";
import type { Pool } from "../../postgres/pool.ts";

/** Makes the topics that are not there yet; one that is there keeps its partitions, for its keys lie by their number. */
export async function ensureTopics(pool: Pool, names: readonly Topic[], partitions: number): Promise<void> {
  await pool.query(
    `with made as (
      insert into event_log.topic (name) select unnest($1::text[]) on conflict do nothing returning id
    )
    insert into event_log.partition (topic_id, partition)
    select made.id, partition from made cross join generate_series(0, $2::int - 1) as partition`,
    [names, partitions],
  );
}

/** Rejects when the topic does not exist. */
export async function findTopic(connection: Pick<Pool, "query">, name: Topic): Promise<TopicRow> {
  const found = await connection.query<TopicRow>(
    `select id, name, epoch, (select count(*)::int from event_log.partition where topic_id = id) as partitions
    from event_log.topic where name = $1`,
    [name],
  );
  const [topic] = found.rows;
  if (!topic) throw new Error(`Cannot find topic "${name}"`);
  return topic;
}

export interface TopicRow {
  readonly id: number;
  readonly name: Topic;
  readonly epoch: string;
  readonly partitions: number;
}
