import type { SendResult, Sms, SmsId, SmsSender } from "../../../ports/sms.ts";
import { Batcher, QueueFull } from "../../../resilience/batcher.ts";
import type { KeyRing } from "../../../security/key_ring.ts";
import { inSmsSpan } from "../../../telemetry/sms_span.ts";
import { classify } from "../../postgres/errors.ts";
import { migrate, type MigrationPlan } from "../../postgres/migrate.ts";
import { check, type Pool } from "../../postgres/pool.ts";
import migration from "./migrations/0001_sms_outbox.sql" with { type: "text" };
import roles from "./migrations/0002_outbox_roles.sql" with { type: "text" };
import { CIPHER, readingKeys, writingKey } from "../../postgres/encryption.ts";
import { decrypted, type EncryptedRow, toPersonal } from "./encryption.ts";

/** The default sender: keeps each message in a table, once, and sends nothing. The pool stays the caller's. */
export async function openLocalOutbox(pool: Pool, columns: KeyRing): Promise<LocalOutbox> {
  await migrate(pool, SMS_OUTBOX);
  return new LocalOutbox(pool, columns);
}

export const SMS_OUTBOX: MigrationPlan = {
  name: "sms-outbox",
  steps: [{ id: "0001_sms_outbox", sql: migration }, { id: "0002_roles", sql: roles }],
};

export class LocalOutbox implements SmsSender {
  readonly idempotent = true;
  readonly ordered = true;
  readonly #pool: Pool;
  readonly #columns: KeyRing;
  readonly #batches = new Batcher((messages: readonly Sms[]) => this.#keep(messages), LIMITS);

  constructor(pool: Pool, columns: KeyRing) {
    this.#pool = pool;
    this.#columns = columns;
  }

  send(sms: Sms, signal: AbortSignal): Promise<SendResult> {
    return inSmsSpan("local-outbox", () => this.#send(sms, signal));
  }

  async #send(sms: Sms, signal: AbortSignal): Promise<SendResult> {
    try {
      return await this.#batches.add(sms, signal);
    } catch (error) {
      // Both mean that the message has not left the queue.
      const untaken = error instanceof QueueFull || (signal.aborted && error === signal.reason);
      if (untaken) return { kind: "throttled", retryAfterMs: RETRY_AFTER_MS };
      return { kind: "ambiguous", code: classify(error).code };
    }
  }

  async find(sms: Sms, signal: AbortSignal): Promise<string | undefined> {
    signal.throwIfAborted();
    const found = await this.#pool.query<{ id: string }>({
      name: "sms-find",
      text: "select id from sms_outbox where id = $1",
      values: [sms.id],
    });
    return found.rows[0]?.id;
  }

  /** Newest first. */
  async recent(limit: number): Promise<readonly KeptSms[]> {
    const newest = await this.#pool.query<OutboxRow>({
      name: "sms-outbox-recent",
      text: RECENT,
      values: [limit, ...readingKeys(this.#columns)],
    });
    return decrypted(newest.rows, this.#columns).map((row) => ({
      id: row.id,
      to: row.to,
      body: row.body,
      createdAt: row.created_at,
    }));
  }

  async count(): Promise<number> {
    const counted = await this.#pool.query<{ messages: number }>(
      "select count(*)::int as messages from sms_outbox",
    );
    return counted.rows[0]?.messages ?? 0;
  }

  check(signal: AbortSignal): Promise<void> {
    return check(this.#pool, signal);
  }

  async #keep(messages: readonly Sms[]): Promise<SendResult[]> {
    await this.#pool.query({
      name: "sms-keep",
      text: KEEP,
      values: [messages.map(({ id }) => id), messages.map(toPersonal), ...writingKey(this.#columns)],
    });
    return messages.map(({ id }) => ({ kind: "sent", providerId: id }));
  }
}

// Numbered in the order of the calls, inserted in the order of the ids: see the ledger.
const KEEP = `
with message as materialized (
  select id, pgp_sym_encrypt(personal, $4::text, ${CIPHER}) as personal, nextval('sms_outbox_seq') as seq
  from unnest($1::text[], $2::text[]) with ordinality as t (id, personal, turn)
  order by turn
)
insert into sms_outbox (id, seq, key_id, personal)
select id, seq, $3::text, personal from message order by id
on conflict (id) do nothing`;

const RECENT = `
with newest as materialized (select * from sms_outbox order by seq desc limit $1)
select newest.id, key_id, created_at, pgp_sym_decrypt(newest.personal, k.passphrase) as personal
from newest left join unnest($2::text[], $3::text[]) as k (id, passphrase) on k.id = key_id
order by seq desc`;

/** One lane keeps the order of the calls. */
const LIMITS = { lanes: 1, batch: 500, queue: 10_000 };

const RETRY_AFTER_MS = 1_000;

export interface KeptSms extends Sms {
  readonly createdAt: Date;
}

interface OutboxRow extends EncryptedRow {
  readonly id: SmsId;
  readonly created_at: Date;
}
