"""A cloud that is prepared once, and a fork of it for each test."""

import contextlib
import json
import os
import subprocess
import urllib.request

import boto3
import pytest

BINARY = os.environ.get("MATINEE_BINARY", "matinee")


@contextlib.contextmanager
def serve(*arguments):
    """The address of a server that ends with this process, however that ends."""
    command = [BINARY, *map(str, arguments), "--port", "0", "--format", "json",
               "--exit-with-parent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        yield json.loads(server.stdout.readline())["address"]
        server.terminate()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A data directory with the snapshot "prepared": what each test begins with."""
    data = tmp_path_factory.mktemp("matinee")
    with serve("up", "--data", data) as address:
        sqs = boto3.client("sqs", endpoint_url=address, region_name="us-east-1",
                           aws_access_key_id="test", aws_secret_access_key="test")
        url = sqs.create_queue(QueueName="films")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="M")
        request = urllib.request.Request(f"{address}/_matinee/snapshots/prepared", method="PUT")
        urllib.request.urlopen(request).close()
    return data


@pytest.fixture
def cloud(prepared, monkeypatch):
    """What boto3 needs to find a fork of the prepared cloud by itself."""
    with serve("fork", "prepared", "--data", prepared) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield address
