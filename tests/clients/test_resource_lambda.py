"""AWS::Lambda types in stacks."""

import json

import aws_clients
import functions_kit
import pytest
from botocore.exceptions import ClientError
from polling import eventually
from stack_kit import Stack, attribute, ref

CODE = "def handler(event, context):\n    return NUMBER\n"
TRUST = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": "lambda.amazonaws.com"}}]}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}


@pytest.fixture
def functions(endpoint):
    return aws_clients.client("lambda", endpoint)


def function(answer, **properties):
    """One whose code stands in the template, and that answers with a number."""
    return {"Type": "AWS::Lambda::Function", "Properties": {
        "Runtime": "python3.12", "Handler": "index.handler", "Role": attribute("Role", "Arn"),
        "Code": {"ZipFile": CODE.replace("NUMBER", str(answer))}} | properties}


def answer_of(functions, name):
    return json.loads(functions.invoke(FunctionName=name)["Payload"].read())


def test_a_function_is_made_changed_replaced_and_deleted(endpoint, functions, name):
    stack = Stack(endpoint, name)
    resources = {"Role": ROLE, "Clerk": function(1, Environment={"Variables": {"STAGE": "test"}})}
    outputs = stack.create(resources, {"Name": ref("Clerk"), "Arn": attribute("Clerk", "Arn")})
    first = outputs["Name"]
    assert first.startswith(f"{name}-Clerk-")
    assert outputs["Arn"] == f"arn:aws:lambda:us-east-1:000000000000:function:{first}"
    assert answer_of(functions, first) == 1
    ready = functions.get_function_configuration(FunctionName=first)
    assert (ready["State"], ready["LastUpdateStatus"], ready["MemorySize"], ready["Timeout"]) == (
        "Active", "Successful", 128, 3)
    assert functions.list_tags(Resource=outputs["Arn"])["Tags"][
        "aws:cloudformation:logical-id"] == "Clerk"

    resources["Clerk"] = function(2, MemorySize=256)
    stack.update(resources)
    assert answer_of(functions, first) == 2
    changed = functions.get_function_configuration(FunctionName=first)
    assert changed["MemorySize"] == 256
    assert not changed.get("Environment", {}).get("Variables")

    resources["Clerk"] = function(3, FunctionName=name)
    assert stack.update(resources, {"Name": ref("Clerk")})["Name"] == name
    assert answer_of(functions, name) == 3
    with pytest.raises(ClientError) as raised:
        functions.get_function(FunctionName=first)
    assert aws_clients.code_of(raised) == "ResourceNotFoundException"
    stack.delete()
    with pytest.raises(ClientError) as raised:
        functions.get_function(FunctionName=name)
    assert aws_clients.code_of(raised) == "ResourceNotFoundException"


def test_code_lies_in_buckets_too(endpoint, functions, s3, name):
    s3.create_bucket(Bucket=name)
    for key, number in [("one.zip", 1), ("two.zip", 2)]:
        s3.put_object(Bucket=name, Key=key,
                      Body=functions_kit.package({"index.py": CODE.replace("NUMBER", str(number))}))
    stack = Stack(endpoint, name)

    def from_bucket(key):
        return {"Role": ROLE, "Clerk": function(0, FunctionName=name,
                                                Code={"S3Bucket": name, "S3Key": key})}
    stack.create(from_bucket("one.zip"))
    assert answer_of(functions, name) == 1
    stack.update(from_bucket("two.zip"))
    assert answer_of(functions, name) == 2
    stack.delete()


def test_versions_aliases_and_urls_belong_to_a_function(endpoint, functions, name):
    stack = Stack(endpoint, name)
    resources = {
        "Role": ROLE, "Clerk": function(1),
        "First": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": ref("Clerk")}},
        "Live": {"Type": "AWS::Lambda::Alias", "Properties": {
            "FunctionName": ref("Clerk"), "Name": "live",
            "FunctionVersion": attribute("First", "Version")}},
        "Url": {"Type": "AWS::Lambda::Url", "Properties": {
            "TargetFunctionArn": ref("Clerk"), "AuthType": "NONE"}},
        "Open": {"Type": "AWS::Lambda::Permission", "Properties": {
            "FunctionName": ref("Clerk"), "Action": "lambda:InvokeFunctionUrl", "Principal": "*",
            "FunctionUrlAuthType": "NONE"}},
        "Later": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": {
            "FunctionName": ref("Clerk"), "Qualifier": "$LATEST", "MaximumRetryAttempts": 0}}}
    outputs = stack.create(resources, {
        "Name": ref("Clerk"), "Version": ref("First"), "Alias": ref("Live"),
        "Permission": ref("Open"), "Url": attribute("Url", "FunctionUrl")})
    clerk = outputs["Name"]
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{clerk}"
    assert outputs["Version"] == f"{arn}:1"
    assert outputs["Alias"] == f"{arn}:live"
    policy = json.loads(functions.get_policy(FunctionName=clerk)["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]] == [outputs["Permission"]]
    assert outputs["Url"].startswith("http")
    assert functions.get_function_event_invoke_config(FunctionName=clerk)[
        "MaximumRetryAttempts"] == 0

    # As SAM does it: other code, and a version of another logical id.
    resources["Clerk"] = function(2)
    resources["Second"] = resources.pop("First")
    resources["Live"]["Properties"]["FunctionVersion"] = attribute("Second", "Version")
    stack.update(resources)
    assert answer_of(functions, f"{clerk}:live") == 2
    assert functions.get_alias(FunctionName=clerk, Name="live")["FunctionVersion"] == "2"
    stack.delete()


def test_a_mapping_brings_messages_of_the_stacks_queue(endpoint, functions, name):
    sqs = aws_clients.client("sqs", endpoint)
    stack = Stack(endpoint, name)
    outputs = stack.create({
        "Role": ROLE, "Clerk": function(1), "Queue": {"Type": "AWS::SQS::Queue"},
        "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
            "FunctionName": ref("Clerk"), "EventSourceArn": attribute("Queue", "Arn"),
            "BatchSize": 1}}}, {"Queue": ref("Queue"), "Mapping": ref("Mapping")})
    mapping = functions.get_event_source_mapping(UUID=outputs["Mapping"])
    assert (mapping["State"], mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (
        "Enabled", 1, [])
    sqs.send_message(QueueUrl=outputs["Queue"], MessageBody="a film")

    def is_empty():
        counts = sqs.get_queue_attributes(QueueUrl=outputs["Queue"], AttributeNames=["All"])[
            "Attributes"]
        return (counts["ApproximateNumberOfMessages"],
                counts["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")
    eventually(is_empty, seconds=30)
    stack.delete()
    with pytest.raises(ClientError) as raised:
        functions.get_event_source_mapping(UUID=outputs["Mapping"])
    assert aws_clients.code_of(raised) == "ResourceNotFoundException"


def test_a_mapping_reads_a_stream_as_its_template_says(endpoint, functions, name):
    stack = Stack(endpoint, name)
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"}}}

    def resources(**more):
        return {"Role": ROLE, "Clerk": function(1), "Films": table, "Dead": {
            "Type": "AWS::SQS::Queue"}, "Mapping": {
                "Type": "AWS::Lambda::EventSourceMapping", "Properties": {
                    "FunctionName": ref("Clerk"), "StartingPosition": "TRIM_HORIZON",
                    "EventSourceArn": attribute("Films", "StreamArn"), **more}}}

    told = {"Mapping": ref("Mapping"), "Table": ref("Films"), "Dead": attribute("Dead", "Arn")}
    outputs = stack.create(resources(
        MaximumRetryAttempts=2, BisectBatchOnFunctionError=True, ParallelizationFactor=2,
        DestinationConfig={"OnFailure": {"Destination": attribute("Dead", "Arn")}}), told)

    def mapping():
        return functions.get_event_source_mapping(UUID=outputs["Mapping"])

    made = mapping()
    assert (made["State"], made["BatchSize"], made["StartingPosition"]) == (
        "Enabled", 100, "TRIM_HORIZON")
    assert (made["MaximumRetryAttempts"], made["ParallelizationFactor"]) == (2, 2)
    assert made["DestinationConfig"] == {"OnFailure": {"Destination": outputs["Dead"]}}
    aws_clients.client("dynamodb", endpoint).put_item(
        TableName=outputs["Table"], Item={"id": {"S": "alien"}})
    eventually(lambda: mapping()["LastProcessingResult"] == "OK", seconds=30)

    stack.update(resources(BatchSize=5), told)
    made = mapping()
    assert (made["BatchSize"], made["MaximumRetryAttempts"], made["ParallelizationFactor"],
            made["BisectBatchOnFunctionError"], made["DestinationConfig"]) == (
                5, -1, 1, False, {"OnFailure": {}})
    stack.delete()
    with pytest.raises(ClientError) as raised:
        mapping()
    assert aws_clients.code_of(raised) == "ResourceNotFoundException"


def test_layers_come_by_versions(endpoint, functions, s3, name):
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="layer.zip",
                  Body=functions_kit.package({"python/words.py": "WORD = 5\n"}))
    stack = Stack(endpoint, name)
    body = "import words\n\ndef handler(event, context):\n    return words.WORD\n"
    resources = {
        "Role": ROLE, "Clerk": function(0, Code={"ZipFile": body}, Layers=[ref("Words")]),
        "Words": {"Type": "AWS::Lambda::LayerVersion", "Properties": {
            "Content": {"S3Bucket": name, "S3Key": "layer.zip"}}},
        "All": {"Type": "AWS::Lambda::LayerVersionPermission", "Properties": {
            "LayerVersionArn": ref("Words"), "Action": "lambda:GetLayerVersion",
            "Principal": "*"}}}
    outputs = stack.create(resources, {"Name": ref("Clerk"), "Layer": ref("Words")})
    assert outputs["Layer"].endswith(":1")
    assert answer_of(functions, outputs["Name"]) == 5
    resources["Words"]["Properties"]["Description"] = "another version"
    changed = stack.update(resources, {"Layer": ref("Words")})["Layer"]
    assert changed != outputs["Layer"]
    with pytest.raises(ClientError) as raised:
        functions.get_layer_version_by_arn(Arn=outputs["Layer"])
    assert aws_clients.code_of(raised) == "ResourceNotFoundException"
    stack.delete()


def test_what_a_function_cannot_have_here_is_named(endpoint, name):
    reasons = Stack(endpoint, name).fail_to_create({"Role": ROLE, "Clerk": function(
        1, FileSystemConfigs=[{"Arn": "arn:aws:elasticfilesystem:us-east-1:000000000000:"
                                      "access-point/fsap-12345678901234567",
                               "LocalMountPath": "/mnt/x"}])})
    assert "FileSystemConfigs" in reasons[0]
