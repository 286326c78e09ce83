-- "offset 0" makes it a look into the index for each key. Joined, the table of all cancellations was read whole for each
-- batch once there were some thousands.
create or replace function refuse_cancelled() returns trigger language plpgsql as $$
begin
  if exists (
    select from inserted
    where exists (select from cancellation where cancellation.idempotency = inserted.idempotency offset 0)
  ) then
    raise serialization_failure using message = 'Registration was cancelled while it was repeated';
  end if;
  return null;
end $$;
