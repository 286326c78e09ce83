-- What a registrar has registered today: ids rise with time, so that the newest of one registrar stand together. In a
-- registry that is large already, make it beforehand by "create index concurrently", or registrations wait for it.
create index if not exists penduduk_registrar on penduduk (created_by, id);
