grant select, insert on sms_outbox to kependudukan_notification;
grant usage on sms_outbox_seq to kependudukan_notification;

grant select (id, key_id, personal), update (key_id, personal) on sms_outbox to kependudukan_keys;
