-- How far the table was verified, by whom and with what result: a row for each part that was looked at, of which the
-- newest counts. Who can change the audit could write here too, so that an operator's anchor file stays the better proof.
create table audit_verification (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  -- Id of the auditor at the identity provider.
  actor text not null,
  -- A run begins at the first line or goes on where the last one ended, and may take several parts.
  began_at timestamptz not null,
  complete boolean not null,
  -- From the first line of the table on.
  lines bigint not null,
  -- The last line that will not be read again, and the ends of the chains there.
  last_id uuid,
  last_at timestamptz,
  ends jsonb not null,
  findings jsonb not null
);
grant select, insert on audit_verification to kependudukan_auditor;

create trigger audit_verification_only_added_to before update or delete or truncate on audit_verification
  for each statement execute function audit_refuse_change();
