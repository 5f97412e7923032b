"""Fixtures of the tests of functions/: the programs as `make functions` zips them, a `matinee up`
for their AWS, a `matinee omdb` for their OMDb, and the Runtime API of tests/runtimes.
"""

import itertools
import json
import os
import pathlib
import subprocess
import sys
import zipfile

import boto3
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / place) for place in ("functions", "runtimes", "clients")]
import matinee_server  # noqa: E402
import run_function  # noqa: E402
from top_movies import FILMS  # noqa: E402

GOOD_KEY = "good-key"
CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test",
               "region_name": "us-east-1"}
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def programs(tmp_path_factory):
    """The programs by name, from the zips that are deployed."""
    place = tmp_path_factory.mktemp("programs")
    found = {}
    for name in ("get_top_movies", "enrich_movies"):
        with zipfile.ZipFile(ROOT / "build" / "functions" / f"{name}.zip") as archive:
            assert [(entry.filename, oct(entry.external_attr >> 16))
                    for entry in archive.infolist()] == [("bootstrap", "0o100755")]
            archive.extractall(place / name)
        found[name] = place / name / "bootstrap"
        found[name].chmod(0o755)
    return found


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    arguments = ["--durability", "memory", "--tls"]
    with matinee_server.Server(tmp_path_factory.mktemp("data"), arguments) as running:
        yield running


@pytest.fixture(scope="session")
def aws(server):
    """Makes clients of the server."""
    def client(service):
        return boto3.client(service, endpoint_url=server.url, **CREDENTIALS)
    return client


class Omdb:
    """One `matinee omdb`."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [matinee_server.find_binary(), "omdb", "--port", "0", "--format", "json",
             "--exit-with-parent", *arguments], stdout=subprocess.PIPE, text=True)
        self.ready = json.loads(self.process.stdout.readline())
        self.url = self.ready["url"]

    def stop(self):
        self.process.terminate()
        code = self.process.wait(20)
        self.process.stdout.close()
        return code


@pytest.fixture(scope="session")
def omdb():
    running = Omdb("--api-key", GOOD_KEY)
    yield running
    assert running.stop() == 0


@pytest.fixture
def run(programs, server, tmp_path):
    """Runs a function with some events and gives what was seen of it."""
    def start(name, *events, **environment):
        variables = {"AWS_ENDPOINT_URL": server.url, "AWS_ACCESS_KEY_ID": "test",
                     "AWS_SECRET_ACCESS_KEY": "test", "AWS_SESSION_TOKEN": "a-token",
                     **environment}
        return run_function.run(
            [str(programs[name])], programs[name].parent, "bootstrap",
            run_function.events(*events), directory_of_run=tmp_path / str(next(_numbers)),
            environment=variables, frames=False)
    return start


@pytest.fixture
def name(request):
    """One of its own for what a test makes."""
    return f"{request.node.name.replace('_', '-')[:40].strip('-')}-{next(_numbers)}"


@pytest.fixture
def bucket(aws, name):
    aws("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def queue(aws, name):
    return aws("sqs").create_queue(QueueName=name)["QueueUrl"]


@pytest.fixture
def film_list(aws, bucket):
    """Puts a list where get_top_movies looks for it: that of data/, or the given items."""
    def put(items=None):
        text = FILMS.read_bytes() if items is None else json.dumps({"items": items}).encode()
        aws("s3").put_object(Bucket=bucket, Key="lists/films.json", Body=text)
        return {"MOVIES_BUCKET": bucket, "MOVIES_KEY": "lists/films.json"}
    return put


@pytest.fixture
def output(aws, bucket, omdb, name):
    """The environment of enrich_movies: a good key in a SecureString under a KMS key of its own."""
    key = aws("kms").create_key()["KeyMetadata"]["KeyId"]
    aws("ssm").put_parameter(Name=f"/{name}/key", Type="SecureString", Value=GOOD_KEY, KeyId=key)
    return {"OUTPUT_BUCKET": bucket, "OMDB_URL": omdb.url, "OMDB_KEY_PARAMETER": f"/{name}/key"}


def pytest_configure():
    os.environ.pop("http_proxy", None)
    os.environ.pop("https_proxy", None)
