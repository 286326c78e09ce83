import { crc32 } from "node:zlib";
import { type EventRecord, RecordsRefused } from "../../../ports/event_log.ts";
import { classify } from "../../postgres/errors.ts";
import type { Pool } from "../../postgres/pool.ts";
import { encodeHeaders } from "./headers.ts";
import type { TopicRow } from "./topics.ts";

/** Carries `<topic> <partition>,<partition>…`, once for each append. */
export const CHANNEL = "event_log";

/** Appends all of the records or none, by one statement. */
export async function append(
  pool: Pool,
  topic: TopicRow,
  records: readonly EventRecord[],
  timestamp: Date,
): Promise<void> {
  if (records.length === 0) return;
  await refusing(pool.query({
    name: "event-log-append",
    text: APPEND,
    values: [
      topic.id,
      records.map((record) => partitionOf(record.key, topic.partitions)),
      records.map((record) => record.key),
      records.map((record) => record.value),
      records.map((record) => encodeHeaders(record.headers)),
      timestamp,
      CHANNEL,
      topic.name,
    ],
  }));
}

/** Class 22 says that a value cannot be stored, 54 that it is too large. */
async function refusing(appended: Promise<unknown>): Promise<void> {
  try {
    await appended;
  } catch (error) {
    const { code } = classify(error);
    if (/^(22|54)/.test(code)) throw new RecordsRefused(code, { cause: error });
    throw error;
  }
}

function partitionOf(key: Uint8Array | null, partitions: number): number {
  return key === null ? Math.floor(Math.random() * partitions) : crc32(key) % partitions;
}

// The rows of the partitions are locked in their order before anything else: two publishers never wait for each other
// crosswise. "No key", or they would so wait for whoever refers to the rows by foreign key. The left join turns a partition that is gone into a refused null instead of records that silently vanish.
const APPEND = `with incoming as materialized (
  select partition, key, value, headers, row_number() over (partition by partition order by position) as nth
  from unnest($2::int[], $3::bytea[], $4::bytea[], $5::text[]) with ordinality as t (partition, key, value, headers, position)
), locked as materialized (
  select partition from event_log.partition where topic_id = $1 and partition = any($2) order by partition
  for no key update
), advanced as (
  update event_log.partition p set next_offset = p.next_offset + i.records
  from (select partition, count(*) as records from incoming group by partition) i join locked using (partition)
  where p.topic_id = $1 and p.partition = i.partition
  returning p.partition, p.next_offset - i.records as first_offset
), stored as (
  insert into event_log.record (topic_id, partition, "offset", timestamp, key, value, headers)
  select $1, i.partition, a.first_offset + i.nth - 1, $6, i.key, i.value, i.headers
  from incoming i left join advanced a using (partition)
)
select pg_notify($7, $8::text || ' ' || string_agg(partition::text, ',')) from advanced`;
