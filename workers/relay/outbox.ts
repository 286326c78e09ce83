import { Buffer } from "node:buffer";
import type { EventRecord, Header } from "../../shared/ports/event_log.ts";
import { OUTBOX_SEQ } from "../../shared/events/outbox_seq.ts";
import type { Pool } from "../../shared/adapters/postgres/pool.ts";

/** The oldest rows, by `seq`, but for those of residents of whom a row is parked. */
export async function readOutbox(connection: Connection, limit: number): Promise<readonly OutboxRow[]> {
  const { rows } = await connection.query<OutboxRow>({
    name: "outbox-read",
    text: `select seq, aggregateid, payload, traceparent from outbox where not exists (
      select from outbox parked where parked.aggregateid = outbox.aggregateid and parked.parked_at is not null
    ) order by seq limit $1`,
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

/** Leaves the row to a person; it and what else is to be said of its resident are read no more. */
export async function parkInOutbox(connection: Connection, { seq }: OutboxRow, code: string): Promise<void> {
  await connection.query({
    name: "outbox-park",
    text: "update outbox set parked_at = clock_timestamp(), parked_for = $2 where seq = $1",
    values: [seq, code],
  });
}

/** The parked rows, the oldest first. */
export async function parkedInOutbox(connection: Connection): Promise<readonly ParkedRow[]> {
  const { rows } = await connection.query<ParkedRow>(
    `select seq, type, length(payload) as characters, parked_at as "parkedAt", parked_for as code
    from outbox where parked_at is not null order by seq`,
  );
  return rows;
}

/** Gives parked rows back to the relay; all of them without `seqs`. Answers how many. */
export async function unparkInOutbox(connection: Connection, seqs?: readonly string[]): Promise<number> {
  const { rowCount } = await connection.query(
    `update outbox set parked_at = null, parked_for = null
    where parked_at is not null and ($1::bigint[] is null or seq = any ($1::bigint[]))`,
    [seqs ?? null],
  );
  await connection.query("select pg_notify('outbox', '')");
  return rowCount ?? 0;
}

/** How many registrations are not yet in the event log, and for how long the oldest has waited. */
export async function outboxDepth(connection: Connection): Promise<OutboxDepth> {
  const { rows } = await connection.query<OutboxDepth>(
    `select count(*)::int as rows, coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8
      as "oldestSeconds", (count(*) filter (where parked_at is not null))::int as parked from outbox`,
  );
  return rows[0] ?? { rows: 0, oldestSeconds: 0, parked: 0 };
}

/**
 * The row as a record: a CloudEvent in structured mode, its JSON to the byte as the registration stored it.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
 */
export function toRecord({ seq, aggregateid, payload, traceparent }: OutboxRow): EventRecord {
  const headers: Header[] = [
    ["content-type", Buffer.from("application/cloudevents+json; charset=UTF-8")],
    [OUTBOX_SEQ, Buffer.from(seq)],
  ];
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
  /** How many of the rows the event log refuses. */
  readonly parked: number;
}

export interface ParkedRow {
  readonly seq: string;
  /** Of the event. */
  readonly type: string;
  readonly characters: number;
  readonly parkedAt: Date;
  /** The event log's word for why. */
  readonly code: string;
}

type Connection = Pick<Pool, "query">;
