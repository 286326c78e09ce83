-- Rights stand in the migration that makes the table; here those of the tables from before there were roles. Nobody
-- updates a person or an event: what was stored is what was said.
grant select, insert, delete on penduduk to kependudukan_registration;
grant select, insert on cancellation to kependudukan_registration;
grant insert on outbox to kependudukan_registration;

grant select, delete on outbox to kependudukan_relay;

-- Counts, and how long the outbox has waited; none of the encrypted columns or of what finds a person.
grant select (id, kode_provinsi, created_at) on penduduk to kependudukan_reader;
grant select (id, kode_provinsi, cancelled_at) on cancellation to kependudukan_reader;
grant select (seq, created_at) on outbox to kependudukan_reader;
