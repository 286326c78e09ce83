create extension if not exists pgcrypto;

create extension if not exists pgcrypto;

create sequence sms_ledger_seq;

create table sms_ledger (
  id text collate "C" primary key,
  event_id text not null,
  -- Rises in the order of the claims, which ids and timestamps of one batch do not show.
  seq bigint not null,
  state text not null default 'claimed' check (state in ('claimed', 'sent', 'refused', 'parked')),
  provider_id text,
  code text,
  -- Recipient and body, encrypted together under the key named beside them.
  key_id text not null,
  personal bytea not null,
  -- The process that hands the message over, and until when nobody else may.
  owner uuid not null,
  lease_until timestamptz not null,
  claimed_at timestamptz not null default now(),
  settled_at timestamptz,
  check ((state = 'claimed') = (settled_at is null)),
  check ((state = 'sent') = (provider_id is not null))
);

create index sms_ledger_newest on sms_ledger (seq);

-- Holds only what is under way, however long the ledger grows.
create index sms_ledger_claimed on sms_ledger (lease_until) where state = 'claimed';
