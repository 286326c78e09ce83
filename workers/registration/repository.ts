import type { Buffer } from "node:buffer";
import { CIPHER, writingKey } from "../../shared/adapters/postgres/encryption.ts";
import type { Pool } from "../../shared/adapters/postgres/pool.ts";
import type { JenisKelamin } from "../../shared/penduduk/nik.ts";
import type { KodeProvinsi } from "../../shared/penduduk/provinsi.ts";
import type { WarningCode } from "../../shared/penduduk/warning.ts";
import { kohort } from "../../shared/ports/statistics_store.ts";
import { type KeyRing, type Keys, KeyUnknown } from "../../shared/security/key_ring.ts";
import {
  fingerprint,
  idempotency,
  type IndexKey,
  type IndexKeys,
  indexKeys,
  nikIndex,
  type Retried,
} from "./key_use.ts";
import { findStored, type OwnQuery, type OwnRegistrations, readOwn, type StoredPenduduk } from "./stored.ts";

/** The registry in PostgreSQL. */
export function openRepository(pool: Pick<Pool, "query">, keys: Keys): Repository {
  const index = indexKeys(pool, keys.blindIndex);

  return {
    async insert(rows) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const use = await index.current();
        const ids = await insertUnder(use, rows);
        if (ids !== "stale") return await outcomes(pool, use, rows, ids);
        index.forget();
        keys.columns.reload?.();
      }
      throw new KeyUnknown(
        "columns",
        keys.columns.active,
        "it is retired, give this process the new KEYS_FILE",
      );
    },

    async cancel(id, event) {
      const cancelled = await pool.query({
        name: "registration-cancel",
        text: CANCEL,
        values: [id, event.id, event.payload, event.traceparent],
      });
      return cancelled.rowCount === 1;
    },

    find: (id) => findStored(pool, keys.columns, id),
    ownOf: (registrar, query) => readOwn(pool, keys.columns, registrar, query),
  };

  /** The ids that are stored now; "stale" when these keys are no longer the ones in use, and nothing was stored. */
  async function insertUnder(
    use: IndexKeys,
    rows: readonly NewRow[],
  ): Promise<ReadonlySet<string> | "stale"> {
    const inserted = await pool.query<{ id: string | null }>({
      ...(use.earlier.length === 0
        ? { name: "registration-insert", text: insert(NEW_ONLY) }
        : { name: "registration-insert-rotating", text: insert(NEW_UNDER_ALL_KEYS) }),
      values: insertValues(rows, use, keys.columns),
    });
    if (inserted.rows.some((row) => row.id === null)) return "stale";
    return new Set(inserted.rows.flatMap(({ id }) => id ?? []));
  }
}

export interface Repository {
  /**
   * Stores the rows with their outbox events in one statement, all of the new ones or none, and answers for each row
   * what became of it, in their order.
   */
  insert(rows: readonly NewRow[]): Promise<readonly InsertOutcome[]>;
  /** Deletes the person and stores the event in one statement; answers whether the person was there. */
  cancel(id: string, event: NewRow["event"]): Promise<boolean>;
  find(id: string): Promise<StoredPenduduk | undefined>;
  /** What a registrar has registered in a period, the newest first. */
  ownOf(registrar: string, query: OwnQuery): Promise<OwnRegistrations>;
}

export interface NewRow {
  readonly id: string;
  readonly nik: string;
  readonly nama: string;
  readonly alamat: string;
  readonly kode: KodeProvinsi;
  readonly jenisKelamin: JenisKelamin;
  readonly tahunLahir: number;
  readonly warnings: readonly WarningCode[];
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Recognises the same request when it comes again. */
  readonly retry: { readonly registrar: string; readonly key: string } | undefined;
  readonly event: { readonly id: string; readonly payload: string; readonly traceparent: string };
}

export type InsertOutcome =
  | { readonly kind: "inserted" }
  /** The same request was stored before, under this id. */
  | { readonly kind: "repeated"; readonly id: string; readonly createdAt: Date }
  | { readonly kind: "nik-known" }
  | { readonly kind: "key-reused" }
  /** The request's key belongs to a registration that was taken back. */
  | { readonly kind: "cancelled" }
  /** Refused by a rule of the database that the input check should have known: a defect. */
  | { readonly kind: "refused" };

/** Keys change seldom, and not twice within milliseconds. */
const ATTEMPTS = 3;

// Ordered by the unique index, because two batches that lock the same keys in different orders deadlock. One
// notification a batch: one a row costs three times as much. `offset 0` keeps the cancelled keys a look into the index
// each, where a join would read all of them. Nothing is stored unless the keys are the ones in use by
// the statement's own snapshot, see migrations/0004_keys.sql.
const insert = (known: string) => `
with fits as materialized (
  select from key_use
  where index_key = $15::text and earlier_index_keys = $16::text[] and $1::text <> all (retired_column_keys)
), input as materialized (
  select * from unnest(
    $3::uuid[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::text[],
    $12::bytea[], $13::bytea[], $14::uuid[], string_to_array($17, E'\\n'), $18::text[], $19::text[], $20::smallint[]
  ) as t (id, nik_index, nik, nama, alamat, kode, warnings, created_at, created_by,
          idempotency, fingerprint, event_id, payload, traceparent, jenis_kelamin, kohort)
  where exists (select from fits)
), person as (
  insert into penduduk (id, nik_index, nik_index_key, key_id, nik, nama, alamat, kode_provinsi, warnings, created_at,
                        created_by, idempotency, fingerprint, retry_key, jenis_kelamin, kohort)
  select id, nik_index, $15::text, $1::text,
         pgp_sym_encrypt(nik, $2::text, ${CIPHER}),
         pgp_sym_encrypt(nama, $2::text, ${CIPHER}),
         pgp_sym_encrypt(alamat, $2::text, ${CIPHER}),
         kode, string_to_array(warnings, ','), created_at, created_by, idempotency, fingerprint,
         case when idempotency is not null then $15::text end, jenis_kelamin, kohort
  from input
  where not exists (select from cancellation where cancellation.idempotency = input.idempotency offset 0)
  ${known}
  order by nik_index
  on conflict do nothing
  returning id
), event as (
  insert into outbox (id, aggregatetype, aggregateid, type, payload, traceparent)
  select event_id, 'penduduk', id::text, 'penduduk.terdaftar', payload, traceparent
  from person join input using (id)
)
select id, (select pg_notify('outbox', '')) from person
union all
select null, null where not exists (select from fits)`;

const NEW_ONLY = "";

// While a rotation rewrites the index, and as long as retries may come that were first made under an earlier key.
// No new row gets an earlier key, so that what is not there in this snapshot never will be; and a row that is just
// being rewritten is seen here as it was, or else meets the unique index as it is. Scalar subqueries, so that each is
// one look into an index and no plan can make a scan of them.
const NEW_UNDER_ALL_KEYS = `and id not in (
    select e.id from unnest($21::uuid[], $22::bytea[], $23::bytea[]) as e (id, nik_index, idempotency)
    where (select p.id from penduduk p where p.nik_index = e.nik_index) is not null
      or (select p.id from penduduk p where p.idempotency = e.idempotency) is not null
      or (select c.id from cancellation c where c.idempotency = e.idempotency) is not null
  )`;

const CANCEL = `
with person as (
  delete from penduduk where id = $1 returning id, kode_provinsi, idempotency, retry_key
), kept as (
  insert into cancellation (id, kode_provinsi, idempotency, retry_key)
  select id, kode_provinsi, idempotency, retry_key from person
), event as (
  insert into outbox (id, aggregatetype, aggregateid, type, payload, traceparent)
  select $2, 'penduduk', id::text, 'penduduk.dibatalkan', $3, $4 from person
)
select id, (select pg_notify('outbox', '')) from person`;

function insertValues(rows: readonly NewRow[], { active, earlier }: IndexKeys, columns: KeyRing): unknown[] {
  const values = [
    ...writingKey(columns),
    rows.map((row) => row.id),
    rows.map((row) => nikIndex(active, row)),
    rows.map((row) => row.nik),
    rows.map((row) => row.nama),
    rows.map((row) => row.alamat),
    rows.map((row) => row.kode),
    rows.map((row) => row.warnings.join(",")),
    rows.map((row) => row.createdAt),
    rows.map((row) => row.createdBy),
    rows.map((row) => isRetried(row) ? idempotency(active, row) : null),
    rows.map((row) => isRetried(row) ? fingerprint(active, row) : null),
    rows.map((row) => row.event.id),
    active.id,
    earlier.map((key) => key.id),
    // Joined, since pg would escape every quote in an array; JSON text on one line holds no line end.
    rows.map((row) => row.event.payload).join("\n"),
    rows.map((row) => row.event.traceparent),
    rows.map((row) => row.jenisKelamin),
    rows.map((row) => kohort(row.tahunLahir)),
  ];
  if (earlier.length === 0) return values;
  const under = earlier.flatMap((key) => rows.map((row) => [key, row] as const));
  return [
    ...values,
    under.map(([, row]) => row.id),
    under.map(([key, row]) => nikIndex(key, row)),
    under.map(([key, row]) => isRetried(row) ? idempotency(key, row) : null),
  ];
}

/** What became of each row, where those of `stored` are stored now. */
async function outcomes(
  pool: Pick<Pool, "query">,
  { active, earlier }: IndexKeys,
  rows: readonly NewRow[],
  stored: ReadonlySet<string>,
): Promise<readonly InsertOutcome[]> {
  const all = [active, ...earlier];
  const retried = rows.filter((row) => !stored.has(row.id)).filter(isRetried);
  const firsts = await findFirsts(pool, retried.flatMap((row) => all.map((key) => idempotency(key, row))));
  return rows.map((row): InsertOutcome => {
    if (stored.has(row.id)) return { kind: "inserted" };
    return isRetried(row) ? outcomeOfRetry(row, all, firsts) : { kind: "nik-known" };
  });
}

function outcomeOfRetry(row: Retried, keys: readonly IndexKey[], firsts: Firsts): InsertOutcome {
  for (const key of keys) {
    const first = firsts.get(idempotency(key, row).toString("hex"));
    if (!first) continue;
    if (first.fingerprint === null) return { kind: "cancelled" };
    return fingerprint(key, row).equals(first.fingerprint)
      ? { kind: "repeated", id: first.id, createdAt: first.created_at }
      : { kind: "key-reused" };
  }
  return { kind: "nik-known" };
}

function isRetried(row: NewRow): row is Retried {
  return row.retry !== undefined;
}

/** The requests that came before, by their idempotency in hexadecimal. */
async function findFirsts(pool: Pick<Pool, "query">, idempotencies: readonly Buffer[]): Promise<Firsts> {
  if (idempotencies.length === 0) return new Map();
  const found = await pool.query<EarlierRow>({
    name: "registration-earlier",
    text: `select idempotency, fingerprint, id, created_at from penduduk where idempotency = any ($1::bytea[])
      union all
      select idempotency, null, id, cancelled_at from cancellation where idempotency = any ($1::bytea[])`,
    values: [idempotencies],
  });
  return new Map(found.rows.map((row) => [row.idempotency.toString("hex"), row]));
}

type Firsts = ReadonlyMap<string, EarlierRow>;

interface EarlierRow {
  readonly idempotency: Buffer;
  /** Null when the registration was taken back: then it does not matter what it was. */
  readonly fingerprint: Buffer | null;
  readonly id: string;
  readonly created_at: Date;
}
