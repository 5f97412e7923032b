"""AWS::DynamoDB types in stacks."""

import aws_clients
import pytest
from botocore.exceptions import ClientError
from stack_kit import Stack, attribute, ref


def table(**properties):
    return {"Type": "AWS::DynamoDB::Table", "Properties": {
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST"} | properties}


def test_a_table_is_made_changed_replaced_and_deleted(endpoint, dynamodb, name):
    stack = Stack(endpoint, name)
    resources = {"Films": table(Tags=[{"Key": "team", "Value": "films"}], TimeToLiveSpecification={
        "AttributeName": "until", "Enabled": True})}
    outputs = stack.create(resources, {"Name": ref("Films"), "Arn": attribute("Films", "Arn")})
    first = outputs["Name"]
    assert first.startswith(f"{name}-Films-")
    described = dynamodb.describe_table(TableName=first)["Table"]
    assert described["TableStatus"] == "ACTIVE"
    assert described["TableArn"] == outputs["Arn"]
    # AWS's own tags of a stack are not on tables.
    assert dynamodb.list_tags_of_resource(ResourceArn=outputs["Arn"])["Tags"] == [
        {"Key": "team", "Value": "films"}]

    resources["Films"] = table(Tags=[{"Key": "team", "Value": "books"}])
    stack.update(resources)
    assert dynamodb.list_tags_of_resource(ResourceArn=outputs["Arn"])["Tags"] == [
        {"Key": "team", "Value": "books"}]
    assert dynamodb.describe_time_to_live(TableName=first)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "DISABLED"}

    resources["Films"]["Properties"] |= {
        "AttributeDefinitions": [{"AttributeName": "q", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "q", "KeyType": "HASH"}]}
    second = stack.update(resources, {"Name": ref("Films")})["Name"]
    assert second != first
    with pytest.raises(ClientError) as raised:
        dynamodb.describe_table(TableName=first)
    assert aws_clients.code_of(raised) == "ResourceNotFoundException"
    stack.delete()
    with pytest.raises(ClientError) as raised:
        dynamodb.describe_table(TableName=second)
    assert aws_clients.code_of(raised) == "ResourceNotFoundException"


def test_a_global_table_is_a_table_of_its_region(endpoint, dynamodb, name):
    stack = Stack(endpoint, name)
    resource = table(Replicas=[{"Region": "us-east-1"}]) | {"Type": "AWS::DynamoDB::GlobalTable"}
    outputs = stack.create({"Films": resource}, {
        "Name": ref("Films"), "Id": attribute("Films", "TableId")})
    described = dynamodb.describe_table(TableName=outputs["Name"])["Table"]
    assert described["TableId"] == outputs["Id"]
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    stack.delete()


def test_what_a_table_cannot_have_here_is_named(endpoint, name):
    reasons = Stack(endpoint, name).fail_to_create({"Films": table(
        KinesisStreamSpecification={
            "StreamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"})})
    assert "KinesisStreamSpecification" in reasons[0]
    assert "HandlerErrorCode: InvalidRequest" in reasons[0]
