# The settings of a bucket that infrastructure tools write and read back.
resource "aws_s3_bucket" "set" {
  bucket = "${var.prefix}-set"
}

resource "aws_s3_bucket" "logs" {
  bucket = "${var.prefix}-logs"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "set" {
  bucket = aws_s3_bucket.set.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = "arn:aws:kms:us-east-1:000000000000:key/12345678-1234-1234-1234-123456789012"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "set" {
  bucket = aws_s3_bucket.set.id
  rule {
    id     = "old"
    status = "Enabled"
    filter {
      and {
        prefix                   = "old/"
        object_size_greater_than = 500
        tags                     = { stage = var.stage }
      }
    }
    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }
    transition {
      days          = 90
      storage_class = "GLACIER"
    }
    expiration { days = 365 }
  }
  rule {
    id     = "rest"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days           = 10
      newer_noncurrent_versions = 2
    }
    abort_incomplete_multipart_upload { days_after_initiation = 7 }
  }
  rule {
    id     = "markers"
    status = "Disabled"
    filter { prefix = "m/" }
    expiration { expired_object_delete_marker = true }
  }
}

resource "aws_s3_bucket_logging" "set" {
  bucket        = aws_s3_bucket.set.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "${var.stage}/"
}

resource "aws_s3_bucket_website_configuration" "set" {
  bucket = aws_s3_bucket.set.id
  index_document { suffix = "index.html" }
  error_document { key = "${var.stage}.html" }
  routing_rule {
    condition { key_prefix_equals = "docs/" }
    redirect { replace_key_prefix_with = "documents/" }
  }
}

resource "aws_s3_bucket_request_payment_configuration" "set" {
  bucket = aws_s3_bucket.set.id
  payer  = var.stage == "first" ? "Requester" : "BucketOwner"
}

resource "aws_s3_bucket_accelerate_configuration" "set" {
  bucket = aws_s3_bucket.set.id
  status = var.stage == "first" ? "Enabled" : "Suspended"
}

resource "aws_s3_bucket_inventory" "set" {
  bucket                   = aws_s3_bucket.set.id
  name                     = "daily"
  included_object_versions = "All"
  optional_fields          = ["Size", "ETag"]
  schedule { frequency = var.stage == "first" ? "Daily" : "Weekly" }
  filter { prefix = "films/" }
  destination {
    bucket {
      format     = "CSV"
      bucket_arn = aws_s3_bucket.logs.arn
      prefix     = "inventory"
    }
  }
}

resource "aws_s3_bucket_analytics_configuration" "set" {
  bucket = aws_s3_bucket.set.id
  name   = "classes"
  filter {
    prefix = "films/"
    tags   = { stage = var.stage }
  }
  storage_class_analysis {
    data_export {
      destination {
        s3_bucket_destination { bucket_arn = aws_s3_bucket.logs.arn }
      }
    }
  }
}

resource "aws_s3_bucket_metric" "set" {
  bucket = aws_s3_bucket.set.id
  name   = "films"
  filter { prefix = var.stage }
}

resource "aws_s3_bucket_intelligent_tiering_configuration" "set" {
  bucket = aws_s3_bucket.set.id
  name   = "archive"
  filter {
    prefix = "films/"
    tags   = { stage = var.stage }
  }
  tiering {
    access_tier = "DEEP_ARCHIVE_ACCESS"
    days        = 180
  }
  tiering {
    access_tier = "ARCHIVE_ACCESS"
    days        = 125
  }
}
