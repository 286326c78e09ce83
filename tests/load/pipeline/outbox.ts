import type { Pool } from "../../../shared/adapters/postgres/pool.ts";
import type { KeyRing } from "../../../shared/security/key_ring.ts";
import { eventValue, TRACEPARENT } from "./events.ts";

/** Lets so many registrations wait for the relay. All tell of one event, so that only the first would be counted. */
export async function fillOutbox(pool: Pick<Pool, "query">, rows: number, keys: KeyRing): Promise<void> {
  const { value } = eventValue(0, keys);
  await pool.query(FILL, [rows, new TextDecoder().decode(value), TRACEPARENT]);
  await pool.query("vacuum analyze outbox");
}

const FILL = `
  insert into outbox (id, aggregatetype, aggregateid, type, payload, traceparent)
  select gen_random_uuid(), 'penduduk', gen_random_uuid()::text, 'penduduk.terdaftar', $2, $3
  from generate_series(1, $1::int)`;
