"""More clients than the server may have files open for: others are served all the same, and the
store goes on writing."""

import contextlib
import time

import aws_clients
import matinee_server
import pytest
import raw_http

LIMIT = 256


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data",
                               wrapper=["prlimit", f"--nofile={LIMIT}:{LIMIT}"]) as running:
        yield running


def test_idle_connections_make_room(server):
    dynamodb = aws_clients.client("dynamodb", server.url)
    dynamodb.create_table(
        TableName="crowded", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    with contextlib.ExitStack() as idle:
        for _ in range(400):
            idle.enter_context(raw_http.Connection(server.port))
        began = time.monotonic()
        aws_clients.client("sqs", server.url).list_queues()
        assert time.monotonic() - began < 5
        # Enough to fill the store's memory twice, so that it has to open files.
        for i in range(100):
            dynamodb.put_item(TableName="crowded",
                              Item={"id": {"S": str(i)}, "v": {"S": "y" * 390_000}})
        s3 = aws_clients.client("s3", server.url)
        s3.create_bucket(Bucket="crowded")
        s3.put_object(Bucket="crowded", Key="k", Body=b"x" * 1_000_000)
        assert s3.get_object(Bucket="crowded", Key="k")["Body"].read() == b"x" * 1_000_000
    last = dynamodb.get_item(TableName="crowded", Key={"id": {"S": "99"}})["Item"]
    assert last["id"] == {"S": "99"}
