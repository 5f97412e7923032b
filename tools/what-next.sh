#!/usr/bin/env bash
# The last words of `make demo`: what a newcomer may want to try next.
matinee=${1:-matinee}
cat <<EOF

What you saw: 10,000 movies went through an SQS FIFO queue into a DynamoDB table, and out again as
one JSON object in S3. All of it was kept; look at it with the ordinary aws CLI ("make test" brings
one to .venv/bin):

  $matinee up --detach
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
  alias awsl='aws --endpoint-url http://127.0.0.1:4566'
  awsl s3 ls s3://movie-bucket
  awsl dynamodb describe-table --table-name movie-job-information
  awsl sqs list-queues
  $matinee status
  $matinee down

Then:

  A million movies, in little more memory; kill it half-way, and start it again:
  $matinee run movies --count 1000000 --job-id million

  Everything else that the job can do:
  $matinee run movies --help

  The tour, and why there is a queue at all:
  less README.md
EOF
