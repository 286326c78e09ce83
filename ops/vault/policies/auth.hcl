path "kependudukan/data/auth" {
  capabilities = ["read"]
}
