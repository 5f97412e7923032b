"""Tables that come from S3 and go there, through boto3."""

import json

import aws_clients
from polling import eventually

BUCKET = "moved"
SIMPLE = {"TableName": "films", "BillingMode": "PAY_PER_REQUEST",
          "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
          "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}


class Cloud:
    def __init__(self, server):
        self.server = server
        self.connect()
        self.s3.create_bucket(Bucket=BUCKET)

    def connect(self):
        url = self.server.url
        self.dynamodb = aws_clients.client("dynamodb", url)
        self.s3 = aws_clients.client("s3", url, s3={"addressing_style": "path"})
        self.logs = aws_clients.client("logs", url)

    def put(self, key, body):
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def begin_import(self, table=None, **more):
        request = {"S3BucketSource": {"S3Bucket": BUCKET, "S3KeyPrefix": "in/"},
                   "InputFormat": "DYNAMODB_JSON", "TableCreationParameters": table or SIMPLE}
        return self.dynamodb.import_table(**{**request, **more})["ImportTableDescription"]

    def end_import(self, begun):
        def ended():
            told = self.dynamodb.describe_import(ImportArn=begun["ImportArn"])
            told = told["ImportTableDescription"]
            return told if told["ImportStatus"] != "IN_PROGRESS" else None

        return eventually(ended, 60)

    def import_(self, table=None, **more):
        return self.end_import(self.begin_import(table, **more))

    def export(self, **more):
        arn = self.dynamodb.describe_table(TableName="films")["Table"]["TableArn"]
        begun = self.dynamodb.export_table_to_point_in_time(
            TableArn=arn, S3Bucket=BUCKET, **more)["ExportDescription"]
        return self.end_export(begun)

    def end_export(self, begun):
        def ended():
            told = self.dynamodb.describe_export(ExportArn=begun["ExportArn"])["ExportDescription"]
            return told if told["ExportStatus"] != "IN_PROGRESS" else None

        return eventually(ended, 60)

    def body(self, key):
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def items(self):
        pages = self.dynamodb.get_paginator("scan").paginate(TableName="films")
        return [item for page in pages for item in page["Items"]]

    def errors_of(self, told):
        stream = told["ImportArn"].rsplit("/", 1)[1] + "/error"
        events = self.logs.get_log_events(logGroupName="/aws-dynamodb/imports",
                                          logStreamName=stream)["events"]
        return [json.loads(event["message"]) for event in events]


def refusal(raised):
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]
