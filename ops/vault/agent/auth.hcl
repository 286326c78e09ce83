auto_auth {
  method "kubernetes" {
    config = {
      role = "auth"
    }
  }
}

template {
  destination          = "/run/credentials/GOV_AUTH_SERVICE_SECRET"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/auth\" }}{{ .Data.data.GOV_AUTH_SERVICE_SECRET }}{{ end }}"
}
