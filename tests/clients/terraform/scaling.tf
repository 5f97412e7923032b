# A table whose capacity is to scale, as far as it is told and kept here: targets, a policy and a
# scheduled action. And what is set on a table by resources of its own.
resource "aws_dynamodb_table" "scaled" {
  name           = "${var.prefix}-scaled"
  billing_mode   = "PROVISIONED"
  read_capacity  = 5
  write_capacity = 5
  hash_key       = "film"
  attribute {
    name = "film"
    type = "S"
  }
  lifecycle {
    ignore_changes = [read_capacity, write_capacity]
  }
}

resource "aws_appautoscaling_target" "reads" {
  service_namespace  = "dynamodb"
  resource_id        = "table/${aws_dynamodb_table.scaled.name}"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  min_capacity       = 5
  max_capacity       = var.stage == "first" ? 50 : 60
  tags               = { stage = var.stage }
}

resource "aws_appautoscaling_policy" "reads" {
  name               = "${var.prefix}-reads"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.reads.service_namespace
  resource_id        = aws_appautoscaling_target.reads.resource_id
  scalable_dimension = aws_appautoscaling_target.reads.scalable_dimension
  target_tracking_scaling_policy_configuration {
    target_value       = var.stage == "first" ? 70 : 75.5
    scale_in_cooldown  = 120
    scale_out_cooldown = 60
    predefined_metric_specification {
      predefined_metric_type = "DynamoDBReadCapacityUtilization"
    }
  }
}

resource "aws_appautoscaling_scheduled_action" "night" {
  name               = "${var.prefix}-night"
  service_namespace  = aws_appautoscaling_target.reads.service_namespace
  resource_id        = aws_appautoscaling_target.reads.resource_id
  scalable_dimension = aws_appautoscaling_target.reads.scalable_dimension
  schedule           = "cron(0 22 * * ? *)"
  timezone           = "Europe/Berlin"
  scalable_target_action {
    min_capacity = 5
    max_capacity = var.stage == "first" ? 10 : 12
  }
}

resource "aws_dynamodb_resource_policy" "scaled" {
  resource_arn = aws_dynamodb_table.scaled.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = var.stage
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "dynamodb:GetItem"
      Resource  = aws_dynamodb_table.scaled.arn
    }]
  })
}

resource "aws_dynamodb_contributor_insights" "scaled" {
  table_name = aws_dynamodb_table.scaled.name
}

output "scaled_policy" { value = aws_appautoscaling_policy.reads.arn }
