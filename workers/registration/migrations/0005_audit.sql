-- `audit verify` looks for registrations that nobody recorded; an auditor sees no other column.
grant select (id, created_at) on penduduk to kependudukan_auditor;
