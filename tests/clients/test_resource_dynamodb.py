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


def test_limits_and_warm_throughput_are_told_as_they_were_set(endpoint, dynamodb, name):
    """The drift of a stack would name what is not told."""
    warm = {"ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 5000}
    index = {"IndexName": "by-q", "KeySchema": [{"AttributeName": "q", "KeyType": "HASH"}],
             "Projection": {"ProjectionType": "ALL"}, "WarmThroughput": warm}
    both = {"AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in "pq"],
            "WarmThroughput": warm}
    writes = {"WriteOnDemandThroughputSettings": {"MaxWriteRequestUnits": 40}}
    reads = {"ReadOnDemandThroughputSettings": {"MaxReadRequestUnits": 50}}
    everywhere = {"Type": "AWS::DynamoDB::GlobalTable", "Properties": table(
        **both, **writes, **reads, Replicas=[{"Region": "us-east-1"}],
        GlobalSecondaryIndexes=[index | writes | reads])["Properties"]}
    stack = Stack(endpoint, name)
    outputs = stack.create({
        "Films": table(**both, GlobalSecondaryIndexes=[index]), "Everywhere": everywhere},
        {"Everywhere": ref("Everywhere")})
    told = dynamodb.describe_table(TableName=outputs["Everywhere"])["Table"]
    limits = {"MaxReadRequestUnits": 50, "MaxWriteRequestUnits": 40}
    assert told["OnDemandThroughput"] == limits
    assert told["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == limits
    assert told["WarmThroughput"] == warm | {"Status": "ACTIVE"}
    stack.delete()


def test_a_table_is_made_of_objects_and_has_all_else_when_they_are_in_it(
        endpoint, dynamodb, s3, bucket, name):
    s3.put_object(Bucket=bucket, Key="in/1.csv", Body=b"p;q\nRan;drama\nIkiru;drama\n")
    source = {"InputFormat": "CSV", "InputFormatOptions": {"Csv": {"Delimiter": ";"}},
              "S3BucketSource": {"S3Bucket": bucket, "S3KeyPrefix": "in/"}}
    imported = table(
        ImportSourceSpecification=source, DeletionProtectionEnabled=False,
        TableClass="STANDARD_INFREQUENT_ACCESS", Tags=[{"Key": "team", "Value": "films"}],
        StreamSpecification={"StreamViewType": "NEW_IMAGE"},
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in "pq"],
        GlobalSecondaryIndexes=[{
            "IndexName": "by-q", "KeySchema": [{"AttributeName": "q", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
            "ContributorInsightsSpecification": {"Enabled": True}}])
    stack = Stack(endpoint, name)
    films = stack.create({"Films": imported}, {"Name": ref("Films")})["Name"]
    found = dynamodb.query(TableName=films, IndexName="by-q", KeyConditionExpression="q = :q",
                           ExpressionAttributeValues={":q": {"S": "drama"}})
    assert {item["p"]["S"] for item in found["Items"]} == {"Ran", "Ikiru"}
    told = dynamodb.describe_table(TableName=films)["Table"]
    assert told["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert told["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    assert dynamodb.list_tags_of_resource(ResourceArn=told["TableArn"])["Tags"] == [
        {"Key": "team", "Value": "films"}]
    assert dynamodb.describe_contributor_insights(TableName=films, IndexName="by-q")[
        "ContributorInsightsStatus"] == "ENABLED"
    stack.delete()

    source["S3BucketSource"]["S3KeyPrefix"] = "nothing/"
    reasons = Stack(endpoint, f"{name}-none").fail_to_create({"Films": imported})
    assert "S3NoSuchKey" in reasons[0]
    assert not [left for left in dynamodb.list_tables()["TableNames"] if left.startswith(name)]


def test_what_a_table_cannot_have_here_is_named(endpoint, name):
    reasons = Stack(endpoint, name).fail_to_create({"Films": table(
        KinesisStreamSpecification={
            "StreamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"})})
    assert "KinesisStreamSpecification" in reasons[0]
    assert "HandlerErrorCode: InvalidRequest" in reasons[0]


def test_policies_and_insights_of_a_table_follow_the_template(endpoint, dynamodb, name):
    def policy(action):
        return {"PolicyDocument": {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": action,
            "Resource": "*"}]}}

    def insights(index=None):
        told = dynamodb.describe_contributor_insights(
            TableName=table_name, **({"IndexName": index} if index else {}))
        return told["ContributorInsightsStatus"], told.get("ContributorInsightsMode")

    index = {"IndexName": "places", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
        {"AttributeName": "country", "KeyType": "HASH"},
        {"AttributeName": "city", "KeyType": "HASH"},
        {"AttributeName": "street", "KeyType": "RANGE"},
        {"AttributeName": "p", "KeyType": "RANGE"}]}
    attributes = [{"AttributeName": key, "AttributeType": "S"}
                  for key in ("p", "country", "city", "street")]
    watched = {"ContributorInsightsSpecification": {"Enabled": True}}
    stack = Stack(endpoint, name)
    resources = {"Films": table(ResourcePolicy=policy("dynamodb:GetItem"), **watched)}
    outputs = stack.create(resources, {"Name": ref("Films"), "Arn": attribute("Films", "Arn")})
    table_name = outputs["Name"]
    assert "dynamodb:GetItem" in dynamodb.get_resource_policy(
        ResourceArn=outputs["Arn"])["Policy"]
    assert insights() == ("ENABLED", "ACCESSED_AND_THROTTLED_KEYS")

    resources["Films"] = table(
        ResourcePolicy=policy("dynamodb:Query"), AttributeDefinitions=attributes,
        GlobalSecondaryIndexes=[index | {"ContributorInsightsSpecification": {
            "Enabled": True, "Mode": "THROTTLED_KEYS"}}])
    stack.update(resources)
    assert "dynamodb:Query" in dynamodb.get_resource_policy(ResourceArn=outputs["Arn"])["Policy"]
    assert insights()[0] == "DISABLED"
    assert insights("places") == ("ENABLED", "THROTTLED_KEYS")
    described = dynamodb.describe_table(TableName=table_name)["Table"]
    assert described["GlobalSecondaryIndexes"][0]["KeySchema"] == index["KeySchema"]

    resources["Films"] = table()
    stack.update(resources)
    with pytest.raises(ClientError) as raised:
        dynamodb.get_resource_policy(ResourceArn=outputs["Arn"])
    assert aws_clients.code_of(raised) == "PolicyNotFoundException"
    assert "GlobalSecondaryIndexes" not in dynamodb.describe_table(TableName=table_name)["Table"]
    stack.delete()


def test_a_replica_has_the_policy_and_the_insights(endpoint, dynamodb, name):
    stack = Stack(endpoint, name)
    replica = {"Region": "us-east-1", "ContributorInsightsSpecification": {"Enabled": True},
               "ResourcePolicy": {"PolicyDocument": {"Version": "2012-10-17", "Statement": [{
                   "Effect": "Allow", "Principal": {"AWS": "111122223333"},
                   "Action": "dynamodb:GetItem", "Resource": "*"}]}}}
    resource = table(Replicas=[replica]) | {"Type": "AWS::DynamoDB::GlobalTable"}
    outputs = stack.create({"Films": resource}, {
        "Name": ref("Films"), "Arn": attribute("Films", "Arn")})
    assert "111122223333" in dynamodb.get_resource_policy(ResourceArn=outputs["Arn"])["Policy"]
    assert dynamodb.describe_contributor_insights(TableName=outputs["Name"])[
        "ContributorInsightsStatus"] == "ENABLED"
    stack.delete()


def test_the_policy_of_a_stream_that_somebody_else_changes_has_drifted(endpoint, dynamodb, name):
    def stream(action, view="NEW_IMAGE"):
        return {"StreamViewType": view, "ResourcePolicy": {"PolicyDocument": {
            "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": action,
                "Resource": "*"}]}}}

    def everywhere(policy):
        return {"Type": "AWS::DynamoDB::GlobalTable", "Properties": table(
            StreamSpecification={"StreamViewType": "NEW_IMAGE"},
            Replicas=[{"Region": "us-east-1", "ReplicaStreamSpecification": {
                "ResourcePolicy": policy}}])["Properties"]}

    def policy_of(arn):
        return dynamodb.get_resource_policy(ResourceArn=arn)["Policy"]

    stack = Stack(endpoint, name)
    given = stream("dynamodb:GetRecords")
    resources = {"Films": table(StreamSpecification=given),
                 "Everywhere": everywhere(given["ResourcePolicy"])}
    streams = {each: attribute(each, "StreamArn") for each in resources}
    first = stack.create(resources, streams)
    for arn in first.values():
        assert "dynamodb:GetRecords" in policy_of(arn)

    resources["Films"] = table(StreamSpecification=stream("dynamodb:GetRecords", "KEYS_ONLY"))
    second = stack.update(resources, streams)
    assert second["Films"] != first["Films"] and second["Everywhere"] == first["Everywhere"]
    assert "dynamodb:GetRecords" in policy_of(second["Films"])

    dynamodb.delete_resource_policy(ResourceArn=second["Films"])
    (type_name, status, differences), = stack.drifts()
    assert (type_name, status) == ("AWS::DynamoDB::Table", "MODIFIED")
    assert [each["PropertyPath"] for each in differences] == [
        "/StreamSpecification/ResourcePolicy"]
    stack.delete()
