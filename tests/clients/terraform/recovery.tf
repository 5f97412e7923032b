# Tables that can be brought back to a point in time, one that was, and one from a backup.
resource "aws_dynamodb_table" "kept" {
  name         = "${var.prefix}-kept"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.stage == "first" ? 7 : 14
  }
}

resource "aws_dynamodb_table_item" "kept" {
  table_name = aws_dynamodb_table.kept.name
  hash_key   = aws_dynamodb_table.kept.hash_key
  item       = jsonencode({ id = { S = "alien" } })
}

resource "aws_dynamodb_table" "restored" {
  name                   = "${var.prefix}-restored"
  billing_mode           = "PAY_PER_REQUEST"
  hash_key               = "id"
  restore_source_name    = aws_dynamodb_table_item.kept.table_name
  restore_to_latest_time = true
  attribute {
    name = "id"
    type = "S"
  }
}
