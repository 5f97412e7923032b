# A bucket with sample objects named by their SHA-256, and a FIFO queue with its dead-letter queue:
# what `matinee publish` works with. README.md says how to apply it to Matinee and to AWS.

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "endpoint" {
  description = "URL of a local cloud such as http://localhost:4566; empty for AWS."
  type        = string
  default     = ""
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "bucket" {
  description = "Name of the bucket; on AWS nobody else may have it."
  type        = string
  default     = "published-films"
}

variable "queue" {
  description = "Name of the queue, without .fifo."
  type        = string
  default     = "published-films"
}

variable "samples" {
  description = "How many sample objects there are."
  type        = number
  default     = 100
}

locals {
  local_cloud = var.endpoint != ""
  contents    = [for number in range(var.samples) : "Sample object ${number}\n"]
}

provider "aws" {
  region                      = var.region
  access_key                  = local.local_cloud ? "test" : null
  secret_key                  = local.local_cloud ? "test" : null
  s3_use_path_style           = local.local_cloud
  skip_credentials_validation = local.local_cloud
  skip_metadata_api_check     = local.local_cloud
  skip_requesting_account_id  = local.local_cloud

  dynamic "endpoints" {
    for_each = local.local_cloud ? [var.endpoint] : []
    content {
      s3  = endpoints.value
      sqs = endpoints.value
      sts = endpoints.value
    }
  }
}

resource "aws_s3_bucket" "films" {
  bucket        = var.bucket
  force_destroy = true
}

resource "aws_s3_object" "sample" {
  for_each = { for content in local.contents : sha256(content) => content }

  bucket  = aws_s3_bucket.films.id
  key     = each.key
  content = each.value
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.queue}-dlq.fifo"
  fifo_queue                = true
  message_retention_seconds = 1209600
}

# High throughput: AWS limits calls for each message group then, not for the queue.
resource "aws_sqs_queue" "films" {
  name                  = "${var.queue}.fifo"
  fifo_queue            = true
  deduplication_scope   = "messageGroup"
  fifo_throughput_limit = "perMessageGroupId"

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

# What a publisher needs, and no more.
data "aws_iam_policy_document" "publisher" {
  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.films.arn]
  }
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.films.arn]
  }
}

output "bucket" {
  value = aws_s3_bucket.films.id
}

output "queue_url" {
  value = aws_sqs_queue.films.url
}

output "publisher_policy" {
  value = data.aws_iam_policy_document.publisher.json
}
