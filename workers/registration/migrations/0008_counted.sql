-- What statistics count a resident under, as the events say it in clear too: so that counting them anew needs no key and
-- reads no person. Null in rows from before; `deno task statistics rebuild` fills these in.
alter table penduduk
  add column jenis_kelamin text,
  -- first year of the decade of birth
  add column kohort smallint;

grant select (jenis_kelamin, kohort) on penduduk to kependudukan_reader;
-- How far the outbox had got when the registry was counted.
grant select on sequence outbox_seq_seq to kependudukan_reader;
grant select (jenis_kelamin, kohort), update (jenis_kelamin, kohort) on penduduk to kependudukan_keys;
