import json
import os

import boto3
import six

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    for record in event["Records"]:
        score = json.loads(record["body"])
        table.update_item(
            Key={"film": score["film"]}, UpdateExpression="ADD points :p",
            ExpressionAttributeValues={":p": score["points"] * int(os.environ["FACTOR"])})
    return six.ensure_str("added")
