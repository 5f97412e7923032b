# Who may do what: ownership, ACLs, the public access block, a policy, CORS.
resource "aws_s3_bucket" "shared" {
  bucket = "${var.prefix}-shared"
}

resource "aws_s3_bucket_ownership_controls" "shared" {
  bucket = aws_s3_bucket.shared.id
  rule { object_ownership = "BucketOwnerPreferred" }
}

resource "aws_s3_bucket_public_access_block" "shared" {
  bucket                  = aws_s3_bucket.shared.id
  block_public_acls       = var.stage != "first"
  block_public_policy     = false
  ignore_public_acls      = false
  restrict_public_buckets = false
}

resource "aws_s3_bucket_acl" "shared" {
  bucket     = aws_s3_bucket.shared.id
  acl        = "public-read"
  depends_on = [aws_s3_bucket_ownership_controls.shared, aws_s3_bucket_public_access_block.shared]
}

resource "aws_s3_bucket_policy" "shared" {
  bucket     = aws_s3_bucket.shared.id
  depends_on = [aws_s3_bucket_public_access_block.shared]
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = var.stage
      Effect    = "Allow"
      Principal = "*"
      Action    = ["s3:GetObject", "s3:GetObjectTagging"]
      Resource  = "${aws_s3_bucket.shared.arn}/public/*"
      Condition = { StringLike = { "aws:UserAgent" = "reader/*" } }
    }]
  })
}

resource "aws_s3_bucket_cors_configuration" "shared" {
  bucket = aws_s3_bucket.shared.id
  cors_rule {
    id              = var.stage
    allowed_headers = ["*"]
    allowed_methods = ["PUT", "POST"]
    allowed_origins = ["https://example.com"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }
}

resource "aws_s3_bucket" "granted" {
  bucket = "${var.prefix}-granted"
}

resource "aws_s3_bucket_ownership_controls" "granted" {
  bucket = aws_s3_bucket.granted.id
  rule { object_ownership = "ObjectWriter" }
}

data "aws_canonical_user_id" "current" {}

resource "aws_s3_bucket_acl" "granted" {
  bucket     = aws_s3_bucket.granted.id
  depends_on = [aws_s3_bucket_ownership_controls.granted]
  access_control_policy {
    grant {
      grantee {
        type = "CanonicalUser"
        id   = data.aws_canonical_user_id.current.id
      }
      permission = "FULL_CONTROL"
    }
    grant {
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/s3/LogDelivery"
      }
      permission = "WRITE"
    }
    owner { id = data.aws_canonical_user_id.current.id }
  }
}

resource "aws_s3_object" "private" {
  bucket     = aws_s3_bucket.granted.id
  key        = "private"
  content    = "x"
  acl        = "private"
  depends_on = [aws_s3_bucket_ownership_controls.granted]
}
