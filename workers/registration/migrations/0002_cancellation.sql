-- What is left of a registration that was taken back: nothing of the person.
create table cancellation (
  -- of the resident
  id uuid primary key,
  kode_provinsi text not null check (kode_provinsi ~ '^[1-9][0-9]$'),
  -- stays bound, see 0001: a retry that was long under way must not bring back who was taken out meanwhile
  idempotency bytea unique check (octet_length(idempotency) = 32),
  cancelled_at timestamptz not null default now()
);

-- An insert that waits on the NIK of a row which is just being deleted goes on when that one is gone, by a snapshot in
-- which its key was not yet given up. The trigger looks anew. With 40001 the batch is tried again, row by row.
create function refuse_cancelled() returns trigger language plpgsql as $$
begin
  if exists (select from inserted join cancellation using (idempotency)) then
    raise serialization_failure using message = 'Registration was cancelled while it was repeated';
  end if;
  return null;
end $$;
create trigger refuse_cancelled after insert on penduduk referencing new table as inserted
  for each statement execute function refuse_cancelled();
