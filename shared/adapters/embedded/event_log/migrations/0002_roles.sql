grant usage on schema event_log to kependudukan_event_log, kependudukan_reader, kependudukan_keys;

grant select, insert on event_log.topic to kependudukan_event_log;
grant select, insert, update (next_offset) on event_log.partition to kependudukan_event_log;
grant select, insert, delete on event_log.record to kependudukan_event_log;
grant select, insert, update (next_offset) on event_log.group_offset to kependudukan_event_log;

-- Counts distinct events. Their personal part is sealed.
grant select on event_log.topic to kependudukan_reader, kependudukan_keys;
grant select (topic_id, value) on event_log.record to kependudukan_reader, kependudukan_keys;
