# Topics with every kind of attribute, what they may be subscribed with, and who may publish. The
# queues are those of queues.tf.
resource "aws_sns_topic" "orders" {
  name              = "${var.prefix}-orders"
  display_name      = "Orders of ${var.stage}"
  signature_version = 2
  tracing_config    = var.stage == "first" ? "PassThrough" : "Active"
  kms_master_key_id = "alias/aws/sns"
  tags              = { stage = var.stage, "a b" = "ü" }

  sqs_success_feedback_role_arn    = aws_iam_role.sender.arn
  sqs_success_feedback_sample_rate = length(var.stage)
  sqs_failure_feedback_role_arn    = aws_iam_role.sender.arn

  delivery_policy = jsonencode({
    http = {
      defaultHealthyRetryPolicy = {
        minDelayTarget     = 1
        maxDelayTarget     = 20
        numRetries         = length(var.stage)
        numMaxDelayRetries = 0
        numNoDelayRetries  = 0
        numMinDelayRetries = 0
        backoffFunction    = "exponential"
      }
      disableSubscriptionOverrides = false
    }
  })
}

# AWS deletes no topic that has an archive: it goes with the change.
resource "aws_sns_topic" "ordered" {
  name                        = "${var.prefix}-ordered.fifo"
  fifo_topic                  = true
  content_based_deduplication = var.stage == "first"
  fifo_throughput_scope       = "MessageGroup"
  archive_policy              = var.stage == "first" ? "{\"MessageRetentionPeriod\":5}" : null
}

resource "aws_sns_topic" "inline" {
  name_prefix = "${var.prefix}-"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "SNS:Publish"
      Resource  = "arn:aws:sns:us-east-1:${data.aws_caller_identity.current.account_id}:*"
      Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:s3:::${var.stage}" } }
    }]
  })
}

resource "aws_sns_topic_policy" "orders" {
  arn = aws_sns_topic.orders.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = var.stage
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = ["SNS:Publish", "SNS:Subscribe"]
      Resource  = aws_sns_topic.orders.arn
    }]
  })
}

resource "aws_sns_topic_data_protection_policy" "orders" {
  arn = aws_sns_topic.orders.arn
  policy = jsonencode({
    Name        = "__default_data_protection_policy"
    Description = "What nobody may publish"
    Version     = "2021-06-01"
    Statement = [{
      Sid            = var.stage
      DataDirection  = "Inbound"
      Principal      = ["*"]
      DataIdentifier = ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"]
      Operation      = { Deny = {} }
    }]
  })
}

resource "aws_sns_topic_subscription" "filtered" {
  topic_arn            = aws_sns_topic.orders.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.work.arn
  raw_message_delivery = var.stage == "first"
  filter_policy = jsonencode({
    store = [var.stage, { prefix = "toy" }, { anything-but = ["shoes"] }]
    price = [{ numeric = [">", 0, "<=", 150] }]
    gift  = [{ exists = false }]
  })
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letters.arn })
}

resource "aws_sns_topic_subscription" "by_body" {
  topic_arn           = aws_sns_topic.inline.arn
  protocol            = "sqs"
  endpoint            = aws_sqs_queue.work.arn
  filter_policy_scope = var.stage == "first" ? "MessageBody" : "MessageAttributes"
  filter_policy       = jsonencode({ store = [{ suffix = "s" }] })
}

resource "aws_sns_topic_subscription" "in_order" {
  topic_arn      = aws_sns_topic.ordered.arn
  protocol       = "sqs"
  endpoint       = aws_sqs_queue.ordered.arn
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letters_in_order.arn })
  replay_policy = jsonencode({
    PointType     = "Timestamp"
    StartingPoint = "2026-01-01T00:00:00.000Z"
  })
}

resource "aws_sns_topic_subscription" "telephone" {
  topic_arn     = aws_sns_topic.orders.arn
  protocol      = "sms"
  endpoint      = "+15551234567"
  filter_policy = jsonencode({ urgent = ["true"] })
}

resource "aws_sns_topic_subscription" "mailbox" {
  topic_arn = aws_sns_topic.inline.arn
  protocol  = "email"
  endpoint  = "someone@example.com"
}

resource "aws_sns_platform_application" "phones" {
  name                             = "${var.prefix}-phones"
  platform                         = "GCM"
  platform_credential              = "key-of-${var.stage}"
  event_endpoint_created_topic_arn = aws_sns_topic.inline.arn
}

data "aws_sns_topic" "found" {
  name       = aws_sns_topic.orders.name
  depends_on = [aws_sns_topic.orders]
}

output "topic_found" { value = data.aws_sns_topic.found.arn == aws_sns_topic.orders.arn }
output "topic_owner" {
  value = aws_sns_topic.orders.owner == data.aws_caller_identity.current.account_id
}
output "telephone_confirmed" {
  value = aws_sns_topic_subscription.telephone.confirmation_was_authenticated
}
output "mailbox_waits" { value = aws_sns_topic_subscription.mailbox.pending_confirmation }
