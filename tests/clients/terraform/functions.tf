# Functions with versions, aliases, layers, permissions, URLs, and what calls them.
resource "aws_s3_bucket" "code" {
  bucket        = "${var.prefix}-code"
  force_destroy = true
}

# The packages are next to this file: the test writes them.
resource "aws_s3_object" "code" {
  bucket = aws_s3_bucket.code.id
  key    = "function.zip"
  source = "${path.module}/function.zip"
}

resource "aws_iam_role" "function" {
  name = "${var.prefix}-function"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_lambda_layer_version" "shared" {
  layer_name          = "${var.prefix}-shared"
  filename            = "${path.module}/function.zip"
  compatible_runtimes = ["python3.12"]
}

resource "aws_lambda_function" "uploaded" {
  function_name    = "${var.prefix}-uploaded"
  role             = aws_iam_role.function.arn
  runtime          = "python3.12"
  handler          = "app.handler"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  layers           = [aws_lambda_layer_version.shared.arn]
  memory_size      = var.stage == "first" ? 128 : 256
  timeout          = 5
  publish          = true
  environment {
    variables = { STAGE = var.stage }
  }
  tags = { Stage = var.stage }
}

resource "aws_lambda_function" "stored" {
  function_name                  = "${var.prefix}-stored"
  role                           = aws_iam_role.function.arn
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  s3_bucket                      = aws_s3_object.code.bucket
  s3_key                         = aws_s3_object.code.key
  reserved_concurrent_executions = var.stage == "first" ? 3 : 5
  dead_letter_config {
    target_arn = aws_sqs_queue.failed.arn
  }
  logging_config {
    log_format = "JSON"
  }
  tracing_config {
    mode = "Active"
  }
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.uploaded.function_name
  function_version = aws_lambda_function.uploaded.version
}

resource "aws_lambda_provisioned_concurrency_config" "live" {
  function_name                     = aws_lambda_alias.live.function_name
  qualifier                         = aws_lambda_alias.live.name
  provisioned_concurrent_executions = var.stage == "first" ? 1 : 2
}

resource "aws_sqs_queue" "work" {
  name = "${var.prefix}-work"
}

resource "aws_sqs_queue" "failed" {
  name = "${var.prefix}-failed"
}

resource "aws_lambda_event_source_mapping" "work" {
  event_source_arn                   = aws_sqs_queue.work.arn
  function_name                      = aws_lambda_alias.live.arn
  batch_size                         = var.stage == "first" ? 10 : 100
  maximum_batching_window_in_seconds = 5
  function_response_types            = ["ReportBatchItemFailures"]
  filter_criteria {
    filter {
      pattern = jsonencode({ body = { kind = [var.stage] } })
    }
  }
  scaling_config {
    maximum_concurrency = 5
  }
}

resource "aws_dynamodb_table" "changes" {
  name             = "${var.prefix}-changes"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "p"
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"
  attribute {
    name = "p"
    type = "S"
  }
}

# Windows can become longer or shorter in place, and a mapping can go on without any.
resource "aws_lambda_event_source_mapping" "changes" {
  event_source_arn                   = aws_dynamodb_table.changes.stream_arn
  function_name                      = aws_lambda_function.uploaded.arn
  starting_position                  = "TRIM_HORIZON"
  tumbling_window_in_seconds         = var.stage == "first" ? 30 : 0
  bisect_batch_on_function_error     = true
  maximum_record_age_in_seconds      = var.stage == "first" ? 60 : 120
  maximum_retry_attempts             = 3
  maximum_batching_window_in_seconds = 1
  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.failed.arn
    }
  }
}

resource "aws_lambda_function_event_invoke_config" "stored" {
  function_name          = aws_lambda_function.stored.function_name
  maximum_retry_attempts = var.stage == "first" ? 0 : 1
  destination_config {
    on_failure {
      destination = aws_sqs_queue.failed.arn
    }
  }
}

resource "aws_lambda_permission" "bucket" {
  statement_id  = "bucket"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.uploaded.function_name
  principal     = "s3.amazonaws.com"
  source_arn    = aws_s3_bucket.code.arn
}

resource "aws_s3_bucket_notification" "code" {
  bucket = aws_s3_bucket.code.id
  lambda_function {
    lambda_function_arn = aws_lambda_function.uploaded.arn
    events              = ["s3:ObjectRemoved:*"]
  }
  depends_on = [aws_lambda_permission.bucket]
}

resource "aws_lambda_function_url" "uploaded" {
  function_name      = aws_lambda_function.uploaded.function_name
  authorization_type = "NONE"
  cors {
    allow_origins = ["https://example.com"]
    max_age       = var.stage == "first" ? 10 : 20
  }
}

output "url" { value = aws_lambda_function_url.uploaded.function_url }
output "version" { value = aws_lambda_function.uploaded.version }
