import os

import boto3

s3 = boto3.client("s3")


def handler(event, context):
    for record in event.get("Records", []):
        s3.put_object(Bucket=os.environ["BUCKET"], Key=os.environ["PREFIX"] + record["body"],
                      Body=b"seen")
