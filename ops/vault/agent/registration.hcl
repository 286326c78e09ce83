auto_auth {
  method "kubernetes" {
    config = {
      role = "registration"
    }
  }
}

template {
  destination          = "/run/credentials/GOV_PENDAFTARAN_SECRET"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/registration\" }}{{ .Data.data.GOV_PENDAFTARAN_SECRET }}{{ end }}"
}

template {
  destination          = "/run/credentials/DATABASE_URL"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"database/creds/registration\" }}postgres://{{ .Data.username }}:{{ .Data.password }}@postgres-rw.data.svc:5432/kependudukan?sslmode=verify-full{{ end }}"
}

template {
  destination          = "/run/encryption-keys/keys.json"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/encryption-keys\" }}{{ index .Data.data \"keys.json\" }}{{ end }}"
}
