"""Cloud Control as boto3 and the aws CLI see it."""

import json

import aws_cli
import aws_clients
import polling
import pytest
from botocore.exceptions import ClientError
from functions_kit import make_function, python_package


@pytest.fixture
def control(endpoint):
    return aws_clients.client("cloudcontrol", endpoint)


def ended(control, event):
    """The last event of a request."""
    token = event["ProgressEvent"]["RequestToken"]

    def status():
        found = control.get_resource_request_status(RequestToken=token)["ProgressEvent"]
        return found if found["OperationStatus"] != "IN_PROGRESS" else None

    return polling.eventually(status)


def properties(control, type_name, identifier):
    found = control.get_resource(TypeName=type_name, Identifier=identifier)
    return json.loads(found["ResourceDescription"]["Properties"])


def test_a_bucket_is_made_read_and_deleted(control, s3, name):
    made = ended(control, control.create_resource(
        TypeName="AWS::S3::Bucket", DesiredState=json.dumps({"BucketName": name})))
    assert made["OperationStatus"] == "SUCCESS", made
    assert made["Identifier"] == name
    s3.head_bucket(Bucket=name)
    bucket = properties(control, "AWS::S3::Bucket", name)
    assert bucket["Arn"] == f"arn:aws:s3:::{name}"
    assert ended(control, control.delete_resource(
        TypeName="AWS::S3::Bucket", Identifier=name))["OperationStatus"] == "SUCCESS"
    with pytest.raises(ClientError) as refused:
        properties(control, "AWS::S3::Bucket", name)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert "(HandlerErrorCode: NotFound, RequestToken: " in str(refused.value)


def test_a_queue_is_changed_by_a_patch(control, sqs, name):
    made = ended(control, control.create_resource(
        TypeName="AWS::SQS::Queue",
        DesiredState=json.dumps({"QueueName": name, "DelaySeconds": 5})))
    url = made["Identifier"]
    changed = ended(control, control.update_resource(
        TypeName="AWS::SQS::Queue", Identifier=url,
        PatchDocument=json.dumps([{"op": "replace", "path": "/DelaySeconds", "value": 7}])))
    assert changed["OperationStatus"] == "SUCCESS", changed
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["DelaySeconds"] == "7"
    with pytest.raises(ClientError) as refused:
        control.update_resource(
            TypeName="AWS::SQS::Queue", Identifier=url,
            PatchDocument=json.dumps([{"op": "add", "path": "/QueueName", "value": "other"}]))
    assert refused.value.response["Error"]["Code"] == "NotUpdatableException"
    listed = control.get_paginator("list_resources").paginate(TypeName="AWS::SQS::Queue")
    assert url in [each["Identifier"] for page in listed for each in page["ResourceDescriptions"]]


def test_the_command_waits_for_what_it_has_asked_for(endpoint, sqs, name, tmp_path):
    run = aws_cli.Cli(endpoint, tmp_path)
    event = run("cloudcontrol", "create-resource", "--type-name", "AWS::SQS::Queue",
                "--desired-state", json.dumps({"QueueName": name}))
    run("cloudcontrol", "wait", "resource-request-success", "--request-token",
        event["ProgressEvent"]["RequestToken"])
    assert sqs.get_queue_url(QueueName=name)["QueueUrl"]


def test_types_that_there_are_not_are_refused_by_every_operation(control):
    for call in (
        lambda: control.create_resource(TypeName="AWS::No::Thing", DesiredState="{}"),
        lambda: control.get_resource(TypeName="AWS::No::Thing", Identifier="a"),
        lambda: control.delete_resource(TypeName="AWS::No::Thing", Identifier="a"),
        lambda: control.list_resources(TypeName="AWS::No::Thing"),
        lambda: control.update_resource(TypeName="AWS::No::Thing", Identifier="a",
                                        PatchDocument="[]"),
    ):
        with pytest.raises(ClientError) as refused:
            call()
        error = refused.value.response["Error"]
        assert error["Code"] == "TypeNotFoundException"
        assert error["Message"] == "The type 'AWS::No::Thing' cannot be found."


def test_what_others_have_made_is_found_by_its_identifier(endpoint, control, name):
    """Also types that several properties identify."""
    iam = aws_clients.client("iam", endpoint)
    functions = aws_clients.client("lambda", endpoint)
    document = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    policy = properties(control, "AWS::IAM::UserPolicy", f"p|{name}")
    assert policy["PolicyDocument"] == json.loads(document)
    listed = control.list_resources(TypeName="AWS::IAM::UserPolicy",
                                    ResourceModel=json.dumps({"UserName": name}))
    assert [each["Identifier"] for each in listed["ResourceDescriptions"]] == [f"p|{name}"]

    make_function(functions, name, python_package("return event"))
    functions.add_permission(FunctionName=name, StatementId="s", Principal="s3.amazonaws.com",
                             Action="lambda:InvokeFunction")
    permission = properties(control, "AWS::Lambda::Permission", f"{name}|s")
    assert permission["Principal"] == "s3.amazonaws.com"
    functions.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    config = properties(control, "AWS::Lambda::EventInvokeConfig", f"{name}|$LATEST")
    assert config["MaximumRetryAttempts"] == 1
    deleted = ended(control, control.delete_resource(
        TypeName="AWS::Lambda::Permission", Identifier=f"{name}|s"))
    assert deleted["OperationStatus"] == "SUCCESS", deleted
    with pytest.raises(ClientError, match="NotFound"):
        properties(control, "AWS::Lambda::Permission", f"{name}|s")
