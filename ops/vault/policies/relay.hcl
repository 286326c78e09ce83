path "kependudukan/data/relay" {
  capabilities = ["read"]
}

# A login of its own for each pod, which ends by itself: see ops/vault/README.md.
path "database/creds/relay" {
  capabilities = ["read"]
}
