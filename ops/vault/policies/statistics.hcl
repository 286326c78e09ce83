path "kependudukan/data/statistics" {
  capabilities = ["read"]
}
