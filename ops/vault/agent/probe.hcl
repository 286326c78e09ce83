auto_auth {
  method "kubernetes" {
    config = {
      role = "probe"
    }
  }
}

template {
  destination          = "/run/credentials/GOV_PROBE_SECRET"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/probe\" }}{{ .Data.data.GOV_PROBE_SECRET }}{{ end }}"
}
