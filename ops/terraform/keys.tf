# One key for each kind of data, so that the right to read one is no right to read another.

locals {
  key_purposes = {
    cluster = "Secrets in the Kubernetes API server"
    volumes = "Disks of PostgreSQL, Kafka, MongoDB and the nodes"
    backups = "Backups in S3"
    vault   = "Unsealing of Vault"
  }
}

resource "aws_kms_key" "main" {
  for_each                = local.key_purposes
  description             = "${local.name}: ${each.value}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "main" {
  for_each      = aws_kms_key.main
  name          = "alias/${local.name}-${each.key}"
  target_key_id = each.value.id
}
