import { Buffer } from "node:buffer";
import type { Pool } from "../../../shared/adapters/postgres/pool.ts";
import type { KeysDocument } from "../../../shared/security/keys_document.ts";
import { ENCRYPTED } from "./jobs.ts";
import { existing } from "./tables.ts";
import { allowColumnKey, forgetIndexKey, readUse, refuseColumnKey } from "./use.ts";

/**
 * Makes sure that nothing is under the key any more and nothing will be. Throws `StillInUse` with what is, after which
 * everything is as before.
 */
export async function giveUpKey(key: RetiredKey, options: RetireOptions): Promise<void> {
  const { document, now } = options;
  if (document[key.ring].active === key.id) {
    throw new StillInUse(`Key "${key.id}" of ring "${key.ring}" is the active one: activate another first`);
  }
  const activated = Date.parse(document[key.ring].times?.[document[key.ring].active]?.activated ?? "");
  if (!(now.getTime() - activated >= SETTLED_MS)) {
    throw new StillInUse(
      `Key "${document[key.ring].active}" must have been active for ${
        SETTLED_MS / 1_000
      } s, so that no process writes ` +
        `under "${key.id}" any more: activate it by this command, or wait`,
    );
  }
  switch (key.ring) {
    case "columns":
      return await giveUpColumnKey(key.id, options);
    case "blindIndex":
      return await giveUpIndexKey(key.id, options);
    case "events":
      return await giveUpEventKey(key.id, new Date(activated), options);
  }
}

async function giveUpColumnKey(id: string, { pool }: RetireOptions): Promise<void> {
  await refuseColumnKey(pool, id);
  const counts: string[] = [];
  for (const { relation } of await existing(pool, ENCRYPTED)) {
    const rows = await count(pool, `${relation} where key_id = $1`, [id]);
    if (rows > 0) counts.push(`${rows} rows of "${relation}"`);
  }
  if (counts.length === 0) return;
  await allowColumnKey(pool, id);
  throw new StillInUse(
    `Key "${id}" of ring "columns" is used by ${counts.join(", ")}: run \`keys rotate\` first`,
  );
}

async function giveUpIndexKey(id: string, { pool, now, retryDays }: RetireOptions): Promise<void> {
  const use = await readUse(pool);
  if (use?.index_key === id) {
    throw new StillInUse(`Key "${id}" of ring "blindIndex" finds new persons: run \`keys rotate\` first`);
  }
  const rows = await count(pool, "penduduk where nik_index_key = $1 or nik_index_key is null", [id]);
  if (rows > 0) {
    throw new StillInUse(`Key "${id}" of ring "blindIndex" finds ${rows} persons: run \`keys rotate\` first`);
  }
  const since = new Date(now.getTime() - retryDays * DAY_MS);
  const young = await count(pool, `penduduk where ${RETRIES} and created_at > $2`, [id, since]) +
    await count(pool, `cancellation where ${RETRIES} and cancelled_at > $2`, [id, since]);
  if (young > 0) {
    throw new StillInUse(
      `Key "${id}" of ring "blindIndex" knows the retries of ${young} requests of the last ${retryDays} days: wait, or ` +
        "give them up with --retry-days 0 (then a retry of them gets 409 instead of its first answer)",
    );
  }
  for (const [relation, forget] of Object.entries(FORGET)) {
    while (await changed(pool, forgetSome(relation, forget), [id]) > 0);
  }
  await forgetIndexKey(pool, id);
}

async function giveUpEventKey(id: string, since: Date, { pool, olderEvents }: RetireOptions): Promise<void> {
  const header = Buffer.from(JSON.stringify({ alg: "dir", enc: "A256GCM", kid: id })).toString("base64url");
  const waiting = await count(pool, "outbox where position($1 in payload) > 0", [`"${header}.`]);
  if (waiting > 0) {
    throw new StillInUse(`Key "${id}" of ring "events" opens ${waiting} events that wait in the outbox`);
  }
  const [log] = await existing(pool, [{ relation: "event_log.record" }]);
  const kept = log
    ? await count(pool, "event_log.record where position(convert_to($1, 'UTF8') in value) > 0", [
      `"${header}.`,
    ])
    : 0;
  if (kept > 0) {
    throw new StillInUse(`Key "${id}" of ring "events" opens ${kept} events that the log still keeps`);
  }
  const settled = new Date(since.getTime() + SETTLED_MS);
  for (const topic of await olderEvents(settled)) {
    throw new StillInUse(
      `Key "${id}" of ring "events" may open events in topic "${topic}", which holds some from before ` +
        `${settled.toISOString()}: wait until they expire`,
    );
  }
}

/** The retry of one that has no name is under the first key of all. */
const RETRIES = "idempotency is not null and (retry_key = $1 or retry_key is null)";
const FORGET: Readonly<Record<string, string>> = {
  penduduk: "idempotency = null, fingerprint = null, retry_key = null",
  cancellation: "idempotency = null, retry_key = null",
};
const forgetSome = (relation: string, set: string) =>
  `update ${relation} set ${set} where id in (select id from ${relation} where ${RETRIES} limit 1000)`;

async function count(pool: Pick<Pool, "query">, from: string, values: unknown[]): Promise<number> {
  const { rows } = await pool.query<{ rows: number }>(`select count(*)::int as rows from ${from}`, values);
  return rows[0]?.rows ?? 0;
}

async function changed(pool: Pick<Pool, "query">, update: string, values: unknown[]): Promise<number> {
  return (await pool.query(update, values)).rowCount ?? 0;
}

/** Longer than any process takes to read the file anew and to end what it does. */
const SETTLED_MS = 60_000;
const DAY_MS = 24 * 3_600_000;

export class StillInUse extends Error {
  override readonly name = "StillInUse";
}

export interface RetiredKey {
  readonly ring: "columns" | "events" | "blindIndex";
  readonly id: string;
}

export interface RetireOptions {
  readonly pool: Pool;
  readonly document: KeysDocument;
  readonly now: Date;
  /** For how many days a retry gets its first answer. */
  readonly retryDays: number;
  /** Topics outside of PostgreSQL that hold events from before the time. */
  readonly olderEvents: (before: Date) => Promise<readonly string[]>;
}
