import type { StoredRecord } from "../../../ports/event_log.ts";
import type { Session } from "../../postgres/session.ts";
import { type RecordRow, toRecord } from "./record_row.ts";

/**
 * One partition as its owner in a group uses it. Everything goes over the session that holds the partition's lock:
 * once that is lost the offset cannot be moved any more, whoever still believes to own the partition.
 */
export class GroupPartition {
  readonly #client: Session["client"];
  readonly #place: Place;

  constructor(client: Session["client"], place: Place) {
    this.#client = client;
    this.#place = place;
  }

  /** The offset to read next. To be asked under the lock: a snapshot from before may miss a commit. */
  async committed(): Promise<number> {
    const { topicId, group, partition } = this.#place;
    const { rows } = await this.#client.query<{ next_offset: string }>(
      "select next_offset from event_log.group_offset where topic_id = $1 and group_name = $2 and partition = $3",
      [topicId, group, partition],
    );
    const [row] = rows;
    if (!row) throw new Error(`Cannot find the offset of group "${group}" in partition "${partition}"`);
    return Number(row.next_offset);
  }

  /** The records from `offset` on: at most 500, and at most 1 MiB of values unless the first alone is larger. */
  async read(offset: number): Promise<readonly StoredRecord[]> {
    const { rows } = await this.#client.query<RecordRow>({
      name: "event-log-read",
      text: READ,
      values: [this.#place.topicId, this.#place.partition, offset, BATCH_RECORDS, BATCH_BYTES],
    });
    return rows.map(toRecord);
  }

  /** Rejects when the session is lost, or the topic was dropped. */
  async commit(nextOffset: number): Promise<void> {
    const { topicId, group, partition } = this.#place;
    const { rowCount } = await this.#client.query({
      name: "event-log-commit",
      text: `update event_log.group_offset set next_offset = $4
        where topic_id = $1 and group_name = $2 and partition = $3`,
      values: [topicId, group, partition, nextOffset],
    });
    if (rowCount !== 1) throw new Error(`Cannot commit group "${group}" in partition "${partition}"`);
  }

  async unlock(): Promise<void> {
    const { lock, partition } = this.#place;
    await this.#client.query("select pg_advisory_unlock(hashtext($1), $2)", [lock, partition]);
  }
}

export interface Place {
  readonly topicId: number;
  readonly group: string;
  readonly partition: number;
  /** Names the lock of the group on the topic; the partition is its second half. */
  readonly lock: string;
}

const BATCH_RECORDS = 500;
const BATCH_BYTES = 1024 * 1024;

const READ = `select "offset", timestamp, key, value, headers from (
  select *, row_number() over upward as nth, sum(coalesce(octet_length(value), 0)) over upward as bytes
  from (
    select "offset", timestamp, key, value, headers from event_log.record
    where topic_id = $1 and partition = $2 and "offset" >= $3 order by "offset" limit $4
  ) page
  window upward as (order by "offset")
) measured where nth = 1 or bytes <= $5 order by "offset"`;
