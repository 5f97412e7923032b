# What depends on versions: versioning itself, object lock and replication.
resource "aws_s3_bucket" "source" {
  bucket        = "${var.prefix}-source"
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "source" {
  bucket = aws_s3_bucket.source.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_object" "versioned" {
  bucket     = aws_s3_bucket.source.id
  key        = "k"
  content    = var.stage
  depends_on = [aws_s3_bucket_versioning.source]
}

resource "aws_s3_bucket" "locked" {
  bucket              = "${var.prefix}-locked"
  object_lock_enabled = true
  force_destroy       = true
}

resource "aws_s3_bucket_object_lock_configuration" "locked" {
  bucket = aws_s3_bucket.locked.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = length(var.stage)
    }
  }
}

resource "aws_s3_object" "held" {
  bucket                        = aws_s3_bucket.locked.id
  key                           = "held"
  content                       = "x"
  object_lock_legal_hold_status = "ON"
  object_lock_mode              = "GOVERNANCE"
  object_lock_retain_until_date = "2099-01-01T00:00:00Z"
  force_destroy                 = true
}

resource "aws_s3_bucket_replication_configuration" "source" {
  bucket     = aws_s3_bucket.source.id
  role       = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/replication"
  depends_on = [aws_s3_bucket_versioning.source]
  rule {
    id       = "films"
    priority = 1
    status   = "Enabled"
    filter { prefix = var.stage }
    delete_marker_replication { status = "Disabled" }
    destination {
      bucket        = aws_s3_bucket.locked.arn
      storage_class = "STANDARD_IA"
    }
  }
}
