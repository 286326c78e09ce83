-- What Vault runs for each login of a registration: the rights are those of the roles, and end with the login.
create role "{{name}}" login password '{{password}}' valid until '{{expiration}}' connection limit 16
  in role kependudukan_registration, kependudukan_audit_writer, kependudukan_auditor;
