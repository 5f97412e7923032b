# A bucket alone, as the provider reads every setting of it, with tags and objects.
resource "aws_s3_bucket" "plain" {
  bucket        = "${var.prefix}-plain"
  force_destroy = true
  tags          = { stage = var.stage, "a b" = "ü" }
}

resource "aws_s3_object" "text" {
  bucket                 = aws_s3_bucket.plain.id
  key                    = "a b/ü.txt"
  content                = "grüße"
  content_type           = "text/plain"
  content_disposition    = "attachment"
  content_language       = "de"
  cache_control          = "max-age=60"
  storage_class          = "STANDARD_IA"
  server_side_encryption = "AES256"
  metadata               = { film = var.stage }
  tags                   = { genre = var.stage }
  checksum_algorithm     = "SHA256"
}

resource "aws_s3_object" "file" {
  bucket = aws_s3_bucket.plain.id
  key    = "provider.tf"
  source = "${path.module}/provider.tf"
  etag   = filemd5("${path.module}/provider.tf")
}

resource "aws_s3_object_copy" "copy" {
  bucket = aws_s3_bucket.plain.id
  key    = "copy"
  source = "${aws_s3_bucket.plain.id}/${aws_s3_object.file.key}"
}

data "aws_s3_bucket" "found" {
  bucket = aws_s3_bucket.plain.id
}

data "aws_s3_object" "found" {
  bucket = aws_s3_bucket.plain.id
  key    = aws_s3_object.text.key
}

data "aws_s3_objects" "listed" {
  bucket     = aws_s3_bucket.plain.id
  depends_on = [aws_s3_object.text, aws_s3_object.file, aws_s3_object_copy.copy]
}

output "bucket_found" {
  value = (data.aws_s3_object.found.body == "grüße" &&
    data.aws_s3_bucket.found.arn == aws_s3_bucket.plain.arn &&
  length(data.aws_s3_objects.listed.keys) == 3)
}
