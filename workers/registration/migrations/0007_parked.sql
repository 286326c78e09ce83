-- Rows that the event log refuses for what they are. They stay for a person to look at, and with them whatever else is to
-- be said of the same resident: a cancellation must not overtake its registration.
alter table outbox
  add column parked_at timestamptz,
  -- the event log's word for why
  add column parked_for text,
  add check ((parked_at is null) = (parked_for is null));
create index outbox_parked on outbox (aggregateid) where parked_at is not null;

grant update (parked_at, parked_for) on outbox to kependudukan_relay;
grant select (parked_at) on outbox to kependudukan_reader;
