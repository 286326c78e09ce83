import {
  LEASE_MS,
  type LedgerEntry,
  type Reopened,
  type Sms,
  type SmsId,
  type SmsIntent,
  type SmsLedger,
  type SmsOutcome,
  type SmsReceipt,
  type SmsReport,
  type SmsState,
} from "../../../ports/sms.ts";
import { Batcher } from "../../../resilience/batcher.ts";
import type { KeyRing } from "../../../security/key_ring.ts";
import { inStoreSpan } from "../../../telemetry/store_span.ts";
import { migrate, type MigrationPlan } from "../../postgres/migrate.ts";
import { check, type Pool } from "../../postgres/pool.ts";
import ledger from "./migrations/0001_sms_ledger.sql" with { type: "text" };
import receipt from "./migrations/0002_sms_receipt.sql" with { type: "text" };
import roles from "./migrations/0003_ledger_roles.sql" with { type: "text" };
import { CIPHER, readingKeys, writingKey } from "../../postgres/encryption.ts";
import { decrypted, type EncryptedRow, toPersonal } from "./encryption.ts";

/** The ledger as a table in PostgreSQL. Each opened ledger is an owner of its own; the pool stays the caller's. */
export async function openEmbeddedSmsLedger(
  pool: Pool,
  columns: KeyRing,
  { leaseMs = LEASE_MS }: { readonly leaseMs?: number } = {},
): Promise<SmsLedger> {
  await migrate(pool, SMS_LEDGER);
  return new EmbeddedSmsLedger(pool, columns, leaseMs);
}

export const SMS_LEDGER: MigrationPlan = {
  name: "sms-ledger",
  steps: [
    { id: "0001_sms_ledger", sql: ledger },
    { id: "0002_sms_receipt", sql: receipt },
    { id: "0003_roles", sql: roles },
  ],
};

/** Many messages are claimed and settled together: the span tells how long this one took, its wait included. */
function inLedgerSpan<T>(operation: "claim" | "settle", work: () => Promise<T>): Promise<T> {
  return inStoreSpan("sms-ledger", { system: "postgresql", operation, collection: "sms_ledger" }, work);
}

class EmbeddedSmsLedger implements SmsLedger {
  readonly #pool: Pool;
  readonly #columns: KeyRing;
  readonly #leaseMs: number;
  readonly #owner = crypto.randomUUID();
  readonly #claims = new Batcher((intents: readonly SmsIntent[]) => this.#claim(intents), LIMITS);
  readonly #releases = new Batcher((ids: readonly SmsId[]) => this.#release(ids), LIMITS);
  readonly #settlements = new Batcher((settled: readonly Settlement[]) => this.#settle(settled), LIMITS);

  constructor(pool: Pool, columns: KeyRing, leaseMs: number) {
    this.#pool = pool;
    this.#columns = columns;
    this.#leaseMs = leaseMs;
  }

  claim(intent: SmsIntent, signal: AbortSignal): Promise<"claimed" | "known"> {
    return inLedgerSpan("claim", () => this.#claims.add(intent, signal));
  }

  release(id: SmsId): Promise<void> {
    return this.#releases.add(id, NEVER);
  }

  settle(id: SmsId, outcome: SmsOutcome): Promise<void> {
    return inLedgerSpan("settle", () => this.#settlements.add({ id, outcome }, NEVER));
  }

  async report(id: SmsId, { providerId, receipt }: SmsReport): Promise<"recorded" | "unknown"> {
    const code = receipt?.kind === "undelivered" ? receipt.code : null;
    const reported = await this.#pool.query({
      name: "sms-report",
      text: REPORT,
      values: [id, providerId, receipt?.kind ?? null, code],
    });
    return reported.rowCount === 1 ? "recorded" : "unknown";
  }

  async takeOver(limit: number): Promise<readonly SmsIntent[]> {
    const taken = await this.#pool.query<LedgerRow>({
      name: "sms-take-over",
      text: TAKE_OVER,
      values: [limit, this.#owner, this.#leaseMs, ...readingKeys(this.#columns)],
    });
    return decrypted(taken.rows, this.#columns).map(toIntent);
  }

  async find(id: SmsId): Promise<SmsIntent | undefined> {
    const found = await this.#pool.query<LedgerRow>({
      name: "sms-find",
      text: FIND,
      values: [id, ...readingKeys(this.#columns)],
    });
    return decrypted(found.rows, this.#columns).map(toIntent)[0];
  }

  async reopen(intent: SmsIntent): Promise<Reopened | undefined> {
    const { rows } = await this.#pool.query<LedgerRow & { state: Reopened["ended"] }>({
      name: "sms-reopen",
      text: REOPEN,
      values: [
        intent.id,
        toPersonal(intent),
        this.#owner,
        this.#leaseMs,
        ...writingKey(this.#columns),
        ...readingKeys(this.#columns),
      ],
    });
    const [row] = rows;
    return row && { ended: row.state, earlier: decrypted(rows, this.#columns).map(toIntent)[0] };
  }

  async recent(limit: number): Promise<readonly LedgerEntry[]> {
    const newest = await this.#pool.query<LedgerRow>({
      name: "sms-recent",
      text: RECENT,
      values: [limit, ...readingKeys(this.#columns)],
    });
    return decrypted(newest.rows, this.#columns).map((row) => ({
      id: row.id,
      eventId: row.event_id,
      to: row.to,
      body: row.body,
      state: row.state,
      providerId: row.provider_id ?? undefined,
      code: row.code ?? undefined,
      receipt: toReceipt(row),
      claimedAt: row.claimed_at,
    }));
  }

  async counts(): Promise<Readonly<Record<SmsState, number>>> {
    const counted = await this.#pool.query<{ state: SmsState; messages: number }>(
      "select state, count(*)::int as messages from sms_ledger group by state",
    );
    const counts: Record<SmsState, number> = { claimed: 0, sent: 0, refused: 0, parked: 0 };
    for (const { state, messages } of counted.rows) counts[state] = messages;
    return counts;
  }

  check(signal: AbortSignal): Promise<void> {
    return check(this.#pool, signal);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #claim(intents: readonly SmsIntent[]): Promise<("claimed" | "known")[]> {
    const inserted = await this.#pool.query<{ id: SmsId }>({
      name: "sms-claim",
      text: CLAIM,
      values: [
        intents.map((intent) => intent.id),
        intents.map((intent) => intent.eventId),
        intents.map(toPersonal),
        this.#owner,
        this.#leaseMs,
        ...writingKey(this.#columns),
      ],
    });
    const fresh = new Set(inserted.rows.map((row) => row.id));
    // Of two intents of one id in one batch, the first has the claim.
    return intents.map(({ id }) => fresh.delete(id) ? "claimed" : "known");
  }

  async #release(ids: readonly SmsId[]): Promise<undefined[]> {
    await this.#pool.query({ name: "sms-release", text: RELEASE, values: [ids, this.#owner] });
    return ids.map(() => undefined);
  }

  async #settle(settled: readonly Settlement[]): Promise<undefined[]> {
    await this.#pool.query({
      name: "sms-settle",
      text: SETTLE,
      values: [
        settled.map(({ id }) => id),
        settled.map(({ outcome }) => outcome.kind),
        settled.map(({ outcome }) => outcome.kind === "sent" ? outcome.providerId : null),
        settled.map(({ outcome }) => outcome.kind === "sent" ? null : outcome.code),
      ],
    });
    return settled.map(() => undefined);
  }
}

function toIntent({ id, event_id, to, body }: Sms & { readonly event_id: string }): SmsIntent {
  return { id, eventId: event_id, to, body };
}

function toReceipt({ receipt, receipt_code }: LedgerRow): SmsReceipt | undefined {
  if (receipt === "undelivered") return { kind: receipt, code: receipt_code ?? "" };
  return receipt === "delivered" ? { kind: receipt } : undefined;
}

// Numbered in the order of the claims, inserted in the order of the ids: two batches that lock the same ids in
// different orders deadlock.
const CLAIM = `
with intent as materialized (
  select id, event_id, pgp_sym_encrypt(personal, $7::text, ${CIPHER}) as personal, nextval('sms_ledger_seq') as seq
  from unnest($1::text[], $2::text[], $3::text[]) with ordinality as t (id, event_id, personal, turn)
  order by turn
)
insert into sms_ledger (id, event_id, seq, key_id, personal, owner, lease_until)
select id, event_id, seq, $6::text, personal, $4::uuid, now() + $5::int * interval '1 ms'
from intent order by id
on conflict (id) do nothing
returning id`;

const RELEASE = `
with own as materialized (
  select id from sms_ledger where id = any ($1::text[]) and owner = $2::uuid and state = 'claimed'
  order by id for update
)
delete from sms_ledger using own where sms_ledger.id = own.id`;

const SETTLE = `
with outcome as (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as t (id, state, provider_id, code)
), open as materialized (
  select id from sms_ledger where id = any ($1::text[]) and state in ('claimed', 'parked') order by id for update
)
update sms_ledger as l
set state = outcome.state, provider_id = outcome.provider_id, code = outcome.code, settled_at = now()
from open join outcome using (id)
where l.id = open.id`;

const REPORT = `
update sms_ledger
set state = 'sent', provider_id = $2::text, code = null, settled_at = coalesce(settled_at, now()),
    receipt = case when $3::text is null or receipt = 'delivered' then receipt else $3::text end,
    receipt_code = case when $3::text is null or receipt = 'delivered' then receipt_code else $4::text end
where id = $1 and (state in ('claimed', 'parked') or (state = 'sent' and provider_id = $2::text))`;

const TAKE_OVER = `
with due as materialized (
  select id from sms_ledger where state = 'claimed' and lease_until <= now()
  order by lease_until limit $1 for update skip locked
), taken as (
  update sms_ledger as l set owner = $2::uuid, lease_until = now() + $3::int * interval '1 ms'
  from due where l.id = due.id
  returning l.*
)
select taken.id, event_id, key_id, state, provider_id, code, receipt, receipt_code, claimed_at,
       pgp_sym_decrypt(taken.personal, k.passphrase) as personal
from taken left join unnest($4::text[], $5::text[]) as k (id, passphrase) on k.id = key_id
order by seq`;

const FIND = `
select l.id, event_id, key_id, pgp_sym_decrypt(personal, k.passphrase) as personal
from sms_ledger l left join unnest($2::text[], $3::text[]) as k (id, passphrase) on k.id = key_id
where l.id = $1`;

// Taken out and put in again by one statement, for nobody may change what was said: this is another message.
const REOPEN = `
with ended as (
  delete from sms_ledger where id = $1 and state in ('refused', 'parked') returning *
), reopened as (
  insert into sms_ledger (id, event_id, seq, claimed_at, key_id, personal, owner, lease_until)
  select id, event_id, seq, claimed_at, $5::text, pgp_sym_encrypt($2::text, $6::text, ${CIPHER}),
         $3::uuid, now() + $4::int * interval '1 ms'
  from ended
)
select ended.id, event_id, key_id, state, pgp_sym_decrypt(ended.personal, k.passphrase) as personal
from ended left join unnest($7::text[], $8::text[]) as k (id, passphrase) on k.id = key_id`;

const RECENT = `
with newest as materialized (select * from sms_ledger order by seq desc limit $1)
select newest.id, event_id, key_id, state, provider_id, code, receipt, receipt_code, claimed_at,
       pgp_sym_decrypt(newest.personal, k.passphrase) as personal
from newest left join unnest($2::text[], $3::text[]) as k (id, passphrase) on k.id = key_id
order by seq desc`;

/** One lane keeps the order of the claims; with 200 messages in flight a batch never waits for a second one. */
const LIMITS = { lanes: 1, batch: 500, queue: 10_000 };

/** What has happened must be written down, whoever has stopped waiting for it. */
const NEVER = new AbortController().signal;

interface Settlement {
  readonly id: SmsId;
  readonly outcome: SmsOutcome;
}

interface LedgerRow extends EncryptedRow {
  readonly id: SmsId;
  readonly event_id: string;
  readonly state: SmsState;
  readonly provider_id: string | null;
  readonly code: string | null;
  readonly receipt: SmsReceipt["kind"] | null;
  readonly receipt_code: string | null;
  readonly claimed_at: Date;
}
