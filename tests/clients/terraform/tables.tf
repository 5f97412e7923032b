# Tables with all that the provider's resource has, what it does with their items, tags and indexes,
# and what it reads of them. At the second stage billing, class, indexes, streams, encryption and
# expiry of the first table are others.
locals {
  changed = var.stage != "first"
}

resource "aws_kms_key" "tables" {
  deletion_window_in_days = 7
}

resource "aws_dynamodb_table" "films" {
  name             = "${var.prefix}-films"
  billing_mode     = local.changed ? "PAY_PER_REQUEST" : "PROVISIONED"
  read_capacity    = local.changed ? null : 5
  write_capacity   = local.changed ? null : 4
  hash_key         = "genre"
  range_key        = "title"
  table_class      = local.changed ? "STANDARD" : "STANDARD_INFREQUENT_ACCESS"
  stream_enabled   = true
  stream_view_type = local.changed ? "KEYS_ONLY" : "NEW_AND_OLD_IMAGES"
  tags             = { stage = var.stage }

  attribute {
    name = "genre"
    type = "S"
  }
  attribute {
    name = "title"
    type = "S"
  }
  attribute {
    name = "year"
    type = "N"
  }
  attribute {
    name = "poster"
    type = "B"
  }
  attribute {
    name = local.changed ? "studio" : "director"
    type = "S"
  }

  local_secondary_index {
    name            = "by-year"
    range_key       = "year"
    projection_type = "ALL"
  }
  local_secondary_index {
    name               = "by-poster"
    range_key          = "poster"
    projection_type    = "INCLUDE"
    non_key_attributes = ["year", "cast"]
  }
  # One goes, one comes, and one has another capacity.
  global_secondary_index {
    name               = local.changed ? "by-studio" : "by-director"
    hash_key           = local.changed ? "studio" : "director"
    range_key          = "title"
    projection_type    = "INCLUDE"
    non_key_attributes = ["cast", "until"]
    read_capacity      = local.changed ? null : 2
    write_capacity     = local.changed ? null : 1
  }
  global_secondary_index {
    name            = "of-year"
    hash_key        = "year"
    projection_type = "KEYS_ONLY"
    read_capacity   = local.changed ? null : 2
    write_capacity  = local.changed ? null : 1
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = local.changed ? null : aws_kms_key.tables.arn
  }
  dynamic "ttl" {
    for_each = local.changed ? [] : ["until"]
    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }
  point_in_time_recovery {
    enabled = false
  }
}

resource "aws_dynamodb_table" "on_demand" {
  name         = "${var.prefix}-on-demand"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "film"
  attribute {
    name = "film"
    type = "S"
  }
  attribute {
    name = "seats"
    type = "N"
  }
  global_secondary_index {
    name            = "by-seats"
    hash_key        = "seats"
    projection_type = "ALL"
    on_demand_throughput {
      max_read_request_units  = 20
      max_write_request_units = 10
    }
  }
  on_demand_throughput {
    max_read_request_units  = 100
    max_write_request_units = local.changed ? -1 : 50
  }
  dynamic "ttl" {
    for_each = local.changed ? ["until"] : []
    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }
  lifecycle {
    ignore_changes = [tags]
  }
}

# DynamoDB takes the protection alone, and the provider sends all that changes of a table at once.
resource "aws_dynamodb_table" "protected" {
  name                        = "${var.prefix}-protected"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "film"
  deletion_protection_enabled = !local.changed
  attribute {
    name = "film"
    type = "S"
  }
}

resource "aws_dynamodb_table_item" "ran" {
  table_name = aws_dynamodb_table.films.name
  hash_key   = aws_dynamodb_table.films.hash_key
  range_key  = aws_dynamodb_table.films.range_key
  item = jsonencode({
    genre = { S = "drama" }
    title = { S = "Ran" }
    year  = { N = "1985" }
    seen  = { BOOL = local.changed }
    cast  = { L = [{ S = "Nakadai" }, { NULL = true }] }
    tags  = { SS = ["epic", "war"] }
  })
}

resource "aws_dynamodb_tag" "team" {
  resource_arn = aws_dynamodb_table.on_demand.arn
  key          = "team"
  value        = var.stage
}

resource "aws_dynamodb_contributor_insights" "index" {
  table_name = aws_dynamodb_table.films.name
  index_name = "of-year"
}

data "aws_dynamodb_table" "films" {
  name = aws_dynamodb_table.films.name
}

data "aws_dynamodb_tables" "all" {
  depends_on = [aws_dynamodb_table.films, aws_dynamodb_table.on_demand]
}

data "aws_dynamodb_table_item" "ran" {
  table_name                 = aws_dynamodb_table.films.name
  projection_expression      = "title, #c"
  expression_attribute_names = { "#c" = "cast" }
  key                        = jsonencode({ genre = { S = "drama" }, title = { S = "Ran" } })
  depends_on                 = [aws_dynamodb_table_item.ran]
}

output "films_stream" { value = aws_dynamodb_table.films.stream_arn }
output "films_indexes" { value = [
for index in data.aws_dynamodb_table.films.global_secondary_index : index.name] }
output "tables_are_listed" { value = contains(
data.aws_dynamodb_tables.all.names, aws_dynamodb_table.on_demand.name) }
output "ran" { value = data.aws_dynamodb_table_item.ran.item }
