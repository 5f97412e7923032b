"""What the tests of snapshots share: asking for them, and a cloud with something in it."""

import os
import subprocess
import threading
import time
import urllib.error

import aws_clients
import matinee_server
import own_pages

BODY = b"0123456789abcdef" * 4096  # too large for a record


def ask(server, method, path):
    """The document of the answer; ("CODE", status) where it is an error."""
    try:
        return own_pages.ask(server, method, path.removeprefix("/_matinee/")) or {}
    except urllib.error.HTTPError as error:
        return error.headers["x-amzn-ErrorType"], error.code


def save(server, name):
    return ask(server, "PUT", f"snapshots/{name}")


def names(server):
    return [found["Name"] for found in ask(server, "GET", "snapshots")["Snapshots"]]


def left_overs(server):
    """What is in the directory of snapshots once nothing is being removed there any more."""
    folder = f"{server.data}/snapshots"
    deadline = time.monotonic() + 30
    while any(name.startswith(".") for name in os.listdir(folder)):
        assert time.monotonic() < deadline, os.listdir(folder)
        threading.Event().wait(0.01)
    return os.listdir(folder)


def run(*arguments, environment=None):
    return subprocess.run([matinee_server.find_binary(), *arguments], capture_output=True,
                          text=True, timeout=60, check=False, env=environment)


class Films:
    """A bucket, a table and a queue whose content can be put and read as a whole."""

    def __init__(self, url):
        self.s3 = aws_clients.client("s3", url, s3={"addressing_style": "path"})
        self.dynamodb = aws_clients.client("dynamodb", url)
        self.sqs = aws_clients.client("sqs", url)
        self.queue = f"{url}/000000000000/films"

    def create(self):
        self.s3.create_bucket(Bucket="films")
        self.sqs.create_queue(QueueName="films")
        self.dynamodb.create_table(
            TableName="films", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        return self

    def add(self, name):
        self.s3.put_object(Bucket="films", Key=name, Body=BODY + name.encode())
        self.dynamodb.put_item(TableName="films", Item={"id": {"S": name}})
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=name)

    def remove(self, name):
        self.s3.delete_object(Bucket="films", Key=name)
        self.dynamodb.delete_item(TableName="films", Key={"id": {"S": name}})

    def content(self):
        """Names of objects whose bodies are right, of items, and how many messages there are."""
        keys = [found["Key"] for found in
                self.s3.list_objects_v2(Bucket="films").get("Contents", [])]
        for key in keys:
            body = self.s3.get_object(Bucket="films", Key=key)["Body"].read()
            assert body == BODY + key.encode(), key
        items = sorted(item["id"]["S"] for item in self.dynamodb.scan(TableName="films")["Items"])
        count = self.sqs.get_queue_attributes(
            QueueUrl=self.queue, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        return keys, items, int(count["ApproximateNumberOfMessages"])
