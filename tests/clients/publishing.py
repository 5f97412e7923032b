"""Runs `matinee publish` and looks at what came out of the queue, through boto3."""

import collections
import concurrent.futures
import hashlib
import json

import aws_clients
import program

BUCKET = "films"


class Run(program.Finished):
    """One run to its end."""

    def __init__(self, *arguments, cloud=None, environment=None):
        super().__init__(command(*arguments, cloud=cloud), environment)


def command(*arguments, cloud=None):
    return program.command_line("publish", *arguments, cloud=cloud)


def digests(count):
    """Keys as content-addressed stores have them."""
    return [hashlib.sha256(str(i).encode()).hexdigest() for i in range(count)]


class Cloud:
    """A bucket and queues in the cloud at `url`."""

    def __init__(self, url):
        self.connect(url)
        self.s3.create_bucket(Bucket=BUCKET)

    def connect(self, url):
        self.url = url
        self.s3 = aws_clients.client("s3", url, s3={"addressing_style": "path"},
                                     max_pool_connections=8)
        self.sqs = aws_clients.client("sqs", url)

    def put(self, keys, body=b"x"):
        def put_one(key):
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(put_one, keys))
        return keys

    def create_queue(self, name):
        """Returns its URL."""
        attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        return self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def take(self, url):
        """Takes every message out of the queue; counts how often each key has come."""
        keys = collections.Counter()
        while True:
            messages = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
                "Messages")
            if not messages:
                return keys
            for message in messages:
                body = json.loads(message["Body"])
                assert set(body) == {"bucket", "key"} and body["bucket"] == BUCKET
                keys[body["key"]] += 1
            self.sqs.delete_message_batch(QueueUrl=url, Entries=[
                {"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]}
                for i, message in enumerate(messages)])


def once(keys):
    return collections.Counter(dict.fromkeys(keys, 1))
