"""Functions on queues: store_movies, which stores the movies of the movie job, and index_objects,
which keeps an index of what was published; as zips, deployed to Lambda and called with batches.
"""

import itertools
import json

import boto3
import matinee_server
import pytest
from conftest import CREDENTIALS, ROOT

ROLE = "arn:aws:iam::000000000000:role/consumers"
COUNT = 25  # movies of the job: chunks of ten, ten and five
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """Makes clients of a server of their own."""
    with matinee_server.Server(tmp_path_factory.mktemp("consumers")) as server:
        yield lambda service: boto3.client(service, endpoint_url=server.url, **CREDENTIALS)


@pytest.fixture
def name():
    return f"consumers-{next(_numbers)}"


def make_function(cloud, name, program, **environment):
    cloud("lambda").create_function(
        FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Role=ROLE,
        Code={"ZipFile": (ROOT / "build" / "functions" / f"{program}.zip").read_bytes()},
        Timeout=30, Environment={"Variables": environment})
    cloud("lambda").get_waiter("function_active_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 0, "MaxAttempts": 100})


def make_table(cloud, name, *keys):
    cloud("dynamodb").create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind}
                   for key, kind in zip(keys, ("HASH", "RANGE"))])


def call(cloud, function, bodies, group="one"):
    """Hands messages with these bodies over in one batch; the places of those that have failed."""
    records = [{
        "messageId": str(place), "receiptHandle": "r", "body": body, "messageAttributes": {},
        "attributes": {"MessageGroupId": group, "ApproximateReceiveCount": "1"},
        "md5OfBody": "", "eventSource": "aws:sqs", "awsRegion": "us-east-1",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:movies.fifo"}
        for place, body in enumerate(bodies)]
    answer = cloud("lambda").invoke(FunctionName=function, Payload=json.dumps({"Records": records}))
    said = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    return [int(failure["itemIdentifier"]) for failure in said["batchItemFailures"]]


class Movies:
    """A job of 25 movies in a table with one kind of key, and the function that stores them."""

    def __init__(self, cloud, name, keys):
        self.cloud, self.name, self.keys = cloud, name, keys
        make_table(cloud, name, *keys)
        make_function(cloud, name, "store_movies", MOVIES_TABLE=name,
                      MOVIES_TABLE_KEY=",".join(keys))
        cloud("dynamodb").put_item(TableName=name, Item={
            **self.key("000000"), "started_on": {"S": "2026-01-01T00:00:00Z"},
            "count": {"N": str(COUNT)}, "parts": {"N": "1"}, "seed": {"S": "1"},
            "state": {"S": "RUNNING"}})

    def key(self, part):
        if len(self.keys) == 2:
            return {"job_id": {"S": "J"}, "part": {"S": part}}
        return {"job_id": {"S": "J" if part == "000000" else f"J#{part}"}}

    def find(self, part):
        return self.cloud("dynamodb").get_item(
            TableName=self.name, Key=self.key(part), ConsistentRead=True).get("Item")

    def store(self, *indexes):
        return call(self.cloud, self.name, [message(index) for index in indexes])

    def chunks(self):
        return [chunk for chunk in range(3) if self.find(f"000001/{chunk:03}")]

    def titles(self):
        part = self.find("000001")
        return part and [movie["M"]["title"]["S"] for movie in part["movies"]["L"]]


def message(index, job="J"):
    return json.dumps({"job_id": job, "movie_id": f"{job}:{index}", "movie": {
        "title": f"Film {index}", "year": 1987, "director": "Ada Keller", "actor": "Wim Sato"}})


@pytest.fixture(params=[("job_id", "part"), ("job_id",)], ids=["two-keys", "one-key"])
def movies(cloud, name, request):
    return Movies(cloud, name, request.param)


ALL = [f"Film {index}" for index in range(COUNT)]


def test_batches_become_chunks_and_the_last_one_makes_a_part_of_them(movies):
    assert movies.store(*range(10)) == []
    assert movies.chunks() == [0] and movies.titles() is None
    assert movies.store(*range(20, 25)) == []
    assert movies.chunks() == [0, 2] and movies.titles() is None
    assert movies.store(*range(10, 20)) == []
    assert movies.chunks() == [] and movies.titles() == ALL


def test_a_chunk_may_come_in_pieces_and_in_any_order(movies):
    for piece in ([24, 3, 11], [0, 1, 2], range(4, 10), range(12, 20), [10], range(20, 24)):
        assert movies.titles() is None
        assert movies.store(*piece) == []
    assert movies.chunks() == [] and movies.titles() == ALL


def test_what_comes_again_changes_nothing(movies):
    for _ in range(2):
        for first in (0, 10, 20):
            assert movies.store(*range(first, min(first + 10, COUNT))) == []
            assert movies.store(first) == []
    assert movies.chunks() == [] and movies.titles() == ALL


def test_messages_that_nobody_can_store_are_told_and_the_others_stored(movies):
    bodies = [message(0), "no JSON", *[message(index) for index in range(1, 10)]]
    assert call(movies.cloud, movies.name, bodies, group="") == [1]
    assert movies.chunks() == [0]
    assert call(movies.cloud, movies.name, [message(0, "nobody"), message(99)], group="") == [0, 1]


def test_published_objects_are_indexed_and_deleted_ones_forgotten(cloud, name):
    make_table(cloud, name, "bucket", "key")
    make_function(cloud, name, "index_objects", INDEX_TABLE=name)
    cloud("s3").create_bucket(Bucket=name)
    put = cloud("s3").put_object(Bucket=name, Key="a/b c.txt", Body=b"12345",
                                 ContentType="text/plain")

    def find(key):
        return cloud("dynamodb").get_item(TableName=name, Key={
            "bucket": {"S": name}, "key": {"S": key}}, ConsistentRead=True).get("Item")

    here, gone = (json.dumps({"bucket": name, "key": key}) for key in ("a/b c.txt", "gone"))
    cloud("dynamodb").put_item(TableName=name,
                               Item={"bucket": {"S": name}, "key": {"S": "gone"}})
    assert call(cloud, name, [here, gone, '{"bucket": "x"}', here], group="") == [2]
    item = find("a/b c.txt")
    assert item["size"] == {"N": "5"} and item["etag"] == {"S": put["ETag"]}
    assert item["type"] == {"S": "text/plain"} and item["modified"]["S"].endswith("Z")
    assert find("gone") is None
