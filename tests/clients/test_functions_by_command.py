"""Functions by the aws command: made, waited for, called, changed, listed in pages, and fed by a
queue, typed as a user would.
"""

import base64
import json

import polling
import pytest
from aws_cli import Cli, Failed
from functions_kit import ROLE, python_package

ACCOUNT = "000000000000"


@pytest.fixture
def aws(endpoint, tmp_path):
    (tmp_path / "function.zip").write_bytes(python_package("return {'got': event}"))
    (tmp_path / "other.zip").write_bytes(python_package("print('now')\nraise KeyError('x')"))
    return Cli(endpoint, tmp_path)


@pytest.fixture
def create(aws):
    """Creates a function and waits for it."""
    def function(name, *more):
        created = aws("lambda", "create-function", "--function-name", name, "--runtime",
                      "python3.12", "--handler", "app.handler", "--role", ROLE,
                      "--zip-file", "fileb://function.zip", *more)
        aws("lambda", "wait", "function-active-v2", "--function-name", name)
        return created
    return function


def invoke(aws, name, *more):
    """What the command prints, and the answer that it has written."""
    printed = aws("lambda", "invoke", "--function-name", name, *more, "answer.json")
    return printed, json.loads((aws.directory / "answer.json").read_text(encoding="utf-8"))


def test_a_function_is_made_called_and_changed(aws, create, name):
    created = create(name, "--timeout", "9", "--environment", "Variables={STAGE=test}",
                     "--tags", "team=cinema")
    assert (created["State"], created["Timeout"]) == ("Pending", 9)
    assert created["Environment"] == {"Variables": {"STAGE": "test"}}
    printed, answer = invoke(aws, name, "--payload", '{"film": "Amélie"}')
    assert printed == {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
    assert answer == {"got": {"film": "Amélie"}}
    aws("lambda", "update-function-code", "--function-name", name, "--zip-file",
        "fileb://other.zip", "--publish")
    aws("lambda", "wait", "function-updated-v2", "--function-name", name)
    aws("lambda", "wait", "published-version-active", "--function-name", name, "--qualifier", "1")
    printed, answer = invoke(aws, name, "--log-type", "Tail")
    assert (printed["FunctionError"], answer["errorType"]) == ("Unhandled", "KeyError")
    assert "\nnow\n" in base64.b64decode(printed["LogResult"]).decode()
    aws("lambda", "update-function-configuration", "--function-name", name, "--memory-size", "256")
    aws("lambda", "wait", "function-updated-v2", "--function-name", name)
    found = aws("lambda", "get-function", "--function-name", name)
    assert found["Configuration"]["MemorySize"] == 256
    assert found["Tags"] == {"team": "cinema"}
    aws("lambda", "create-alias", "--function-name", name, "--name", "live",
        "--function-version", "1")
    assert invoke(aws, f"{name}:live")[0]["ExecutedVersion"] == "1"
    aws("lambda", "delete-function", "--function-name", name)
    with pytest.raises(Failed) as raised:
        aws("lambda", "get-function", "--function-name", name)
    assert "ResourceNotFoundException" in raised.value.error
    assert f"Function not found: arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}" in (
        raised.value.error)


def test_lists_come_in_pages(aws, create, name):
    names = [f"{name}-{i}" for i in range(3)]
    for one in names:
        create(one)
    listed = aws("lambda", "list-functions", "--page-size", "2")["Functions"]
    assert [f["FunctionName"] for f in listed if f["FunctionName"].startswith(name)] == names
    first = aws("lambda", "list-functions", "--max-items", "1")
    rest = aws("lambda", "list-functions", "--starting-token", first["NextToken"])
    together = [f["FunctionName"] for f in first["Functions"] + rest["Functions"]]
    assert together == [f["FunctionName"] for f in listed]
    for seconds in (4, 5, 6):
        aws("lambda", "update-function-configuration", "--function-name", names[0],
            "--timeout", seconds)
        aws("lambda", "wait", "function-updated-v2", "--function-name", names[0])
        aws("lambda", "publish-version", "--function-name", names[0])
    versions = aws("lambda", "list-versions-by-function", "--function-name", names[0],
                   "--page-size", "1")["Versions"]
    assert [v["Version"] for v in versions] == ["$LATEST", "1", "2", "3"]


def test_a_queue_feeds_it_and_a_log_tells(aws, create, name):
    create(name)
    url = aws("sqs", "create-queue", "--queue-name", name)["QueueUrl"]
    mapping = aws("lambda", "create-event-source-mapping", "--function-name", name,
                  "--event-source-arn", f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}",
                  "--batch-size", "5", "--maximum-batching-window-in-seconds", "0",
                  "--function-response-types", "ReportBatchItemFailures")
    assert (mapping["State"], mapping["BatchSize"]) == ("Creating", 5)
    listed = aws("lambda", "list-event-source-mappings", "--function-name", name)
    assert [m["UUID"] for m in listed["EventSourceMappings"]] == [mapping["UUID"]]
    aws("sqs", "send-message", "--queue-url", url, "--message-body", "Heat")

    def is_empty():
        counts = aws("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names",
                     "All")["Attributes"]
        return (counts["ApproximateNumberOfMessages"],
                counts["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")

    polling.eventually(is_empty, 60)
    log = aws("logs", "filter-log-events", "--log-group-name", f"/aws/lambda/{name}",
              "--filter-pattern", "REPORT")
    assert len(log["events"]) == 1
    by_id = ("--uuid", mapping["UUID"])
    aws("lambda", "update-event-source-mapping", *by_id, "--no-enabled")
    polling.eventually(lambda: aws("lambda", "get-event-source-mapping", *by_id)[
        "State"] == "Disabled", 60)
    aws("lambda", "delete-event-source-mapping", *by_id)


def test_urls_permissions_and_layers(aws, create, name):
    layer = aws("lambda", "publish-layer-version", "--layer-name", name, "--zip-file",
                "fileb://function.zip", "--compatible-runtimes", "python3.12")
    create(name, "--layers", layer["LayerVersionArn"])
    url = aws("lambda", "create-function-url-config", "--function-name", name, "--auth-type",
              "NONE", "--cors", "AllowOrigins=https://example.com,MaxAge=60")
    assert aws("lambda", "get-function-url-config", "--function-name", name)[
        "FunctionUrl"] == url["FunctionUrl"]
    added = aws("lambda", "add-permission", "--function-name", name, "--statement-id", "all",
                "--action", "lambda:InvokeFunctionUrl", "--principal", "*",
                "--function-url-auth-type", "NONE")
    assert json.loads(added["Statement"])["Sid"] == "all"
    policy = json.loads(aws("lambda", "get-policy", "--function-name", name)["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]] == ["all"]
    aws("lambda", "put-function-event-invoke-config", "--function-name", name,
        "--maximum-retry-attempts", "0")
    taken = aws("lambda", "invoke", "--function-name", name, "--invocation-type", "Event",
                "answer.json")
    assert taken == {"StatusCode": 202}
    assert aws("lambda", "get-account-settings")["AccountLimit"]["CodeSizeZipped"] == 52428800
