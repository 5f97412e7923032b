# A table that is there already becomes Terraform's as it is; what tables cannot have here is refused.
import {
  to = aws_dynamodb_table.adopted
  id = "${var.prefix}-adopted"
}

resource "aws_dynamodb_table" "adopted" {
  name             = "${var.prefix}-adopted"
  billing_mode     = "PROVISIONED"
  read_capacity    = 2
  write_capacity   = 1
  hash_key         = "film"
  range_key        = "day"
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"
  tags             = { team = "films" }
  attribute {
    name = "film"
    type = "S"
  }
  attribute {
    name = "day"
    type = "N"
  }
  attribute {
    name = "hall"
    type = "B"
  }
  local_secondary_index {
    name               = "in-hall"
    range_key          = "hall"
    projection_type    = "INCLUDE"
    non_key_attributes = ["seats"]
  }
  global_secondary_index {
    name            = "on-day"
    hash_key        = "day"
    projection_type = "KEYS_ONLY"
    read_capacity   = 1
    write_capacity  = 1
  }
  ttl {
    attribute_name = "until"
    enabled        = true
  }
}

resource "aws_dynamodb_table" "replicated" {
  name             = "${var.prefix}-replicated"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "film"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  attribute {
    name = "film"
    type = "S"
  }
  replica {
    region_name = "eu-central-1"
  }
}

resource "aws_dynamodb_kinesis_streaming_destination" "adopted" {
  table_name = aws_dynamodb_table.adopted.name
  stream_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/films"
}
