create extension if not exists pgcrypto;

create extension if not exists pgcrypto;

create sequence sms_outbox_seq;

-- Stands in for the provider: what is here counts as sent.
create table sms_outbox (
  id text collate "C" primary key,
  -- Rises in the order in which the messages were taken.
  seq bigint not null,
  -- Recipient and body, encrypted together under the key named beside them.
  key_id text not null,
  personal bytea not null,
  created_at timestamptz not null default now()
);

create index sms_outbox_newest on sms_outbox (seq);
