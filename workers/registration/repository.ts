import type { Buffer } from "node:buffer";
import { CIPHER, readingKeys, writingKey } from "../../shared/adapters/postgres/encryption.ts";
import type { Pool } from "../../shared/adapters/postgres/pool.ts";
import { isNik, type Nik } from "../../shared/penduduk/nik.ts";
import { type KodeProvinsi, parseKodeProvinsi } from "../../shared/penduduk/provinsi.ts";
import { type Warning, warning, WARNING_CODES, type WarningCode } from "../../shared/penduduk/warning.ts";
import type { KeyRing } from "../../shared/security/key_ring.ts";

/** The registry in PostgreSQL. */
export function openRepository(pool: Pick<Pool, "query">, columns: KeyRing): Repository {
  return {
    async insert(rows) {
      const inserted = await pool.query<{ id: string }>({
        name: "registration-insert",
        text: INSERT,
        values: insertValues(rows, columns),
      });
      const ids = new Set(inserted.rows.map((row) => row.id));
      const refused = rows.filter((row) => !ids.has(row.id));
      const earlier = await findEarlier(pool, refused);
      return rows.map((row): InsertOutcome => {
        if (ids.has(row.id)) return { kind: "inserted" };
        const first = row.retry && earlier.get(row.retry.idempotency.toString("hex"));
        if (!first || !row.retry) return { kind: "nik-known" };
        if (first.fingerprint === null) return { kind: "cancelled" };
        return row.retry.fingerprint.equals(first.fingerprint)
          ? { kind: "repeated", id: first.id, createdAt: first.created_at }
          : { kind: "key-reused" };
      });
    },

    async cancel(id, event) {
      const cancelled = await pool.query({
        name: "registration-cancel",
        text: CANCEL,
        values: [id, event.id, event.payload, event.traceparent],
      });
      return cancelled.rowCount === 1;
    },

    async find(id) {
      const found = await pool.query<StoredRow>({
        name: "registration-find",
        text: FIND,
        values: [id, ...readingKeys(columns)],
      });
      const row = found.rows[0];
      return row && toStored(row);
    },

    async count() {
      const counted = await pool.query<{ kode: string; jumlah: number }>(
        "select kode_provinsi as kode, count(*)::int as jumlah from penduduk group by kode_provinsi",
      );
      return new Map(counted.rows.map((row) => [row.kode, row.jumlah]));
    },

    async countCancelled() {
      const counted = await pool.query<{ kode: string; jumlah: number }>(
        "select kode_provinsi as kode, count(*)::int as jumlah from cancellation group by kode_provinsi",
      );
      return new Map(counted.rows.map((row) => [row.kode, row.jumlah]));
    },
  };
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
  /** Residents by province code. */
  count(): Promise<ReadonlyMap<string, number>>;
  /** Registrations that were taken back, by province code. */
  countCancelled(): Promise<ReadonlyMap<string, number>>;
}

export interface NewRow {
  readonly id: string;
  readonly nikIndex: Buffer;
  readonly nik: string;
  readonly nama: string;
  readonly alamat: string;
  readonly kode: KodeProvinsi;
  readonly warnings: readonly WarningCode[];
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Recognises the same request when it comes again. */
  readonly retry: { readonly idempotency: Buffer; readonly fingerprint: Buffer } | undefined;
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

export interface StoredPenduduk {
  readonly id: string;
  readonly nik: Nik;
  readonly nama: string;
  readonly alamat: string;
  readonly kode: KodeProvinsi;
  readonly warnings: readonly Warning[];
  readonly createdAt: Date;
  readonly createdBy: string;
}

// Ordered by the unique index, because two batches that lock the same keys in different orders deadlock. One
// notification a batch: one a row costs three times as much.
const INSERT = `
with input as materialized (
  select * from unnest(
    $3::uuid[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::text[],
    $12::bytea[], $13::bytea[], $14::uuid[], $15::text[], $16::text[]
  ) as t (id, nik_index, nik, nama, alamat, kode, warnings, created_at, created_by,
          idempotency, fingerprint, event_id, payload, traceparent)
), person as (
  insert into penduduk (id, nik_index, key_id, nik, nama, alamat, kode_provinsi, warnings, created_at, created_by,
                        idempotency, fingerprint)
  select id, nik_index, $1::text,
         pgp_sym_encrypt(nik, $2::text, ${CIPHER}),
         pgp_sym_encrypt(nama, $2::text, ${CIPHER}),
         pgp_sym_encrypt(alamat, $2::text, ${CIPHER}),
         kode, string_to_array(warnings, ','), created_at, created_by, idempotency, fingerprint
  from input where not exists (select from cancellation where cancellation.idempotency = input.idempotency)
  order by nik_index
  on conflict do nothing
  returning id
), event as (
  insert into outbox (id, aggregatetype, aggregateid, type, payload, traceparent)
  select event_id, 'penduduk', id::text, 'penduduk.terdaftar', payload, traceparent
  from person join input using (id)
)
select id, (select pg_notify('outbox', '')) from person`;

const CANCEL = `
with person as (
  delete from penduduk where id = $1 returning id, kode_provinsi, idempotency
), kept as (
  insert into cancellation (id, kode_provinsi, idempotency) select id, kode_provinsi, idempotency from person
), event as (
  insert into outbox (id, aggregatetype, aggregateid, type, payload, traceparent)
  select $2, 'penduduk', id::text, 'penduduk.dibatalkan', $3, $4 from person
)
select id, (select pg_notify('outbox', '')) from person`;

const FIND = `
select penduduk.id, pgp_sym_decrypt(nik, k.key) as nik, pgp_sym_decrypt(nama, k.key) as nama,
       pgp_sym_decrypt(alamat, k.key) as alamat, kode_provinsi as kode, warnings, created_at, created_by
from penduduk join unnest($2::text[], $3::text[]) as k (id, key) on k.id = penduduk.key_id
where penduduk.id = $1`;

function insertValues(rows: readonly NewRow[], columns: KeyRing): unknown[] {
  return [
    ...writingKey(columns),
    rows.map((row) => row.id),
    rows.map((row) => row.nikIndex),
    rows.map((row) => row.nik),
    rows.map((row) => row.nama),
    rows.map((row) => row.alamat),
    rows.map((row) => row.kode),
    rows.map((row) => row.warnings.join(",")),
    rows.map((row) => row.createdAt),
    rows.map((row) => row.createdBy),
    rows.map((row) => row.retry?.idempotency ?? null),
    rows.map((row) => row.retry?.fingerprint ?? null),
    rows.map((row) => row.event.id),
    rows.map((row) => row.event.payload),
    rows.map((row) => row.event.traceparent),
  ];
}

async function findEarlier(
  pool: Pick<Pool, "query">,
  refused: readonly NewRow[],
): Promise<ReadonlyMap<string, EarlierRow>> {
  const idempotencies = refused.flatMap((row) => row.retry ? [row.retry.idempotency] : []);
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

function toStored(row: StoredRow): StoredPenduduk {
  const kode = parseKodeProvinsi(row.kode);
  if (!kode) throw new Error(`Registry holds the unknown province "${row.kode}"`);
  if (!isNik(row.nik)) throw new Error(`Registry holds no NIK in row "${row.id}"`);
  return {
    id: row.id,
    nik: row.nik,
    nama: row.nama,
    alamat: row.alamat,
    kode,
    warnings: WARNING_CODES.filter((code) => row.warnings.includes(code)).map(warning),
    createdAt: row.created_at,
    createdBy: row.created_by,
  };
}

interface EarlierRow {
  readonly idempotency: Buffer;
  /** Null when the registration was taken back: then it does not matter what it was. */
  readonly fingerprint: Buffer | null;
  readonly id: string;
  readonly created_at: Date;
}

interface StoredRow {
  readonly id: string;
  readonly nik: string;
  readonly nama: string;
  readonly alamat: string;
  readonly kode: string;
  readonly warnings: readonly string[];
  readonly created_at: Date;
  readonly created_by: string;
}
