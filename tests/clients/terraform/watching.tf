# Logs, what is measured in them, and alarms.
resource "aws_cloudwatch_log_group" "work" {
  name              = "/${var.prefix}/work"
  retention_in_days = var.stage == "first" ? 7 : 14
  tags              = { stage = var.stage }
}

resource "aws_cloudwatch_log_stream" "one" {
  name           = "one"
  log_group_name = aws_cloudwatch_log_group.work.name
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "errors"
  pattern        = var.stage == "first" ? "ERROR" : "{ $.level = \"ERROR\" }"
  log_group_name = aws_cloudwatch_log_group.work.name
  metric_transformation {
    name          = "Errors"
    namespace     = var.prefix
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_log_resource_policy" "events" {
  policy_name = "${var.prefix}-events"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = ["logs:PutLogEvents", "logs:CreateLogStream"]
      Resource  = "arn:aws:logs:*:*:log-group:/${var.prefix}/*"
    }]
  })
}

resource "aws_cloudwatch_query_definition" "slow" {
  name            = "${var.prefix}/slow"
  log_group_names = [aws_cloudwatch_log_group.work.name]
  query_string    = "fields @timestamp, @message | filter stage = '${var.stage}'"
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.prefix}-errors"
  alarm_description   = "errors in ${var.stage}"
  namespace           = var.prefix
  metric_name         = "Errors"
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.stage == "first" ? 0 : 5
  period              = 60
  evaluation_periods  = 2
  datapoints_to_alarm = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = ["arn:aws:sns:us-east-1:123456789012:alarms"]
  dimensions          = { Stage = "any" }
  tags                = { stage = var.stage }
}

output "group" { value = aws_cloudwatch_log_group.work.arn }
output "alarm" { value = aws_cloudwatch_metric_alarm.errors.arn }
