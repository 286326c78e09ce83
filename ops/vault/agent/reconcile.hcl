auto_auth {
  method "kubernetes" {
    config = {
      role = "reconcile"
    }
  }
}

template {
  destination          = "/run/credentials/DATABASE_URL"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"database/creds/reconcile\" }}postgres://{{ .Data.username }}:{{ .Data.password }}@postgres-rw.data.svc:5432/kependudukan?sslmode=verify-full{{ end }}"
}

template {
  destination          = "/run/credentials/KAFKA_PASSWORD"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/reconcile\" }}{{ .Data.data.KAFKA_PASSWORD }}{{ end }}"
}

template {
  destination          = "/run/credentials/MONGODB_URI"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/reconcile\" }}{{ .Data.data.MONGODB_URI }}{{ end }}"
}
