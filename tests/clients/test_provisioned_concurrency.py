"""Provisioned concurrency: instances of a version that are ready before anybody calls it."""

import json

import aws_clients
import matinee_server
import polling
import pytest
from botocore.exceptions import ClientError
from functions_kit import make_function, package, python_package

ARN = "arn:aws:lambda:us-east-1:000000000000:function:"
# Tells how it was made, and how often its code was loaded before that in this instance.
TELLS = package({"app.py": """
import os, uuid
instance = str(uuid.uuid4())
def handler(event, context):
    return [os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], instance, context.function_version]
"""})


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        yield server


@pytest.fixture
def functions(server):
    return aws_clients.client("lambda", server.url)


def call(functions, name, **more):
    return json.load(functions.invoke(FunctionName=name, **more)["Payload"])


def status_of(functions, name, qualifier):
    return functions.get_provisioned_concurrency_config(FunctionName=name, Qualifier=qualifier)


def wait_until_ready(functions, name, qualifier):
    polling.eventually(lambda: status_of(functions, name, qualifier)["Status"] == "READY")


def start_streams(server, name):
    """The log streams of a function, each with whether anything but its start is in it."""
    logs = aws_clients.client("logs", server.url)
    streams = logs.describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
    return [stream["logStreamName"] for stream in streams]


def refusal(call_, **parameters):
    with pytest.raises(ClientError) as raised:
        call_(**parameters)
    error = raised.value.response
    return (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"],
            error["Error"]["Message"])


def make_versioned(functions, name, code=TELLS, **more):
    make_function(functions, name, code, **more)
    return functions.publish_version(FunctionName=name)["Version"]


def test_instances_are_there_before_the_first_call(server, functions):
    make_versioned(functions, "warm")
    put = functions.put_provisioned_concurrency_config(
        FunctionName="warm", Qualifier="1", ProvisionedConcurrentExecutions=2)
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert (put["Status"], put["RequestedProvisionedConcurrentExecutions"],
            put["AllocatedProvisionedConcurrentExecutions"],
            put["AvailableProvisionedConcurrentExecutions"]) == ("IN_PROGRESS", 2, 0, 0)
    wait_until_ready(functions, "warm", "1")
    config = status_of(functions, "warm", "1")
    assert (config["RequestedProvisionedConcurrentExecutions"],
            config["AllocatedProvisionedConcurrentExecutions"],
            config["AvailableProvisionedConcurrentExecutions"]) == (2, 2, 2)
    assert config["LastModified"].endswith("+0000") and "StatusReason" not in config
    assert len(start_streams(server, "warm")) == 2
    assert call(functions, "warm", Qualifier="1")[0] == "provisioned-concurrency"
    assert call(functions, "warm")[0] == "on-demand"
    assert len(start_streams(server, "warm")) == 3
    assert functions.list_provisioned_concurrency_configs(FunctionName="warm")[
        "ProvisionedConcurrencyConfigs"] == [
            {key: value for key, value in config.items() if key != "ResponseMetadata"}
            | {"FunctionArn": ARN + "warm:1"}]


def test_they_are_kept_until_the_configuration_goes(functions):
    make_versioned(functions, "kept")
    for count in (3, 1):
        functions.put_provisioned_concurrency_config(
            FunctionName="kept", Qualifier="1", ProvisionedConcurrentExecutions=count)
        polling.eventually(lambda: status_of(functions, "kept", "1")[
            "AvailableProvisionedConcurrentExecutions"] == count)
        assert status_of(functions, "kept", "1")["Status"] == "READY"
    _, before, _ = call(functions, "kept", Qualifier="1")
    for _ in range(2):
        assert functions.delete_provisioned_concurrency_config(
            FunctionName="kept", Qualifier="1")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refusal(functions.get_provisioned_concurrency_config, FunctionName="kept",
                   Qualifier="1") == (
        "ProvisionedConcurrencyConfigNotFoundException", 404,
        "No Provisioned Concurrency Config found for this function")
    kind, after, _ = call(functions, "kept", Qualifier="1")
    assert kind == "on-demand" and after != before
    assert functions.list_provisioned_concurrency_configs(
        FunctionName="kept")["ProvisionedConcurrencyConfigs"] == []


def test_they_are_there_again_after_a_restart_and_follow_their_alias(server, functions):
    make_versioned(functions, "moving")
    functions.create_alias(FunctionName="moving", Name="live", FunctionVersion="1")
    functions.put_provisioned_concurrency_config(
        FunctionName="moving", Qualifier="live", ProvisionedConcurrentExecutions=1)
    wait_until_ready(functions, "moving", "live")
    server.kill()
    server.start()
    wait_until_ready(functions, "moving", "live")
    assert call(functions, "moving", Qualifier="live")[::2] == ["provisioned-concurrency", "1"]
    functions.update_function_configuration(FunctionName="moving", Timeout=4)
    functions.get_waiter("function_updated_v2").wait(
        FunctionName="moving", WaiterConfig={"Delay": 0, "MaxAttempts": 50})
    assert functions.publish_version(FunctionName="moving")["Version"] == "2"
    functions.update_alias(FunctionName="moving", Name="live", FunctionVersion="2")
    wait_until_ready(functions, "moving", "live")
    assert call(functions, "moving", Qualifier="live")[::2] == ["provisioned-concurrency", "2"]
    assert call(functions, "moving", Qualifier="1")[0] == "on-demand"


def test_one_that_ends_is_replaced(functions):
    make_versioned(functions, "ends", package({"app.py": """
import os
def handler(event, context):
    if event: os._exit(1)
    return os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]
"""}))
    functions.put_provisioned_concurrency_config(
        FunctionName="ends", Qualifier="1", ProvisionedConcurrentExecutions=1)
    wait_until_ready(functions, "ends", "1")
    failed = functions.invoke(FunctionName="ends", Qualifier="1", Payload=b"1")
    assert failed["FunctionError"] == "Unhandled"
    wait_until_ready(functions, "ends", "1")
    assert call(functions, "ends", Qualifier="1", Payload=b"0") == "provisioned-concurrency"


def test_code_that_cannot_be_loaded_fails_after_six_tries(server, functions):
    make_versioned(functions, "broken", package({"app.py": "raise ValueError('no')\n"}))
    functions.put_provisioned_concurrency_config(
        FunctionName="broken", Qualifier="1", ProvisionedConcurrentExecutions=2)
    polling.eventually(lambda: status_of(functions, "broken", "1")["Status"] == "FAILED")
    config = status_of(functions, "broken", "1")
    assert config["StatusReason"] == "FUNCTION_ERROR_INIT_FAILURE"
    assert (config["AllocatedProvisionedConcurrentExecutions"],
            config["AvailableProvisionedConcurrentExecutions"]) == (0, 0)
    assert len(start_streams(server, "broken")) == 6


def test_json_logs_tell_how_an_instance_was_made(server, functions):
    make_versioned(functions, "told", LoggingConfig={"LogFormat": "JSON"})
    functions.put_provisioned_concurrency_config(
        FunctionName="told", Qualifier="1", ProvisionedConcurrentExecutions=1)
    wait_until_ready(functions, "told", "1")
    logs = aws_clients.client("logs", server.url)

    def first():
        events = logs.filter_log_events(logGroupName="/aws/lambda/told")["events"]
        return json.loads(events[0]["message"]) if events else None

    polling.eventually(first)
    assert first()["type"] == "platform.initStart"
    assert first()["record"]["initializationType"] == "provisioned-concurrency"


def test_more_calls_than_instances_are_served_on_demand_or_throttled(functions):
    make_versioned(functions, "few", python_package(
        "return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']"))
    functions.put_function_concurrency(FunctionName="few", ReservedConcurrentExecutions=1)
    functions.put_provisioned_concurrency_config(
        FunctionName="few", Qualifier="1", ProvisionedConcurrentExecutions=1)
    wait_until_ready(functions, "few", "1")
    assert call(functions, "few", Qualifier="1") == "provisioned-concurrency"
    # All that is reserved is provisioned, and so for version 1 alone.
    with pytest.raises(functions.exceptions.TooManyRequestsException) as caught:
        functions.invoke(FunctionName="few")
    assert caught.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    functions.put_function_concurrency(FunctionName="few", ReservedConcurrentExecutions=2)
    assert call(functions, "few") == "on-demand"


def test_what_cannot_be_provisioned_is_refused(functions):
    make_versioned(functions, "f")
    put = functions.put_provisioned_concurrency_config
    get = functions.get_provisioned_concurrency_config
    delete = functions.delete_provisioned_concurrency_config
    functions.create_alias(FunctionName="f", Name="latest", FunctionVersion="$LATEST")
    of_latest = ("Provisioned Concurrency Configs cannot be applied to unpublished function "
                 "versions.")
    for qualifier in ("$LATEST", "latest"):
        assert refusal(put, FunctionName="f", Qualifier=qualifier,
                       ProvisionedConcurrentExecutions=1) == (
            "InvalidParameterValueException", 400, of_latest)
    for operation in (get, delete):
        assert refusal(operation, FunctionName="f", Qualifier="$LATEST") == (
            "InvalidParameterValueException", 400,
            "The function resource provided must be an alias or a published version.")
    for operation, more in ((get, {}), (delete, {}), (put, {"ProvisionedConcurrentExecutions": 1})):
        for name in ("f", "none"):
            assert refusal(operation, FunctionName=name, Qualifier="a", **more) == (
                "ResourceNotFoundException", 404, f"Cannot find alias arn: {ARN}{name}:a")
            assert refusal(operation, FunctionName=name, Qualifier="7", **more) == (
                "ResourceNotFoundException", 404, f"Function not found: {ARN}{name}:7")
    assert refusal(put, FunctionName="f", Qualifier="1", ProvisionedConcurrentExecutions=901) == (
        "InvalidParameterValueException", 400,
        "Specified ConcurrentExecutions for function decreases account's "
        "UnreservedConcurrentExecution below its minimum value of [100].")
    functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=3)
    assert refusal(put, FunctionName="f", Qualifier="1", ProvisionedConcurrentExecutions=4) == (
        "InvalidParameterValueException", 400,
        "Requested Provisioned Concurrency should not be greater than the "
        "reservedConcurrentExecution for function")
    functions.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    put(FunctionName="f", Qualifier="live", ProvisionedConcurrentExecutions=3)
    assert refusal(put, FunctionName="f", Qualifier="1", ProvisionedConcurrentExecutions=1) == (
        "ResourceConflictException", 409, "Version is pointed by a Provisioned Concurrency alias")
    assert refusal(functions.put_function_concurrency, FunctionName="f",
                   ReservedConcurrentExecutions=2)[0] == "InvalidParameterValueException"


def test_more_than_this_machine_keeps_is_told(functions):
    make_versioned(functions, "many")
    functions.put_provisioned_concurrency_config(
        FunctionName="many", Qualifier="1", ProvisionedConcurrentExecutions=51)
    polling.eventually(lambda: status_of(functions, "many", "1")["Status"] == "FAILED")
    config = status_of(functions, "many", "1")
    assert config["AvailableProvisionedConcurrentExecutions"] == 50
    assert config["StatusReason"].startswith("This machine keeps no more instances ready")
