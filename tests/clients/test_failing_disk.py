"""The database's files cannot be written for a while, because the disk fails or there
are no file descriptors left: writes are refused with the reason, the health page says so, and
afterwards everything works again without a restart. Nothing acknowledged is lost.
"""

import json
import pathlib
import socket
import subprocess
import urllib.error
import urllib.request

import aws_clients
import matinee_server
import polling
import pytest
from botocore.exceptions import BotoCoreError, ClientError

HERE = pathlib.Path(__file__).parent
ITEM = 390_000
SECONDS = 20


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    path = tmp_path_factory.mktemp("failing") / "failing_disk.so"
    subprocess.run(["clang++-19", "-shared", "-fPIC", "-O1", str(HERE / "failing_disk.cpp"),
                    "-o", str(path)], check=True)
    return path


def health(server):
    try:
        with urllib.request.urlopen(f"{server.url}/_matinee/health", timeout=5) as page:
            return page.status, json.load(page)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


class Items:
    def __init__(self, server):
        self.client = aws_clients.client("dynamodb", server.url)
        self.acknowledged = 0

    def create(self):
        self.client.create_table(
            TableName="items", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])

    def put(self):
        self.client.put_item(TableName="items", Item={"id": {"S": str(self.acknowledged)},
                                                      "text": {"S": "x" * ITEM}})
        self.acknowledged += 1

    def put_until_refused(self):
        for _ in range(400):
            try:
                self.put()
            except ClientError as error:
                return error
        raise AssertionError("nothing was refused")

    def can_put(self):
        try:
            self.put()
        except (ClientError, BotoCoreError):
            return False
        return True

    def assert_all_there(self, client):
        for number in range(self.acknowledged):
            item = client.get_item(TableName="items", Key={"id": {"S": str(number)}})
            assert len(item["Item"]["text"]["S"]) == ITEM


def test_writes_are_refused_while_the_disk_fails_and_work_again_afterwards(tmp_path, library):
    switch = tmp_path / "fails"
    server = matinee_server.Server(
        tmp_path / "data", environment={"LD_PRELOAD": str(library), "FAILING_DISK": str(switch)})
    server.start()
    items = Items(server)
    items.create()
    switch.touch()
    error = items.put_until_refused()
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert "Input/output error" in error.response["Error"]["Message"]
    status, page = health(server)
    assert (status, page["status"]) == (503, "failing")
    assert "Input/output error" in page["trouble"]
    items.assert_all_there(items.client)

    switch.unlink()
    polling.eventually(items.can_put, SECONDS)
    polling.eventually(lambda: health(server)[0] == 200, SECONDS)
    assert server.kill() != 0
    with matinee_server.Server(tmp_path / "data") as restarted:
        items.assert_all_there(aws_clients.client("dynamodb", restarted.url))


def test_nothing_is_lost_while_descriptors_run_out_and_writes_work_afterwards(
        tmp_path, monkeypatch):
    limited = tmp_path / "limited"
    limited.write_text(f'#!/bin/sh\nulimit -n 200\nexec {matinee_server.find_binary()} "$@"\n')
    limited.chmod(0o755)
    monkeypatch.setenv("MATINEE_BINARY", str(limited))
    with matinee_server.Server(tmp_path / "data") as server:
        items = Items(server)
        items.create()
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(300)]
        for _ in range(60):
            if not items.can_put():
                break
        for connection in idle:
            connection.close()
        polling.eventually(items.can_put, SECONDS)
        for _ in range(60):
            items.put()
        assert health(server)[0] == 200
        items.assert_all_there(items.client)
