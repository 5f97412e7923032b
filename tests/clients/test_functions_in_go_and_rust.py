"""Functions in Go and Rust with the clients that AWS publishes for them, aws-lambda-go and
lambda_runtime: what they answer, how they fail, what they are told, and batches of messages.
"""

import base64
import json
import re

import aws_clients
import built_functions
import polling
import pytest
from functions_kit import ROLE

ARN = "arn:aws:lambda:us-east-1:000000000000:function:"


@pytest.fixture(scope="module", params=["go", "rust"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def functions(endpoint):
    return aws_clients.client("lambda", endpoint)


@pytest.fixture(scope="module")
def function(functions, language):
    """The name of a function that is ready."""
    code = getattr(built_functions, f"{language}_function")()
    name = f"films-in-{language}"
    functions.create_function(
        FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Role=ROLE,
        Code={"ZipFile": code}, Timeout=10, MemorySize=256)
    functions.get_waiter("function_active_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 0, "MaxAttempts": 50})
    yield name
    functions.delete_function(FunctionName=name)


def call(functions, name, order, **more):
    """The answer of a call, its document, and its log."""
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(order), LogType="Tail", **more)
    return (answer, json.load(answer["Payload"]),
            base64.b64decode(answer["LogResult"]).decode())


def test_it_answers_and_knows_its_context(functions, function):
    context = base64.b64encode(json.dumps({
        "client": {"app_title": "box office", "installation_id": "1", "app_version_code": "2",
                   "app_package_name": "films", "app_version_name": "2"},
        "custom": {"seat": "7"}, "env": {}}).encode()).decode()
    answer, document, log = call(functions, function, {"film": "Heat"}, ClientContext=context)
    assert "FunctionError" not in answer, document
    assert document == {
        "film": "Heat", "requestId": answer["ResponseMetadata"]["RequestId"],
        "arn": ARN + function, "name": function, "version": "$LATEST", "memory": 256,
        "custom": {"seat": "7"}, "app": "box office", "hasTime": True}
    assert "asked for" in log and "Heat" in log
    assert re.match(r"START RequestId: \S+ Version: \$LATEST\n", log)


def test_a_client_context_that_is_none_is_refused(functions, function):
    for wrong in ("{}", base64.b64encode(b"{").decode()):
        with pytest.raises(functions.exceptions.InvalidRequestContentException,
                           match="Client context must be a valid Base64-encoded JSON object."):
            functions.invoke(FunctionName=function, ClientContext=wrong)


def test_an_alias_is_told_as_it_was_called(functions, function):
    version = functions.publish_version(FunctionName=function)["Version"]
    functions.create_alias(FunctionName=function, Name="live", FunctionVersion=version)
    _, document, _ = call(functions, function, {"film": "Heat"}, Qualifier="live")
    assert (document["arn"], document["version"]) == (f"{ARN}{function}:live", version)
    functions.delete_alias(FunctionName=function, Name="live")


def test_an_error_is_a_result_with_its_type_and_the_function_goes_on(functions, function,
                                                                     language):
    answer, error, log = call(functions, function, {"fail": "Heat"})
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert error["errorMessage"] == "no film Heat"
    wanted = {"go": "filmError", "rust": "&alloc::boxed::Box<dyn core::error::Error + "
                                         "core::marker::Send + core::marker::Sync>"}
    assert error["errorType"] == wanted[language]
    assert re.search(r"\nREPORT RequestId: .*\n", log)
    answer, document, log = call(functions, function, {"film": "Heat"})
    assert document["film"] == "Heat"
    assert "Init Duration" not in log


def test_a_panic_is_a_result_and_the_next_call_is_answered(functions, function):
    answer, error, log = call(functions, function, {"panic": "out of film"})
    assert answer["FunctionError"] == "Unhandled"
    assert "out of film" in error["errorMessage"]
    assert error["errorType"]
    assert "out of film" in log
    assert call(functions, function, {"film": "Heat"})[1]["film"] == "Heat"


def test_whoever_passes_its_deadline_is_ended(functions, function):
    functions.update_function_configuration(FunctionName=function, Timeout=1)
    functions.get_waiter("function_updated_v2").wait(
        FunctionName=function, WaiterConfig={"Delay": 0, "MaxAttempts": 50})
    answer, error, log = call(functions, function, {"wait": True})
    request = answer["ResponseMetadata"]["RequestId"]
    assert error == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request} Error: Task timed out after 1.00 seconds"}
    assert "Status: timeout" in log
    assert call(functions, function, {"film": "Heat"})[1]["film"] == "Heat"


def test_of_a_batch_only_what_has_failed_stays(functions, function, endpoint, name):
    sqs = aws_clients.client("sqs", endpoint)
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    genre = {"genre": {"DataType": "String", "StringValue": "noir"}}
    sqs.send_message_batch(QueueUrl=queue, Entries=[
        {"Id": str(i), "MessageBody": body, "MessageAttributes": genre}
        for i, body in enumerate(['{"title": "Heat"}', "no film", '{"title": "Alien"}'])])
    mapping = functions.create_event_source_mapping(
        FunctionName=function, EventSourceArn="arn:aws:sqs:us-east-1:000000000000:" + name,
        BatchSize=3, FunctionResponseTypes=["ReportBatchItemFailures"])

    def counts():
        found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        return (found["ApproximateNumberOfMessages"],
                found["ApproximateNumberOfMessagesNotVisible"])

    polling.eventually(lambda: counts() == ("0", "1"), 60)
    functions.delete_event_source_mapping(UUID=mapping["UUID"])
    logs = aws_clients.client("logs", endpoint)

    def lines(text):
        return [event["message"] for event in logs.filter_log_events(
            logGroupName=f"/aws/lambda/{function}", filterPattern=f'"{text}"')["events"]]

    polling.eventually(lambda: len(lines("handled")) == 2)
    assert sorted(line.replace('"', "").split()[-2:] for line in lines("handled")) == [
        ["Alien", "noir"], ["Heat", "noir"]]
    assert len(lines("refused no film")) == 1
