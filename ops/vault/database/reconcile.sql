-- What Vault runs for each login of the nightly comparison: it reads, and its rights end with the login.
create role "{{name}}" login password '{{password}}' valid until '{{expiration}}' connection limit 2
  in role kependudukan_reader;
