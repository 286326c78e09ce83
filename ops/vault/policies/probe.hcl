path "kependudukan/data/probe" {
  capabilities = ["read"]
}
