"""Lambda as boto3 sees it: functions, versions, aliases, layers, permissions and settings. That
they run is in test_function_calls.py."""

import base64
import hashlib
import json
import re
import urllib.error
import urllib.request

import aws_clients
import matinee_server
import pytest
from botocore.exceptions import ClientError
from functions_kit import ROLE, make_function, package, python_package

ECHO = python_package("return event")
OTHER = python_package("return [event]")
ARN = "arn:aws:lambda:us-east-1:000000000000:function:"


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        yield server


@pytest.fixture
def functions(server):
    return aws_clients.client("lambda", server.url)


def refusal(call, *arguments, **members):
    """Code, HTTP status and message of the error that a call ends with, and its body's members."""
    with pytest.raises(ClientError) as caught:
        call(*arguments, **members)
    response = caught.value.response
    return (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"],
            response["Error"]["Message"])


def raw(server, method, path, body=None):
    """Status and body of a request without any SDK."""
    request = urllib.request.Request(
        server.url + path, method=method, data=body.encode() if body else None,
        headers={"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/"
                                  "aws4_request, SignedHeaders=host, Signature=none"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_new_function_is_pending_and_has_the_defaults_that_aws_documents(functions):
    created = functions.create_function(FunctionName="echo", Runtime="python3.12", Role=ROLE,
                                        Handler="app.handler", Code={"ZipFile": ECHO})
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert created["State"] == "Pending"
    assert created["StateReasonCode"] == "Creating"
    assert created["StateReason"] == "The function is being created."
    assert "LastUpdateStatus" not in created
    assert created["FunctionArn"] == ARN + "echo"
    assert created["CodeSha256"] == base64.b64encode(hashlib.sha256(ECHO).digest()).decode()
    assert created["CodeSize"] == len(ECHO)
    assert created["Architectures"] == ["x86_64"]
    assert created["EphemeralStorage"] == {"Size": 512}
    assert created["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/echo"}
    assert (created["MemorySize"], created["Timeout"]) == (128, 3)
    assert created["SnapStart"] == {"ApplyOn": "None", "OptimizationStatus": "Off"}
    assert created["TracingConfig"] == {"Mode": "PassThrough"}
    assert created["Version"] == "$LATEST"
    assert created["Description"] == ""
    assert re.fullmatch(r"arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}",
                        created["RuntimeVersionConfig"]["RuntimeVersionArn"])
    assert "Environment" not in created and "Layers" not in created


def test_a_function_becomes_active_with_another_revision(functions):
    created = make_function(functions, "echo", ECHO)
    found = functions.get_function(FunctionName="echo")
    configuration = found["Configuration"]
    assert configuration["State"] == "Active"
    assert configuration["LastUpdateStatus"] == "Successful"
    assert "StateReason" not in configuration
    assert configuration["RevisionId"] != created["RevisionId"]
    assert found["Code"]["RepositoryType"] == "S3"
    assert "Tags" not in found


def test_the_location_of_a_function_gives_exactly_its_archive(functions):
    make_function(functions, "echo", ECHO)
    location = functions.get_function(FunctionName="echo")["Code"]["Location"]
    with urllib.request.urlopen(location, timeout=10) as answer:
        assert answer.read() == ECHO


def test_functions_survive_a_kill(server, functions):
    make_function(functions, "echo", ECHO, Environment={"Variables": {"AB": "b"}})
    functions.publish_version(FunctionName="echo")
    server.kill()
    server.start()
    functions = aws_clients.client("lambda", server.url)
    configuration = functions.get_function_configuration(FunctionName="echo")
    assert configuration["Environment"] == {"Variables": {"AB": "b"}}
    assert [v["Version"] for v in functions.list_versions_by_function(FunctionName="echo")[
        "Versions"]] == ["$LATEST", "1"]


@pytest.mark.parametrize("members, message", [
    ({"Runtime": "python3.7"},
     "The runtime parameter of python3.7 is no longer supported for creating or updating AWS "
     "Lambda functions. We recommend you use a supported runtime while creating or updating "
     "functions."),
    ({"Code": {"ZipFile": b"no zip"}},
     "Could not unzip uploaded file. Please check your file, then try to upload again."),
    ({"Code": {"S3Bucket": "not-there", "S3Key": "key"}},
     "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The "
     "specified bucket does not exist"),
    ({"Layers": ["arn:aws:lambda:us-east-1:000000000000:layer:none:1"]},
     "Layer version arn:aws:lambda:us-east-1:000000000000:layer:none:1 does not exist."),
    ({"Tags": {f"k{i}": "v" for i in range(51)}}, "Number of tags exceeds resource tag limit."),
])
def test_what_is_wrong_with_a_new_function_is_told_in_awss_words(functions, members, message):
    settings = {"FunctionName": "bad", "Runtime": "python3.12", "Role": ROLE,
                "Handler": "app.handler", "Code": {"ZipFile": ECHO}} | members
    assert refusal(functions.create_function, **settings) == (
        "InvalidParameterValueException", 400, message)
    assert refusal(functions.get_function, FunctionName="bad")[0] == "ResourceNotFoundException"


def test_an_unknown_runtime_is_refused_with_the_list_of_all(functions):
    code, status, message = refusal(functions.create_function, FunctionName="bad",
                                    Runtime="python3.99", Role=ROLE, Handler="app.handler",
                                    Code={"ZipFile": ECHO})
    assert (code, status) == ("InvalidParameterValueException", 400)
    assert message.startswith("Value python3.99 at 'runtime' failed to satisfy constraint: Member "
                              "must satisfy enum value set: [nodejs20.x, python3.14, ")
    assert message.endswith("] or be a valid ARN")


def test_more_than_4_kb_of_environment_is_refused_with_what_was_measured(functions):
    variables = {"AB": "x" * 4096}
    measured = json.dumps(variables, separators=(",", ":"))
    assert refusal(functions.create_function, FunctionName="bad", Runtime="python3.12", Role=ROLE,
                   Handler="app.handler", Code={"ZipFile": ECHO},
                   Environment={"Variables": variables}) == (
        "InvalidParameterValueException", 400,
        "Lambda was unable to configure your environment variables because the environment "
        "variables you have provided exceeded the 4KB limit. String measured: " + measured)


def test_errors_carry_the_members_of_the_model(server, functions):
    status, body = raw(server, "GET", "/2015-03-31/functions/none")
    assert status == 404
    assert body == {"Message": "Function not found: " + ARN + "none", "Type": "User"}
    make_function(functions, "echo", ECHO)
    status, body = raw(server, "POST", "/2015-03-31/functions", json.dumps(
        {"FunctionName": "echo", "Runtime": "python3.12", "Role": ROLE, "Handler": "app.handler",
         "Code": {"ZipFile": base64.b64encode(ECHO).decode()}}))
    assert status == 409
    assert body == {"message": "Function already exist: echo", "Type": "User"}


def test_an_update_is_in_progress_and_then_successful(functions):
    make_function(functions, "echo", ECHO)
    updated = functions.update_function_code(FunctionName="echo", ZipFile=OTHER)
    assert updated["State"] == "Active"
    assert updated["LastUpdateStatus"] == "InProgress"
    assert updated["LastUpdateStatusReasonCode"] == "Creating"
    functions.get_waiter("function_updated_v2").wait(
        FunctionName="echo", WaiterConfig={"Delay": 0, "MaxAttempts": 50})
    found = functions.get_function_configuration(FunctionName="echo")
    assert found["CodeSha256"] == base64.b64encode(hashlib.sha256(OTHER).digest()).decode()
    assert found["LastUpdateStatus"] == "Successful"


def test_a_wrong_revision_is_refused(functions):
    make_function(functions, "echo", ECHO)
    assert refusal(functions.update_function_configuration, FunctionName="echo", Timeout=9,
                   RevisionId="00000000-0000-0000-0000-000000000000") == (
        "PreconditionFailedException", 412,
        "The Revision Id provided does not match the latest Revision Id. Call the "
        "GetFunction/GetAlias API to retrieve the latest Revision Id")
    assert functions.get_function_configuration(FunctionName="echo")["Timeout"] == 3


def test_a_dead_letter_queue_stays_when_an_update_gives_an_empty_one(functions):
    queue = "arn:aws:sqs:us-east-1:000000000000:dead"
    make_function(functions, "echo", ECHO, DeadLetterConfig={"TargetArn": queue})
    functions.update_function_configuration(FunctionName="echo", DeadLetterConfig={})
    assert functions.get_function_configuration(FunctionName="echo")["DeadLetterConfig"] == {
        "TargetArn": queue}


def test_json_logging_brings_levels_and_text_takes_them_away(functions):
    make_function(functions, "echo", ECHO, LoggingConfig={"LogFormat": "JSON"})
    assert functions.get_function_configuration(FunctionName="echo")["LoggingConfig"] == {
        "LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO",
        "LogGroup": "/aws/lambda/echo"}
    functions.update_function_configuration(FunctionName="echo",
                                            LoggingConfig={"LogFormat": "Text"})
    assert functions.get_function_configuration(FunctionName="echo")["LoggingConfig"] == {
        "LogFormat": "Text", "LogGroup": "/aws/lambda/echo"}


def test_publishing_twice_without_a_change_gives_the_same_version(functions):
    make_function(functions, "echo", ECHO)
    first = functions.publish_version(FunctionName="echo", Description="one")
    assert first["Version"] == "1"
    assert first["FunctionArn"] == ARN + "echo:1"
    assert (first["State"], first["LastUpdateStatus"]) == ("Active", "Successful")
    again = functions.publish_version(FunctionName="echo", Description="two")
    assert (again["Version"], again["Description"], again["RevisionId"]) == (
        "1", "one", first["RevisionId"])
    functions.update_function_code(FunctionName="echo", ZipFile=OTHER)
    functions.get_waiter("function_updated_v2").wait(
        FunctionName="echo", WaiterConfig={"Delay": 0, "MaxAttempts": 50})
    assert functions.publish_version(FunctionName="echo")["Version"] == "2"
    listed = functions.list_versions_by_function(FunctionName="echo")["Versions"]
    assert [v["FunctionArn"] for v in listed] == [
        ARN + "echo:$LATEST", ARN + "echo:1", ARN + "echo:2"]
    assert not any("State" in v or "RuntimeVersionConfig" in v for v in listed)


def test_a_published_version_keeps_its_settings(functions):
    make_function(functions, "echo", ECHO)
    functions.publish_version(FunctionName="echo")
    functions.update_function_configuration(FunctionName="echo", Timeout=9)
    assert functions.get_function_configuration(FunctionName="echo", Qualifier="1")["Timeout"] == 3


def test_an_alias_points_to_a_version_and_may_share_with_another(functions):
    make_function(functions, "echo", ECHO)
    functions.publish_version(FunctionName="echo")
    functions.update_function_configuration(FunctionName="echo", Timeout=9)
    functions.publish_version(FunctionName="echo")
    created = functions.create_alias(FunctionName="echo", Name="live", FunctionVersion="1",
                                     RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}})
    assert created["AliasArn"] == ARN + "echo:live"
    assert created["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.1}}
    updated = functions.update_alias(FunctionName="echo", Name="live",
                                     RoutingConfig={"AdditionalVersionWeights": {}})
    assert "RoutingConfig" not in updated
    found = functions.get_function(FunctionName="echo", Qualifier="live")["Configuration"]
    assert (found["FunctionArn"], found["Version"]) == (ARN + "echo:live", "1")
    assert [a["Name"] for a in functions.list_aliases(FunctionName="echo")["Aliases"]] == ["live"]
    assert refusal(functions.delete_function, FunctionName="echo", Qualifier="1")[0] == (
        "ResourceConflictException")
    functions.delete_alias(FunctionName="echo", Name="live")
    functions.delete_function(FunctionName="echo", Qualifier="1")
    assert refusal(functions.get_function, FunctionName="echo", Qualifier="1")[2] == (
        "Function not found: " + ARN + "echo:1")


def test_permissions_are_statements_in_the_order_of_adding(functions):
    make_function(functions, "echo", ECHO)
    added = functions.add_permission(
        FunctionName="echo", StatementId="s3", Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::bucket",
        SourceAccount="000000000000")
    assert json.loads(added["Statement"]) == {
        "Sid": "s3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction", "Resource": ARN + "echo",
        "Condition": {"StringEquals": {"AWS:SourceAccount": "000000000000"},
                      "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::bucket"}}}
    functions.add_permission(FunctionName="echo", StatementId="all",
                             Action="lambda:InvokeFunction", Principal="*")
    policy = json.loads(functions.get_policy(FunctionName="echo")["Policy"])
    assert policy["Id"] == "default"
    assert [s["Sid"] for s in policy["Statement"]] == ["s3", "all"]
    assert policy["Statement"][1]["Principal"] == "*"
    assert refusal(functions.remove_permission, FunctionName="echo", StatementId="none") == (
        "ResourceNotFoundException", 404, "Statement none is not found in resource policy.")
    for statement in ("s3", "all"):
        functions.remove_permission(FunctionName="echo", StatementId=statement)
    assert refusal(functions.get_policy, FunctionName="echo") == (
        "ResourceNotFoundException", 404, "The resource you requested does not exist.")


def test_a_layer_has_versions_with_policies(functions):
    content = package({"python/shared.py": "VALUE = 1\n"})
    first = functions.publish_layer_version(LayerName="shared", Content={"ZipFile": content},
                                            CompatibleRuntimes=["python3.12"])
    second = functions.publish_layer_version(LayerName="shared", Content={"ZipFile": content})
    assert (first["Version"], second["Version"]) == (1, 2)
    assert second["LayerVersionArn"] == "arn:aws:lambda:us-east-1:000000000000:layer:shared:2"
    listed = functions.list_layers(CompatibleRuntime="python3.12")["Layers"]
    assert [layer["LatestMatchingVersion"]["Version"] for layer in listed] == [1]
    added = functions.add_layer_version_permission(
        LayerName="shared", VersionNumber=1, StatementId="all", Action="lambda:GetLayerVersion",
        Principal="*")
    assert json.loads(added["Statement"])["Resource"] == first["LayerVersionArn"]
    assert refusal(functions.get_layer_version, LayerName="shared", VersionNumber=9) == (
        "ResourceNotFoundException", 404,
        "Layer version arn:aws:lambda:us-east-1:000000000000:layer:shared:9 does not exist.")
    make_function(functions, "echo", ECHO, Layers=[first["LayerVersionArn"]])
    assert functions.get_function_configuration(FunctionName="echo")["Layers"] == [
        {"Arn": first["LayerVersionArn"], "CodeSize": len(content)}]
    assert "are versions of the same layer" in refusal(
        functions.update_function_configuration, FunctionName="echo",
        Layers=[first["LayerVersionArn"], second["LayerVersionArn"]])[2]


def test_event_invoke_configurations_are_put_whole_and_updated_in_parts(functions):
    make_function(functions, "echo", ECHO)
    assert refusal(functions.put_function_event_invoke_config, FunctionName="none") == (
        "InvalidParameterValueException", 400,
        "You must specify at least one of error handling or destination setting.")
    put = functions.put_function_event_invoke_config(FunctionName="echo", MaximumRetryAttempts=1)
    assert put["FunctionArn"] == ARN + "echo:$LATEST"
    assert put["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {}}
    updated = functions.update_function_event_invoke_config(FunctionName="echo",
                                                            MaximumEventAgeInSeconds=90)
    assert (updated["MaximumRetryAttempts"], updated["MaximumEventAgeInSeconds"]) == (1, 90)
    replaced = functions.put_function_event_invoke_config(FunctionName="echo",
                                                          MaximumEventAgeInSeconds=60)
    assert "MaximumRetryAttempts" not in replaced
    assert refusal(functions.put_function_event_invoke_config, FunctionName="echo",
                   DestinationConfig={"OnSuccess": {"Destination": ARN + "echo"}})[2] == (
        "You can't specify the function as a destination for itself.")
    functions.delete_function_event_invoke_config(FunctionName="echo")
    assert refusal(functions.get_function_event_invoke_config, FunctionName="echo") == (
        "ResourceNotFoundException", 404,
        f"The function {ARN}echo:$LATEST doesn't have an EventInvokeConfig")


def test_reserved_concurrency_must_leave_a_hundred(functions):
    make_function(functions, "echo", ECHO)
    assert functions.put_function_concurrency(FunctionName="echo", ReservedConcurrentExecutions=5)[
        "ReservedConcurrentExecutions"] == 5
    assert functions.get_function(FunctionName="echo")["Concurrency"] == {
        "ReservedConcurrentExecutions": 5}
    settings = functions.get_account_settings()
    assert settings["AccountLimit"]["UnreservedConcurrentExecutions"] == 995
    assert settings["AccountUsage"]["FunctionCount"] == 1
    assert refusal(functions.put_function_concurrency, FunctionName="echo",
                   ReservedConcurrentExecutions=901) == (
        "InvalidParameterValueException", 400,
        "Specified ReservedConcurrentExecutions for function decreases account's "
        "UnreservedConcurrentExecution below its minimum value of [100].")
    functions.delete_function_concurrency(FunctionName="echo")
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(
        FunctionName="echo")


def test_a_function_has_one_url(functions):
    make_function(functions, "echo", ECHO)
    created = functions.create_function_url_config(FunctionName="echo", AuthType="NONE",
                                                   Cors={"AllowOrigins": ["*"]})
    assert re.fullmatch(r"https://[0-9a-z]{32}\.lambda-url\.us-east-1\.on\.aws/",
                        created["FunctionUrl"])
    assert "InvokeMode" not in created
    assert refusal(functions.create_function_url_config, FunctionName="echo", AuthType="NONE") == (
        "ResourceConflictException", 409,
        f"Failed to create function url config for [functionArn = {ARN}echo]. Error message:  "
        "FunctionUrlConfig exists for this Lambda function")
    found = functions.get_function_url_config(FunctionName="echo")
    assert (found["InvokeMode"], found["Cors"]) == ("BUFFERED", {"AllowOrigins": ["*"]})
    functions.delete_function_url_config(FunctionName="echo")
    assert refusal(functions.get_function_url_config, FunctionName="echo") == (
        "ResourceNotFoundException", 404, "The resource you requested does not exist.")


def test_functions_are_listed_in_pages(functions):
    for number in range(5):
        make_function(functions, f"f{number}", ECHO)
    pages = functions.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    names = [[f["FunctionName"] for f in page["Functions"]] for page in pages]
    assert names == [["f0", "f1"], ["f2", "f3"], ["f4"]]


def test_tags_belong_to_functions_alone(functions):
    make_function(functions, "echo", ECHO, Tags={"a": "1"})
    functions.publish_version(FunctionName="echo")
    functions.tag_resource(Resource=ARN + "echo", Tags={"b": "2"})
    functions.untag_resource(Resource=ARN + "echo", TagKeys=["a"])
    assert functions.list_tags(Resource=ARN + "echo")["Tags"] == {"b": "2"}
    assert functions.get_function(FunctionName="echo")["Tags"] == {"b": "2"}


def test_code_signing_configurations_are_kept(functions):
    profile = "arn:aws:signer:us-east-1:000000000000:/signing-profiles/profile/abcdefghij"
    config = functions.create_code_signing_config(
        AllowedPublishers={"SigningProfileVersionArns": [profile]})["CodeSigningConfig"]
    assert re.fullmatch(r"csc-[a-z0-9]{17}", config["CodeSigningConfigId"])
    make_function(functions, "echo", ECHO, CodeSigningConfigArn=config["CodeSigningConfigArn"])
    assert functions.list_functions_by_code_signing_config(
        CodeSigningConfigArn=config["CodeSigningConfigArn"])["FunctionArns"] == [ARN + "echo"]
    functions.delete_function_code_signing_config(FunctionName="echo")
    found = functions.get_function_code_signing_config(FunctionName="echo")
    assert "CodeSigningConfigArn" not in found
    functions.delete_code_signing_config(CodeSigningConfigArn=config["CodeSigningConfigArn"])


def test_the_environment_is_kept_encrypted_under_the_functions_key(server, functions):
    kms = aws_clients.client("kms", server.url)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    make_function(functions, "echo", ECHO, KMSKeyArn=key, Environment={"Variables": {"AB": "b"}})
    found = functions.get_function_configuration(FunctionName="echo")
    assert found["Environment"] == {"Variables": {"AB": "b"}}
    assert found["KMSKeyArn"] == key
    functions.update_function_configuration(FunctionName="echo", Timeout=5)
    assert functions.get_function_configuration(FunctionName="echo")["Environment"] == {
        "Variables": {"AB": "b"}}
    kms.disable_key(KeyId=key)
    error = functions.get_function_configuration(FunctionName="echo")["Environment"]["Error"]
    assert error["ErrorCode"]


def test_container_images_are_refused_with_the_reason(functions):
    code, status, message = refusal(
        functions.create_function, FunctionName="image", PackageType="Image", Role=ROLE,
        Code={"ImageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/image:1"})
    assert (code, status) == ("NotImplemented", 501)
    assert "container images" in message
