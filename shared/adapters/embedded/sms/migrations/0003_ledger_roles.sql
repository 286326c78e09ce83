grant select, insert, delete on sms_ledger to kependudukan_notification;
-- What was said to whom does not change.
grant update (state, provider_id, code, owner, lease_until, settled_at, receipt, receipt_code)
  on sms_ledger to kependudukan_notification;
grant usage on sms_ledger_seq to kependudukan_notification;

grant select (id, key_id, personal), update (key_id, personal) on sms_ledger to kependudukan_keys;
