create table audit (
  id uuid primary key,
  -- the line to the byte as it was chained; the other columns are taken from it, and only help to find it
  line text not null,
  at timestamptz not null,
  writer uuid not null,
  seq bigint not null,
  action text not null,
  actor text,
  target text,
  record uuid,
  -- a chain has each place once
  unique (writer, seq)
);
-- Ids are UUIDv7, in the order of time: newest first by id.
create index audit_actor on audit (actor, id) where actor is not null;
create index audit_target on audit (target, id) where target is not null;
create index audit_registered on audit (record) where action = 'penduduk.daftar' and record is not null;

comment on table audit is 'Who did what to whom: only ever added to, see shared/security/audit/';

-- An auditor's own questions are audited too.
grant insert on audit to kependudukan_audit_writer, kependudukan_auditor;
grant select on audit to kependudukan_auditor;

create function audit_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'The audit is only ever added to' using errcode = 'insufficient_privilege';
end $$;

-- For the table's owner too, who has every privilege; what a superuser does past it, `audit verify` finds.
create trigger audit_only_added_to before update or delete or truncate on audit
  for each statement execute function audit_refuse_change();
