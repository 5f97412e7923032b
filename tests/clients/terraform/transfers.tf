# A table that is made of objects in a bucket, and what another is exported as.
resource "aws_s3_bucket" "transfers" {
  bucket        = "${var.prefix}-transfers"
  force_destroy = true
}

resource "aws_s3_object" "films" {
  bucket  = aws_s3_bucket.transfers.bucket
  key     = "in/films.csv"
  content = "film;day\nRan;1\nIkiru;2\n"
}

resource "aws_dynamodb_table" "imported" {
  name         = "${var.prefix}-imported"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "film"
  attribute {
    name = "film"
    type = "S"
  }
  import_table {
    input_format           = "CSV"
    input_compression_type = "NONE"
    input_format_options {
      csv {
        delimiter = ";"
      }
    }
    s3_bucket_source {
      bucket     = aws_s3_object.films.bucket
      key_prefix = "in/"
    }
  }
}

data "aws_dynamodb_table_item" "imported" {
  table_name = aws_dynamodb_table.imported.name
  key        = jsonencode({ film = { S = "Ran" } })
}

resource "aws_dynamodb_table_export" "kept" {
  table_arn     = aws_dynamodb_table.kept.arn
  s3_bucket     = aws_s3_bucket.transfers.bucket
  s3_prefix     = "out"
  export_format = "DYNAMODB_JSON"
  depends_on    = [aws_dynamodb_table_item.kept]
}

output "imported" { value = data.aws_dynamodb_table_item.imported.item }
output "exported" { value = aws_dynamodb_table_export.kept.manifest_files_s3_key }
