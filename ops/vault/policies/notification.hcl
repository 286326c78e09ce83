path "kependudukan/data/notification" {
  capabilities = ["read"]
}

path "kependudukan/data/encryption-keys" {
  capabilities = ["read"]
}
