create extension if not exists pgcrypto;

create table penduduk (
  id uuid primary key,
  -- HMAC of the NIK: finds and refuses a known NIK without making it readable
  nik_index bytea not null unique check (octet_length(nik_index) = 32),
  -- names the key of the three encrypted columns
  key_id text not null,
  nik bytea not null,
  nama bytea not null,
  alamat bytea not null,
  kode_provinsi text not null check (kode_provinsi ~ '^[1-9][0-9]$'),
  warnings text[] not null default '{}',
  created_at timestamptz not null,
  -- the `sub` of whoever registered
  created_by text not null,
  -- HMAC of registrar and Idempotency-Key, and of the data: bound to the row for ever, so that a retry after days
  -- still gets the first answer
  idempotency bytea unique check (octet_length(idempotency) = 32),
  fingerprint bytea check (octet_length(fingerprint) = 32),
  check ((idempotency is null) = (fingerprint is null))
);
create index penduduk_provinsi on penduduk (kode_provinsi);

comment on table penduduk is 'Registered residents; personal columns by pgcrypto, see shared/security/key_ring.ts';

-- Columns as Debezium's outbox event router expects them, so that a move to it needs no new table.
create table outbox (
  seq bigint generated always as identity primary key,
  id uuid not null unique,
  aggregatetype text not null,
  aggregateid text not null,
  type text not null,
  -- the whole CloudEvent; text, because jsonb would not give back the bytes that were written
  payload text not null,
  traceparent text,
  created_at timestamptz not null default now()
);
-- The table is emptied all the time: dead rows must go before scans have to step over them.
alter table outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
