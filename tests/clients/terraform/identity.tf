# Users, groups, roles and policies.
resource "aws_iam_user" "reader" {
  name                 = "${var.prefix}-reader"
  path                 = "/people/"
  permissions_boundary = aws_iam_policy.boundary.arn
  tags                 = { stage = var.stage }
}

resource "aws_iam_access_key" "reader" {
  user = aws_iam_user.reader.name
}

resource "aws_iam_user_policy" "reader" {
  name = "own"
  user = aws_iam_user.reader.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = var.stage == "first" ? ["s3:GetObject"] : ["s3:GetObject", "s3:PutObject"]
      Resource = "arn:aws:s3:::${var.prefix}/*"
    }]
  })
}

resource "aws_iam_user_login_profile" "reader" {
  user                    = aws_iam_user.reader.name
  password_reset_required = true
  lifecycle { ignore_changes = [password_length, password_reset_required] }
}

resource "aws_iam_group" "readers" {
  name = "${var.prefix}-readers"
  path = var.stage == "first" ? "/" : "/moved/"
}

resource "aws_iam_group_membership" "readers" {
  name  = "readers"
  group = aws_iam_group.readers.name
  users = [aws_iam_user.reader.name]
}

resource "aws_iam_group_policy_attachment" "readers" {
  group      = aws_iam_group.readers.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}

resource "aws_iam_policy" "boundary" {
  name        = "${var.prefix}-boundary"
  description = "what nobody may exceed"
  policy      = data.aws_iam_policy_document.boundary.json
  tags        = { stage = var.stage }
}

data "aws_iam_policy_document" "boundary" {
  statement {
    actions   = ["s3:*", "sqs:*"]
    resources = ["*"]
  }
  statement {
    sid       = "Never"
    effect    = "Deny"
    actions   = ["s3:DeleteBucket"]
    resources = var.stage == "first" ? ["*"] : ["arn:aws:s3:::*"]
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.reader.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.stage]
    }
  }
}

resource "aws_iam_role" "worker" {
  name                 = "${var.prefix}-worker"
  description          = "works in stage ${var.stage}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = var.stage == "first" ? 3600 : 7200
  tags                 = { stage = var.stage }
}

resource "aws_iam_role_policy" "worker" {
  name   = "own"
  role   = aws_iam_role.worker.id
  policy = data.aws_iam_policy_document.boundary.json
}

resource "aws_iam_role_policy_attachment" "worker" {
  role       = aws_iam_role.worker.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_iam_instance_profile" "worker" {
  name = "${var.prefix}-worker"
  role = aws_iam_role.worker.name
  tags = { stage = var.stage }
}

resource "aws_iam_openid_connect_provider" "builds" {
  url             = "https://${var.prefix}.example.com"
  client_id_list  = var.stage == "first" ? ["sts.amazonaws.com"] : ["sts.amazonaws.com", "builds"]
  thumbprint_list = ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]
  tags            = { stage = var.stage }
}

output "worker" { value = aws_iam_role.worker.unique_id }
output "reader" { value = aws_iam_access_key.reader.id }
