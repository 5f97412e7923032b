# What else functions have: layers that others may use, weights, code signing, recursion, runtime
# management; calls while Terraform applies; and what it reads back.
resource "aws_lambda_layer_version_permission" "shared" {
  layer_name     = aws_lambda_layer_version.shared.layer_name
  version_number = aws_lambda_layer_version.shared.version
  statement_id   = "everybody"
  action         = "lambda:GetLayerVersion"
  principal      = "*"
}

resource "aws_lambda_code_signing_config" "signed" {
  description = var.stage
  allowed_publishers {
    signing_profile_version_arns = ["arn:aws:signer:us-east-1:000000000000:/signing-profiles/films/abcdefghij"]
  }
  policies {
    untrusted_artifact_on_deployment = "Warn"
  }
}

resource "aws_lambda_function" "settled" {
  function_name           = "${var.prefix}-settled"
  description             = "at ${var.stage}"
  role                    = aws_iam_role.function.arn
  runtime                 = "python3.12"
  handler                 = "app.handler"
  filename                = "${path.module}/function.zip"
  code_signing_config_arn = aws_lambda_code_signing_config.signed.arn
  architectures           = ["x86_64"]
  publish                 = true
  ephemeral_storage {
    size = var.stage == "first" ? 512 : 1024
  }
  logging_config {
    log_format            = "JSON"
    application_log_level = "DEBUG"
    system_log_level      = "WARN"
    log_group             = "/aws/lambda/${var.prefix}-logs"
  }
}

# In the second stage a tenth of the calls goes to the first version.
resource "aws_lambda_alias" "canary" {
  name             = "canary"
  function_name    = aws_lambda_function.settled.function_name
  function_version = aws_lambda_function.settled.version
  dynamic "routing_config" {
    for_each = var.stage == "first" ? [] : [0.1]
    content {
      additional_version_weights = { "1" = routing_config.value }
    }
  }
}

resource "aws_lambda_permission" "topic" {
  statement_id   = "topic"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.settled.function_name
  qualifier      = aws_lambda_alias.canary.name
  principal      = "sns.amazonaws.com"
  source_account = "000000000000"
}

resource "aws_lambda_function_url" "canary" {
  function_name      = aws_lambda_function.settled.function_name
  qualifier          = aws_lambda_alias.canary.name
  authorization_type = "AWS_IAM"
  invoke_mode        = var.stage == "first" ? "BUFFERED" : "RESPONSE_STREAM"
}

resource "aws_lambda_function_event_invoke_config" "canary" {
  function_name                = aws_lambda_function.settled.function_name
  qualifier                    = aws_lambda_alias.canary.name
  maximum_event_age_in_seconds = var.stage == "first" ? 60 : 120
}

resource "aws_lambda_function_recursion_config" "settled" {
  function_name  = aws_lambda_function.settled.function_name
  recursive_loop = var.stage == "first" ? "Allow" : "Terminate"
}

resource "aws_lambda_runtime_management_config" "settled" {
  function_name     = aws_lambda_function.settled.function_name
  update_runtime_on = var.stage == "first" ? "FunctionUpdate" : "Auto"
}

resource "aws_lambda_invocation" "once" {
  function_name = aws_lambda_function.settled.function_name
  input         = jsonencode({ stage = var.stage })
}

data "aws_lambda_invocation" "read" {
  function_name = aws_lambda_function.settled.function_name
  qualifier     = aws_lambda_alias.canary.name
  input         = jsonencode({ asked = true })
}

data "aws_lambda_function" "settled" {
  function_name = aws_lambda_function.settled.function_name
}

data "aws_lambda_alias" "canary" {
  function_name = aws_lambda_function.settled.function_name
  name          = aws_lambda_alias.canary.name
}

data "aws_lambda_layer_version" "shared" {
  layer_name = aws_lambda_layer_version.shared.layer_name
}

output "invoked" { value = jsondecode(aws_lambda_invocation.once.result).stage }
output "asked" { value = jsondecode(data.aws_lambda_invocation.read.result).asked }
output "last" { value = data.aws_lambda_function.settled.version }
output "alias" { value = data.aws_lambda_alias.canary.arn }
output "layer" { value = data.aws_lambda_layer_version.shared.arn }
