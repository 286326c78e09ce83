-- A message that a person has tried again may go to another number: that of its officer may be what was wrong.
grant update (key_id, personal) on sms_ledger to kependudukan_notification;
