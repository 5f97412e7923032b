"""Fixtures of the client tests. One server serves them all; every test makes what it needs under
names of its own. With --endpoint URL the tests that need only an AWS run against that one instead.
"""

import itertools
import os
import re
import uuid

import aws_clients
import matinee_server
import pytest
from botocore import UNSIGNED

_counter = itertools.count(1)


def pytest_addoption(parser):
    parser.addoption("--endpoint", help="test this endpoint instead of a matinee of our own")


# Files that take minutes. They begin first, so that no worker is left with one of them at the end.
LONGEST = ["test_terraform.py", "test_cli.py", "test_functions_in_go_and_rust.py",
           "test_java_function.py", "test_s3_cli.py", "test_movies.py", "test_movies_kills.py",
           "test_publish_kills.py"]


def pytest_collection_modifyitems(items):
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONGEST)))


@pytest.fixture(scope="session", autouse=True)
def no_configuration_of_the_user(tmp_path_factory):
    """Neither the user's profiles nor instance metadata may leak into the tests."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(
        HOME=str(home), XDG_DATA_HOME=str(home / "data"),
        AWS_CONFIG_FILE=str(home / "config"), AWS_SHARED_CREDENTIALS_FILE=str(home / "credentials"),
        AWS_EC2_METADATA_DISABLED="true", AWS_PAGER="",
        # As a user's fixtures find it, such as those in testing/.
        MATINEE_BINARY=matinee_server.find_binary(),
        NO_PROXY="127.0.0.1,localhost,.localhost", no_proxy="127.0.0.1,localhost,.localhost")


@pytest.fixture(scope="session")
def matinee(tmp_path_factory):
    """The server that most tests share. It must still run, and stop cleanly, at the end."""
    with matinee_server.Server(tmp_path_factory.mktemp("matinee") / "data") as server:
        yield server
        assert server.is_running(), "the server died during the tests"


@pytest.fixture(scope="session")
def endpoint(request):
    """The URL under test."""
    return request.config.getoption("--endpoint") or request.getfixturevalue("matinee").url


@pytest.fixture
def name():
    """A name that nothing else has, good for queues, tables and buckets."""
    return f"t{next(_counter)}-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="session", params=["json", "query"])
def sqs(request, endpoint):
    """SQS in each of its two protocols."""
    if request.param == "query":
        return aws_clients.query_sqs(endpoint)
    return aws_clients.client("sqs", endpoint)


@pytest.fixture(scope="session")
def dynamodb(endpoint):
    return aws_clients.client("dynamodb", endpoint)


@pytest.fixture(scope="session")
def s3(endpoint):
    return aws_clients.client("s3", endpoint, s3={"addressing_style": "path"})


@pytest.fixture
def stranger(endpoint):
    """S3 as another account uses it: an access key of 12 digits is an account."""
    return aws_clients.client("s3", endpoint, s3={"addressing_style": "path"}, credentials={
        "aws_access_key_id": aws_clients.OTHER_ACCOUNT, "aws_secret_access_key": "secret"})


@pytest.fixture
def nobody(endpoint):
    """S3 as those use it who do not sign."""
    return aws_clients.client("s3", endpoint, s3={"addressing_style": "path"},
                              signature_version=UNSIGNED)


@pytest.fixture(scope="session")
def sts(endpoint):
    return aws_clients.client("sts", endpoint)


@pytest.fixture
def queue(sqs, name):
    """The URL of a new standard queue."""
    return sqs.create_queue(QueueName=name)["QueueUrl"]


@pytest.fixture
def fifo_queue(sqs, name):
    """The URL of a new FIFO queue without content-based deduplication."""
    created = sqs.create_queue(QueueName=name + ".fifo", Attributes={"FifoQueue": "true"})
    return created["QueueUrl"]


@pytest.fixture
def table(dynamodb, name):
    """The name of a new table with the string key `id`, ready for use."""
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return name


@pytest.fixture
def ordered_table(dynamodb, name):
    """The name of a new table with the string key `id` and the number `at` as its sort key."""
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"},
                              {"AttributeName": "at", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"},
                   {"AttributeName": "at", "KeyType": "RANGE"}])
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    return name


@pytest.fixture
def bucket(s3, name):
    """The name of a new bucket."""
    s3.create_bucket(Bucket=name)
    return name


def pytest_terminal_summary(terminalreporter):
    """A skipped test is a question to the reader, so each is named with its reason."""
    for report in terminalreporter.stats.get("skipped", []):
        reason = re.sub(r"^Skipped: ", "", report.longrepr[2])
        terminalreporter.write_line(f"skipped {report.nodeid}: {reason}")
