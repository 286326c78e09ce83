export const USAGE = `Keeps the people who sign in, at the identity provider.

  deno task users create NAME --nama "Full Name" --roles ROLE[,ROLE] [--provinsi P] [--email E]
  deno task users roles NAME ROLE[,ROLE] [--provinsi P]   these roles and no others; signs the user out
  deno task users disable NAME                            and signs the user out at once
  deno task users enable NAME
  deno task users reset NAME                              new password; signs out, and frees after a lock-out
  deno task users list [--json]
  deno task users import FILE.csv [--skip-bad] [--passwords FILE]

NAME is three to 64 of a-z, 0-9, dot, hyphen and underscore. ROLE is admin, petugas, warga or auditor. A petugas has
a province: its name or code, or "semua" for all of them.

  --password-stdin   (create, reset) takes the first line of standard input; without it a password is made and shown
                     once, on standard output
  --must-change      (create, reset) the password must be changed on the sign-in page first: POST /login refuses it
                     until then, so use this only where people reach that page
  --dry-run          says what would be done, and changes nothing
  --actor WHO        who answers for it in the audit, instead of the account of the operating system

import: a CSV file in UTF-8 with the header username,nama,email,roles,provinsi, of at most 10,000 rows and 4 MiB. All
rows are read first; when one is bad, nothing is done, and each bad row is named with its reason (--skip-bad leaves
these out). Who is there already is updated, so the same file may come again. New users have no password unless
--passwords names a new file, which gets them (username,password); else \`users reset\` gives one.

Variables: KEYCLOAK_URL (the embedded provider of \`deno task dev\` when unset), KEYCLOAK_REALM,
GOV_AUTH_ADMIN_SECRET or GOV_AUTH_ADMIN_SECRET_FILE.

Exit codes: 0 done; 1 not done, or not all; 2 wrong command line or configuration; 3 the identity provider is away or
refuses us.
`;
