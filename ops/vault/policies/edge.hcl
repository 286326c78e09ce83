path "kependudukan/data/edge" {
  capabilities = ["read"]
}
