# Backups that nobody can delete or change before their time, an administrator with stolen rights included. They stay in
# the country: there is no copy in another region.

resource "aws_s3_bucket" "backup" {
  bucket              = local.backup_bucket
  object_lock_enabled = true
}

resource "aws_s3_bucket_versioning" "backup" {
  bucket = aws_s3_bucket.backup.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "backup" {
  bucket = aws_s3_bucket.backup.id

  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = var.backup_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.backup]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "backup" {
  bucket = aws_s3_bucket.backup.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.main["backups"].arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "backup" {
  bucket                  = aws_s3_bucket.backup.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# CloudNativePG removes what its retention policy no longer needs: with versions that leaves a marker and, until the lock
# ends, the backup. This removes both afterwards.
resource "aws_s3_bucket_lifecycle_configuration" "backup" {
  bucket = aws_s3_bucket.backup.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      expired_object_delete_marker = true
    }

    noncurrent_version_expiration {
      noncurrent_days = var.backup_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.backup]
}

# The pods of PostgreSQL write backups, read them for a restore, and may hide old ones: no right removes a version.
resource "aws_iam_role" "backup" {
  name               = "${local.name}-backup"
  assume_role_policy = data.aws_iam_policy_document.assumed_by["pods.eks.amazonaws.com"].json
}

resource "aws_iam_role_policy" "backup" {
  role = aws_iam_role.backup.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        Resource = [aws_s3_bucket.backup.arn, "${aws_s3_bucket.backup.arn}/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.main["backups"].arn
      },
    ]
  })
}

resource "aws_eks_pod_identity_association" "backup" {
  cluster_name    = aws_eks_cluster.main.name
  namespace       = local.backup_store.metadata.namespace
  service_account = local.backup_store.metadata.name # CloudNativePG names it after its cluster, as the store is named
  role_arn        = aws_iam_role.backup.arn
}
