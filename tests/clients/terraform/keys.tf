# Keys, and what is kept with them: parameters and secrets.
resource "aws_kms_key" "data" {
  description             = "data of ${var.prefix}, ${var.stage}"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  tags                    = { stage = var.stage }
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Owner"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_alias" "data" {
  name          = "alias/${var.prefix}-data"
  target_key_id = var.stage == "first" ? aws_kms_key.data.id : aws_kms_key.other.id
}

resource "aws_kms_key" "other" {
  description = "another"
  is_enabled  = var.stage == "first"
}

resource "aws_kms_key" "signer" {
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_P256"
  deletion_window_in_days  = 7
}

resource "aws_kms_grant" "data" {
  name              = "reading"
  key_id            = aws_kms_key.data.key_id
  grantee_principal = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"
  operations        = ["Decrypt", "DescribeKey"]
}

resource "aws_ssm_parameter" "plain" {
  name        = "/${var.prefix}/plain"
  type        = "String"
  value       = var.stage
  description = "in ${var.stage}"
  tags        = { stage = var.stage }
}

resource "aws_ssm_parameter" "list" {
  name            = "/${var.prefix}/list"
  type            = "StringList"
  value           = "a,b,${var.stage}"
  allowed_pattern = "^[a-z,]+$"
}

resource "aws_ssm_parameter" "secret" {
  name   = "/${var.prefix}/secret"
  type   = "SecureString"
  key_id = aws_kms_key.data.arn
  value  = "only for ${var.stage}"
}

resource "aws_ssm_parameter" "own" {
  name  = "/${var.prefix}/own"
  type  = "SecureString"
  value = "with the key of the service"
}

data "aws_ssm_parameter" "own" {
  name       = aws_ssm_parameter.own.name
  depends_on = [aws_ssm_parameter.own]
}

resource "aws_secretsmanager_secret" "password" {
  name                    = "${var.prefix}/password"
  description             = "in ${var.stage}"
  kms_key_id              = aws_kms_key.data.arn
  recovery_window_in_days = 0
  tags                    = { stage = var.stage }
}

resource "aws_secretsmanager_secret_version" "password" {
  secret_id     = aws_secretsmanager_secret.password.id
  secret_string = jsonencode({ user = "me", password = var.stage })
}

resource "aws_secretsmanager_secret_policy" "password" {
  secret_arn = aws_secretsmanager_secret.password.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
    }]
  })
}

output "parameter" {
  value     = data.aws_ssm_parameter.own.value
  sensitive = true
}
output "secret" { value = aws_secretsmanager_secret.password.arn }
output "signer" { value = aws_kms_key.signer.arn }
