"""Powertools for AWS Lambda (Python) in functions: orders that are carried out once however often
they come (a table remembers them), batches of which a part fails, structured logs, and a tracer
that is switched off.
"""

import base64
import json

import aws_clients
import matinee_server
import polling
import powertools_layer
import pytest
from functions_kit import make_function, package

APP = (matinee_server.ROOT / "tests" / "clients" / "powertools" / "app.py").read_text()
ARN = "arn:aws:sqs:us-east-1:000000000000:"


@pytest.fixture(scope="module")
def functions(endpoint):
    return aws_clients.client("lambda", endpoint)


@pytest.fixture(scope="module")
def layer(functions):
    published = functions.publish_layer_version(
        LayerName="powertools", Content={"ZipFile": powertools_layer.build()})
    return published["LayerVersionArn"]


@pytest.fixture
def make(functions, layer, table, name):
    """Makes a function of one of the app's handlers, and tells its name."""
    def function(handler):
        make_function(functions, name, package({"app.py": APP}), Handler="app." + handler,
                      Layers=[layer], Timeout=20, MemorySize=512, Environment={"Variables": {
                          "TABLE": table, "POWERTOOLS_SERVICE_NAME": "cinema",
                          "POWERTOOLS_TRACE_DISABLED": "true"}})
        return name
    return function


def call(functions, name, event):
    """Its answer, whether that is an error, and the records of its log."""
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
    lines = base64.b64decode(answer["LogResult"]).decode().splitlines()
    records = [json.loads(line) for line in lines if line.startswith("{")]
    return json.load(answer["Payload"]), answer.get("FunctionError"), records


def message_counts(sqs, queue):
    """How many it has, and how many are with a consumer or have failed there."""
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    return (found["ApproximateNumberOfMessages"], found["ApproximateNumberOfMessagesNotVisible"])


def test_an_order_is_carried_out_once_however_often_it_comes(make, functions, dynamodb, table):
    shop = make("sell")
    first, error, told = call(functions, shop, {"order": "1", "film": "Heat"})
    assert error is None, first
    assert [record["message"] for record in told] == ["selling"]
    again, _, told = call(functions, shop, {"order": "1", "film": "Heat"})
    assert again == first
    assert told == []
    other, _, _ = call(functions, shop, {"order": "2", "film": "Heat"})
    assert other["ticket"] != first["ticket"]
    items = dynamodb.scan(TableName=table)["Items"]
    assert [item["status"]["S"] for item in items] == ["COMPLETED", "COMPLETED"]
    assert json.loads(items[0]["data"]["S"]) in (first, other)


def test_an_order_that_has_failed_may_come_again(make, functions, dynamodb, table):
    shop = make("sell")
    failed, error, _ = call(functions, shop, {"order": "1"})
    assert (error, failed["errorType"], failed["errorMessage"]) == (
        "Unhandled", "ValueError", "which film?")
    assert dynamodb.scan(TableName=table)["Count"] == 0
    assert call(functions, shop, {"order": "1", "film": "Heat"})[0]["film"] == "Heat"
    failed, _, _ = call(functions, shop, {"film": "Heat"})
    assert failed["errorType"] == "IdempotencyKeyError"


def test_an_order_that_somebody_else_is_at_is_refused(make, functions, dynamodb, table):
    shop = make("sell")
    call(functions, shop, {"order": "1", "film": "Heat"})
    [item] = dynamodb.scan(TableName=table)["Items"]
    dynamodb.update_item(
        TableName=table, Key={"id": item["id"]},
        UpdateExpression="SET #s = :s, in_progress_expiration = :t",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": {"S": "INPROGRESS"}, ":t": {"N": "9999999999999"}})
    refused, error, _ = call(functions, shop, {"order": "1", "film": "Heat"})
    assert (error, refused["errorType"]) == ("Unhandled", "IdempotencyAlreadyInProgressError")


def test_the_logger_tells_the_context(make, functions):
    shop = make("sell")
    _, _, [record] = call(functions, shop, {"order": "1", "film": "Heat"})
    assert record["level"] == "INFO"
    assert record["service"] == "cinema"
    assert record["function_name"] == shop
    assert record["function_memory_size"] == "512"
    assert record["function_arn"].endswith(":function:" + shop)
    assert record["cold_start"] is True
    assert record["correlation_id"] == "1"
    assert record["film"] == "Heat"
    _, _, [record] = call(functions, shop, {"order": "2", "film": "Heat"})
    assert record["cold_start"] is False


def test_of_a_batch_what_has_failed_stays_and_what_comes_twice_is_handled_once(
        make, functions, endpoint, name):
    sqs = aws_clients.client("sqs", endpoint)
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    bodies = ['{"title": "Heat"}', "no film", '{"title": "Alien"}', '{"title": "Heat"}']
    sqs.send_message_batch(QueueUrl=queue, Entries=[
        {"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies)])
    function = make("handle_batch")
    mapping = functions.create_event_source_mapping(
        FunctionName=function, EventSourceArn=ARN + name, BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"])
    polling.eventually(lambda: message_counts(sqs, queue) == ("0", "1"), 60)
    functions.delete_event_source_mapping(UUID=mapping["UUID"])
    logs = aws_clients.client("logs", endpoint)
    events = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}",
                                    filterPattern='{ $.message = "handled" }')["events"]
    assert sorted(json.loads(event["message"])["title"] for event in events) == ["Alien", "Heat"]
