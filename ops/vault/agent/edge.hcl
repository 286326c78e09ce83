auto_auth {
  method "kubernetes" {
    config = {
      role = "edge"
    }
  }
}

template {
  destination          = "/run/credentials/REDIS_URL"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/edge\" }}{{ .Data.data.REDIS_URL }}{{ end }}"
}

template {
  destination          = "/run/credentials/GOV_GATEWAY_SECRET"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/edge\" }}{{ .Data.data.GOV_GATEWAY_SECRET }}{{ end }}"
}
