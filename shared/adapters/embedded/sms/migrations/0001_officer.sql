create extension if not exists pgcrypto;

create extension if not exists pgcrypto;

create table officer (
  id uuid primary key default gen_random_uuid(),
  provinsi text not null check (provinsi ~ '^[0-9]{2}$'),
  -- The telephone number, encrypted under the key named beside it.
  key_id text not null,
  telepon bytea not null,
  created_at timestamptz not null default now()
);

create index officer_provinsi on officer (provinsi);
