"""A program that knows only AWS: run with a boto3 that reads no endpoint from the environment. A
message about an object goes through a queue; prints what came out, and who it was.
"""

import json
import sys

import boto3

name = sys.argv[1]
session = boto3.Session(region_name="eu-central-1")
sqs = session.resource("sqs")
queue = sqs.create_queue(QueueName=name)
bucket = session.resource("s3").create_bucket(
    Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
bucket.put_object(Key="film.json", Body=b"x" * 3_000_000)
queue.send_message(MessageBody="film.json")
[message] = queue.receive_messages(WaitTimeSeconds=5)
size = len(bucket.Object(message.body).get()["Body"].read())
identity = session.client("sts").get_caller_identity()
print(json.dumps({"boto3": boto3.__version__, "queue": queue.url, "message": message.body,
                  "size": size, "account": identity["Account"]}))
