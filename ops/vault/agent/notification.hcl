auto_auth {
  method "kubernetes" {
    config = {
      role = "notification"
    }
  }
}

template {
  destination          = "/run/credentials/GOV_NOTIFIKASI_SECRET"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/notification\" }}{{ .Data.data.GOV_NOTIFIKASI_SECRET }}{{ end }}"
}

template {
  destination          = "/run/credentials/KAFKA_PASSWORD"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/notification\" }}{{ .Data.data.KAFKA_PASSWORD }}{{ end }}"
}

template {
  destination          = "/run/credentials/MONGODB_URI"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/notification\" }}{{ .Data.data.MONGODB_URI }}{{ end }}"
}

template {
  destination          = "/run/credentials/MONGODB_MASTER_KEY"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/notification\" }}{{ .Data.data.MONGODB_MASTER_KEY }}{{ end }}"
}

template {
  destination          = "/run/credentials/TWILIO_AUTH_TOKEN"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/notification\" }}{{ .Data.data.TWILIO_AUTH_TOKEN }}{{ end }}"
}

template {
  destination          = "/run/encryption-keys/keys.json"
  perms                = "0440"
  error_on_missing_key = true
  contents             = "{{ with secret \"kependudukan/data/encryption-keys\" }}{{ index .Data.data \"keys.json\" }}{{ end }}"
}
