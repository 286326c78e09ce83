path "kependudukan/data/registration" {
  capabilities = ["read"]
}

path "kependudukan/data/encryption-keys" {
  capabilities = ["read"]
}

# A login of its own for each pod, which ends by itself: see ops/vault/README.md.
path "database/creds/registration" {
  capabilities = ["read"]
}
