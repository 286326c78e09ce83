-- Which keys are in use, where each statement that writes sees it in its own snapshot: two processes that write under
-- different keys would not see each other's NIK. `keys rotate` changes the row while no such statement runs.
create table key_use (
  single boolean primary key default true check (single),
  -- new persons are found by it
  index_key text not null,
  -- persons may still be found by these, or their retries be known by them
  earlier_index_keys text[] not null default '{}',
  -- nothing may be encrypted under these any more: nobody keeps them
  retired_column_keys text[] not null default '{}'
);
grant select, insert on key_use to kependudukan_registration;
grant select, update on key_use to kependudukan_keys;

-- Null in rows from before they were named: then it is the first key.
alter table penduduk
  -- names the key of nik_index
  add column nik_index_key text,
  -- names the key of idempotency and fingerprint
  add column retry_key text;
alter table cancellation add column retry_key text;

grant select (id, key_id, nik, nama, alamat, nik_index_key, retry_key, idempotency, created_at),
      update (key_id, nik, nama, alamat, nik_index, nik_index_key, idempotency, fingerprint, retry_key)
  on penduduk to kependudukan_keys;
grant select (id, retry_key, idempotency, cancelled_at), update (idempotency, retry_key)
  on cancellation to kependudukan_keys;
-- Whether an event sealed under a key still waits.
grant select (payload) on outbox to kependudukan_keys;

-- Waits until no statement that writes persons runs, and holds back new ones until the transaction ends. A function,
-- because the right to lock is the right to change everything.
create function hold_registrations() returns void language plpgsql security definer set search_path = public, pg_temp
as $$
begin
  lock table penduduk in share row exclusive mode;
end $$;
revoke execute on function hold_registrations() from public;
grant execute on function hold_registrations() to kependudukan_keys;

-- How far rows were rewritten under a new key, so that it goes on from there after a stop or a crash.
create table key_rotation (
  ring text not null,
  relation text not null,
  key_id text not null,
  -- all rows up to this id were looked at
  last_id text not null,
  rewritten bigint not null default 0,
  started_at timestamptz not null default now(),
  moved_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (ring, relation, key_id)
);
grant select, insert, update on key_rotation to kependudukan_keys;
