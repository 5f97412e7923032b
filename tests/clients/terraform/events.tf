# Buses, what their rules match, and where it goes: queues, topics, log groups, other buses, HTTP.
resource "aws_iam_role" "sender" {
  name = "${var.prefix}-sender"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = formatlist("%s.amazonaws.com", ["events", "scheduler", "sns"]) }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_cloudwatch_event_bus" "shop" {
  name        = "${var.prefix}-shop"
  description = "what happens in ${var.stage}"
  tags        = { stage = var.stage }
  dead_letter_config { arn = aws_sqs_queue.dead_letters.arn }
}

resource "aws_cloudwatch_event_bus" "head_office" {
  name = "${var.prefix}-head-office"
}

resource "aws_cloudwatch_event_bus_policy" "head_office" {
  event_bus_name = aws_cloudwatch_event_bus.head_office.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = var.stage
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "events:PutEvents"
      Resource  = aws_cloudwatch_event_bus.head_office.arn
    }]
  })
}

resource "aws_cloudwatch_event_permission" "other" {
  principal      = "111122223333"
  statement_id   = "other"
  event_bus_name = aws_cloudwatch_event_bus.shop.name
}

resource "aws_cloudwatch_event_rule" "orders" {
  name           = "${var.prefix}-orders"
  description    = "orders in ${var.stage}"
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  tags           = { stage = var.stage }
  event_pattern = jsonencode({
    source      = ["shop"]
    detail-type = [{ prefix = "Order" }, { "equals-ignore-case" = "refund" }]
    detail = {
      total = [{ numeric = [">", length(var.stage)] }]
      "$or" = [
        { country = [{ anything-but = ["DE"] }] },
        { address = [{ cidr = "10.0.0.0/24" }] },
      ]
    }
  })
}

resource "aws_cloudwatch_event_rule" "daily" {
  name                = "${var.prefix}-daily"
  schedule_expression = var.stage == "first" ? "cron(0 20 ? * MON-FRI *)" : "rate(2 days)"
  state               = var.stage == "first" ? "ENABLED" : "DISABLED"
  role_arn            = aws_iam_role.sender.arn
}

resource "aws_cloudwatch_event_target" "queue" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  target_id      = "in-order"
  arn            = aws_sqs_queue.ordered.arn
  sqs_target { message_group_id = "orders-${var.stage}" }
  input_transformer {
    input_paths = {
      total = "$.detail.total"
      who   = "$.detail.customer.name"
    }
    input_template = "{\"stage\": \"${var.stage}\", \"who\": \"<who>\", \"total\": <total>}"
  }
  dead_letter_config { arn = aws_sqs_queue.dead_letters.arn }
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = length(var.stage)
  }
}

resource "aws_cloudwatch_event_target" "topic" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  arn            = aws_sns_topic.inline.arn
  input_path     = var.stage == "first" ? "$.detail" : "$.detail.customer"
}

resource "aws_cloudwatch_event_target" "bus" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  target_id      = "head-office"
  arn            = aws_cloudwatch_event_bus.head_office.arn
  role_arn       = aws_iam_role.sender.arn
}

resource "aws_cloudwatch_event_target" "hook" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  target_id      = "hook"
  arn            = aws_cloudwatch_event_api_destination.hook.arn
  role_arn       = aws_iam_role.sender.arn
  http_target {
    path_parameter_values   = [var.stage]
    query_string_parameters = { stage = var.stage }
    header_parameters       = { "X-Stage" = var.stage }
  }
}

resource "aws_cloudwatch_log_group" "kept" {
  name = "/aws/events/${var.prefix}"
}

resource "aws_cloudwatch_event_target" "log" {
  rule      = aws_cloudwatch_event_rule.daily.name
  target_id = "log"
  arn       = aws_cloudwatch_log_group.kept.arn
  input     = jsonencode({ timestamp = 1, message = var.stage })
}

resource "aws_cloudwatch_event_archive" "orders" {
  name             = "${var.prefix}-orders"
  description      = "orders in ${var.stage}"
  event_source_arn = aws_cloudwatch_event_bus.shop.arn
  retention_days   = length(var.stage)
  event_pattern    = jsonencode({ source = ["shop", var.stage] })
}

resource "aws_cloudwatch_event_connection" "key" {
  name               = "${var.prefix}-key"
  description        = "a key in ${var.stage}"
  authorization_type = "API_KEY"
  auth_parameters {
    api_key {
      key   = "x-signature"
      value = "secret-of-${var.stage}"
    }
    invocation_http_parameters {
      body {
        key             = "stage"
        value           = var.stage
        is_value_secret = false
      }
      header {
        key             = "X-Secret"
        value           = "hidden"
        is_value_secret = true
      }
      query_string {
        key             = "from"
        value           = "matinee"
        is_value_secret = false
      }
    }
  }
}

resource "aws_cloudwatch_event_connection" "password" {
  name               = "${var.prefix}-password"
  authorization_type = "BASIC"
  auth_parameters {
    basic {
      username = var.stage
      password = "hidden"
    }
  }
}

# Nobody gives a token at this address, so that the connection stays without authorization.
resource "aws_cloudwatch_event_connection" "token" {
  name               = "${var.prefix}-token"
  authorization_type = "OAUTH_CLIENT_CREDENTIALS"
  auth_parameters {
    oauth {
      authorization_endpoint = "http://127.0.0.1:1/token"
      http_method            = "POST"
      client_parameters {
        client_id     = var.stage
        client_secret = "hidden"
      }
      oauth_http_parameters {
        body {
          key             = "scope"
          value           = var.stage
          is_value_secret = false
        }
      }
    }
  }
}

resource "aws_cloudwatch_event_api_destination" "hook" {
  name                             = "${var.prefix}-hook"
  description                      = "told of orders in ${var.stage}"
  invocation_endpoint              = "http://127.0.0.1:1/${var.stage}/*"
  http_method                      = var.stage == "first" ? "POST" : "PUT"
  invocation_rate_limit_per_second = length(var.stage)
  connection_arn                   = aws_cloudwatch_event_connection.key.arn
}

data "aws_cloudwatch_event_bus" "found" {
  name = aws_cloudwatch_event_bus.shop.name
}

data "aws_cloudwatch_event_buses" "found" {
  name_prefix = "${var.prefix}-"
  depends_on  = [aws_cloudwatch_event_bus.shop, aws_cloudwatch_event_bus.head_office]
}

data "aws_cloudwatch_event_connection" "found" {
  name = aws_cloudwatch_event_connection.key.name
}

output "bus_found" {
  value = data.aws_cloudwatch_event_bus.found.arn == aws_cloudwatch_event_bus.shop.arn
}
output "buses_found" { value = length(data.aws_cloudwatch_event_buses.found.event_buses) == 2 }
output "connection_found" {
  value = (data.aws_cloudwatch_event_connection.found.secret_arn ==
  aws_cloudwatch_event_connection.key.secret_arn)
}
