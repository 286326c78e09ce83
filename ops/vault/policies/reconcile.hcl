path "kependudukan/data/reconcile" {
  capabilities = ["read"]
}

# A login of its own for each run, which ends by itself: see ops/vault/README.md.
path "database/creds/reconcile" {
  capabilities = ["read"]
}
