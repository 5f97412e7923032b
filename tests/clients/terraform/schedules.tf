# Schedules in a group and in the default one: every kind of time and of target.
resource "aws_scheduler_schedule_group" "reports" {
  name = "${var.prefix}-reports"
  tags = { stage = var.stage }
}

resource "aws_scheduler_schedule" "evening" {
  name                         = "${var.prefix}-evening"
  group_name                   = aws_scheduler_schedule_group.reports.name
  description                  = "the report of ${var.stage}"
  schedule_expression          = "cron(30 2 ? * ${var.stage == "first" ? "SUN#2" : "6L"} *)"
  schedule_expression_timezone = "Europe/Berlin"
  start_date                   = "2031-01-01T00:00:00Z"
  end_date                     = "2032-01-01T00:00:00Z"
  state                        = var.stage == "first" ? "ENABLED" : "DISABLED"
  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = length(var.stage)
  }
  target {
    arn      = aws_sqs_queue.ordered.arn
    role_arn = aws_iam_role.sender.arn
    input    = jsonencode({ stage = var.stage })
    sqs_parameters { message_group_id = var.stage }
    dead_letter_config { arn = aws_sqs_queue.dead_letters.arn }
    retry_policy {
      maximum_event_age_in_seconds = 600
      maximum_retry_attempts       = length(var.stage)
    }
  }
}

resource "aws_scheduler_schedule" "often" {
  name_prefix         = "${var.prefix}-"
  schedule_expression = var.stage == "first" ? "rate(1 hour)" : "rate(45 minutes)"
  flexible_time_window { mode = "OFF" }
  target {
    arn      = aws_cloudwatch_event_bus.shop.arn
    role_arn = aws_iam_role.sender.arn
    input    = jsonencode({ stage = var.stage })
    eventbridge_parameters {
      detail_type = "Time for ${var.stage}"
      source      = "clock"
    }
  }
}

resource "aws_scheduler_schedule" "once" {
  name                = "${var.prefix}-once"
  group_name          = aws_scheduler_schedule_group.reports.name
  schedule_expression = "at(2031-10-26T02:30:00)"
  flexible_time_window { mode = "OFF" }
  target {
    arn      = "arn:aws:scheduler:::aws-sdk:sns:publish"
    role_arn = aws_iam_role.sender.arn
    input    = jsonencode({ TopicArn = aws_sns_topic.inline.arn, Message = var.stage })
  }
}

resource "aws_kms_key" "inputs" {
  deletion_window_in_days = 7
}

resource "aws_scheduler_schedule" "sealed" {
  name                = "${var.prefix}-sealed"
  schedule_expression = "rate(7 days)"
  kms_key_arn         = aws_kms_key.inputs.arn
  flexible_time_window { mode = "OFF" }
  target {
    arn      = aws_sns_topic.inline.arn
    role_arn = aws_iam_role.sender.arn
    input    = var.stage
  }
}
