-- What Vault runs for each login of a relay: the rights are those of the role, and end with the login.
create role "{{name}}" login password '{{password}}' valid until '{{expiration}}' connection limit 8
  in role kependudukan_relay;
