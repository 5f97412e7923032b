# A bucket that tells a queue of what happens in it, and the policy that lets it.
resource "aws_s3_bucket" "watched" {
  bucket        = "${var.prefix}-watched"
  force_destroy = true
}

resource "aws_sqs_queue" "events" {
  name = "${var.prefix}-events"
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.events.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_s3_bucket.watched.arn } }
    }]
  })
}

resource "aws_s3_bucket_notification" "watched" {
  bucket     = aws_s3_bucket.watched.id
  depends_on = [aws_sqs_queue_policy.events]
  queue {
    id            = "films"
    queue_arn     = aws_sqs_queue.events.arn
    events        = ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"]
    filter_prefix = "films/"
    filter_suffix = ".${var.stage}"
  }
}

resource "aws_s3_object" "told" {
  bucket     = aws_s3_bucket.watched.id
  key        = "films/m.txt"
  content    = "x"
  depends_on = [aws_s3_bucket_notification.watched]
}
