"""One Matinee for the whole run, and an empty cloud for each test that asks for it."""

import json
import os
import subprocess
import urllib.request

import pytest


@pytest.fixture(scope="session")
def matinee():
    """The address of a server that ends with this process, however that ends."""
    command = [os.environ.get("MATINEE_BINARY", "matinee"), "up", "--port", "0",
               "--durability", "memory", "--format", "json", "--exit-with-parent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        yield json.loads(server.stdout.readline())["address"]
        server.terminate()


@pytest.fixture
def cloud(matinee, monkeypatch):
    """What boto3 needs to find the cloud by itself, and nothing in the cloud."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", matinee)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    urllib.request.urlopen(f"{matinee}/_matinee/reset", data=b"").close()
    return matinee
