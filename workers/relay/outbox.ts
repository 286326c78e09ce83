import { Buffer } from "node:buffer";
import type { EventRecord, Header } from "../../shared/ports/event_log.ts";
import type { Pool } from "../../shared/adapters/postgres/pool.ts";

/** The oldest rows, by `seq`. */
export async function readOutbox(connection: Connection, limit: number): Promise<readonly OutboxRow[]> {
  const { rows } = await connection.query<OutboxRow>({
    name: "outbox-read",
    text: "select seq, aggregateid, payload, traceparent from outbox order by seq limit $1",
    values: [limit],
  });
  return rows;
}

export async function deleteFromOutbox(connection: Connection, rows: readonly OutboxRow[]): Promise<void> {
  await connection.query({
    name: "outbox-delete",
    text: "delete from outbox where seq = any($1::bigint[])",
    values: [rows.map((row) => row.seq)],
  });
}

/** How many registrations are not yet in the event log, and for how long the oldest has waited. */
export async function outboxDepth(connection: Connection): Promise<OutboxDepth> {
  const { rows } = await connection.query<OutboxDepth>(
    `select count(*)::int as rows, coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8
      as "oldestSeconds" from outbox`,
  );
  return rows[0] ?? { rows: 0, oldestSeconds: 0 };
}

/**
 * The row as a record: a CloudEvent in structured mode, its JSON to the byte as the registration stored it.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
 */
export function toRecord({ aggregateid, payload, traceparent }: OutboxRow): EventRecord {
  const headers: Header[] = [["content-type", Buffer.from("application/cloudevents+json; charset=UTF-8")]];
  if (traceparent !== null) headers.push(["traceparent", Buffer.from(traceparent)]);
  return { key: Buffer.from(aggregateid), value: Buffer.from(payload), headers };
}

export interface OutboxRow {
  /** A bigint in decimal. */
  readonly seq: string;
  readonly aggregateid: string;
  /**
   * A complete CloudEvent in JSON. The column is `text`: `jsonb` would order the fields anew, change spaces, drop
   * repeated names and cost a parse, so that nobody could sign or compare what was stored.
   */
  readonly payload: string;
  readonly traceparent: string | null;
}

export interface OutboxDepth {
  readonly rows: number;
  /** 0 when the outbox is empty. */
  readonly oldestSeconds: number;
}

type Connection = Pick<Pool, "query">;
