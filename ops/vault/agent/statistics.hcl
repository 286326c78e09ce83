auto_auth {
  method "kubernetes" {
    config = {
      role = "statistics"
    }
  }
}

template {
  destination          = "/run/credentials/GOV_STATISTIK_SECRET"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/statistics\" }}{{ .Data.data.GOV_STATISTIK_SECRET }}{{ end }}"
}

template {
  destination          = "/run/credentials/KAFKA_PASSWORD"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/statistics\" }}{{ .Data.data.KAFKA_PASSWORD }}{{ end }}"
}

template {
  destination          = "/run/credentials/MONGODB_URI"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/statistics\" }}{{ .Data.data.MONGODB_URI }}{{ end }}"
}
