auto_auth {
  method "kubernetes" {
    config = {
      role = "relay"
    }
  }
}

template {
  destination          = "/run/credentials/DATABASE_URL"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"database/creds/relay\" }}postgres://{{ .Data.username }}:{{ .Data.password }}@postgres-rw.data.svc:5432/kependudukan?sslmode=verify-full{{ end }}"
}

template {
  destination          = "/run/credentials/KAFKA_PASSWORD"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/relay\" }}{{ .Data.data.KAFKA_PASSWORD }}{{ end }}"
}
