import { withSettings } from "./url.ts";

/**
 * The roles of the database, each with the rights that its work needs and no others. A right is granted in the
 * migration that makes the table, beside it. A process logs in as one of them, or as a user who may take them.
 */
export const DATABASE_ROLES = [
  /** Owns every table and brings them up to date. */
  "migrator",
  /** Adds persons with their events; takes registrations back. */
  "registration",
  /** Empties the outbox. */
  "relay",
  /** Counts; sees nothing personal, not even encrypted. */
  "reader",
  /** Adds audit lines; can neither read nor change one. */
  "audit_writer",
  /** Reads what was audited. */
  "auditor",
  /** Encrypts anew under another key. */
  "keys",
  /** The embedded event log's. */
  "event_log",
  /** The embedded statistics store's. */
  "statistics",
  /** The embedded SMS ledger's, officers' and outbox's. */
  "notification",
] as const;

export type DatabaseRole = typeof DATABASE_ROLES[number];

/** The role's name at the server, where all databases share them. */
export function roleName(role: DatabaseRole): string {
  return `kependudukan_${role}`;
}

/** The URL by which a connection has the rights of this role alone, whoever logs in. */
export function asRole(url: string, role: DatabaseRole): string {
  return withSettings(url, { role: roleName(role) });
}

/** The URL by which a connection has the rights of whoever logs in. */
export function asLogin(url: string): string {
  return withSettings(url, { role: undefined });
}

/** What there was before there were roles. */
const EARLIER_RELATIONS = [
  ...["schema_migration", "penduduk", "outbox", "cancellation", "statistics_ledger", "statistics_counter"],
  ...["sms_ledger", "sms_ledger_seq", "sms_outbox", "sms_outbox_seq", "officer"],
];

/**
 * Makes the roles that are missing and lets the migrator work in this database, as far as the user may; what is in
 * order costs one look. Takes over the tables of an installation from before there were roles.
 */
export const PREPARE_ROLES = `
do $$
declare
  name text;
  relation record;
begin
  foreach name in array array[${DATABASE_ROLES.map((role) => `'${roleName(role)}'`).join(", ")}] loop
    continue when to_regrole(name) is not null;
    continue when not (select rolsuper or rolcreaterole from pg_roles where rolname = current_user);
    begin
      execute format('create role %I nologin', name);
      execute format('grant %I to current_user', name);
    exception when duplicate_object or unique_violation then
      null; -- made for another database of this server just now
    end;
  end loop;
  if to_regrole('kependudukan_migrator') is null then return; end if;

  if not has_database_privilege('kependudukan_migrator', current_database(), 'create') then
    execute format('grant create on database %I to kependudukan_migrator', current_database());
  end if;
  -- Nobody needs tables of his own, which are a way around what was not granted.
  if has_database_privilege('public', current_database(), 'temporary')
    and (select pg_has_role(datdba, 'member') from pg_database where datname = current_database()) then
    execute format('revoke temporary on database %I from public', current_database());
  end if;
  if not has_schema_privilege('kependudukan_migrator', 'public', 'create') then
    grant create on schema public to kependudukan_migrator;
    revoke create on schema public from public;
  end if;

  for relation in
    select c.oid::regclass as name, c.relkind as kind from pg_class c
    where (c.relnamespace = to_regnamespace('event_log') or c.oid in (
        select to_regclass(t) from unnest(array[${
  EARLIER_RELATIONS.map((name) => `'${name}'`).join(", ")
}]) as t
      ))
      and (c.relkind = 'r' or c.relkind = 'S' and c.relname !~ '_id_seq$')
      and c.relowner <> to_regrole('kependudukan_migrator') and pg_has_role(c.relowner, 'member')
  loop
    execute format('alter %s %s owner to kependudukan_migrator',
      case relation.kind when 'S' then 'sequence' else 'table' end, relation.name);
  end loop;
  if (select pg_has_role(proowner, 'member') and proowner <> to_regrole('kependudukan_migrator')
      from pg_proc where oid = to_regprocedure('refuse_cancelled()')) then
    alter function refuse_cancelled() owner to kependudukan_migrator;
  end if;
  if (select pg_has_role(nspowner, 'member') and nspowner <> to_regrole('kependudukan_migrator')
      from pg_namespace where nspname = 'event_log') then
    alter schema event_log owner to kependudukan_migrator;
  end if;
end $$`;
