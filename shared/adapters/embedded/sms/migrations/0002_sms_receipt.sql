-- What the provider reported of the message after it took it.
alter table sms_ledger
  add column receipt text check (receipt in ('delivered', 'undelivered')),
  add column receipt_code text,
  add check (receipt is null or state = 'sent'),
  add check ((receipt is not distinct from 'undelivered') = (receipt_code is not null));
