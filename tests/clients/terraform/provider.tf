# Every configuration here is applied to the endpoint under test; names begin with the prefix.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" { type = string }
variable "prefix" { type = string }

# What is changed in place: tags, settings and contents follow it.
variable "stage" {
  type    = string
  default = "first"
}

provider "aws" {
  region            = "us-east-1"
  access_key        = "AKIDEXAMPLE"
  secret_key        = "secret"
  s3_use_path_style = true
  max_retries       = 1
  endpoints {
    appautoscaling = var.endpoint
    cloudwatch     = var.endpoint
    dynamodb       = var.endpoint
    events         = var.endpoint
    iam            = var.endpoint
    kms            = var.endpoint
    lambda         = var.endpoint
    logs           = var.endpoint
    s3             = var.endpoint
    s3control      = var.endpoint
    scheduler      = var.endpoint
    secretsmanager = var.endpoint
    sns            = var.endpoint
    sqs            = var.endpoint
    ssm            = var.endpoint
    sts            = var.endpoint
  }
}

data "aws_caller_identity" "current" {}
