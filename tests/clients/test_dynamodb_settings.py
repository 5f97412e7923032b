"""Policies of tables, contributor insights and Kinesis destinations: boto3 on running servers."""

import json

import aws_clients
import matinee_server
import pytest
from botocore.exceptions import ClientError
from enforced_cloud import ACCOUNT, OTHER, Cloud, allow, document, is_denied, keys


def arn_of(dynamodb, name):
    return dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}])["TableDescription"]["TableArn"]


def readable_by(principal, arn):
    return document({"Effect": "Allow", "Principal": {"AWS": principal},
                     "Action": "dynamodb:GetItem", "Resource": arn})


def test_a_policy_is_put_read_and_removed(dynamodb, name):
    arn = arn_of(dynamodb, name)
    policy = readable_by("111122223333", arn)
    put = dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy)
    got = dynamodb.get_resource_policy(ResourceArn=arn)
    assert json.loads(got["Policy"]) == json.loads(policy)
    assert got["RevisionId"] == put["RevisionId"]
    with pytest.raises(ClientError) as raised:
        dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy, ExpectedRevisionId="1")
    assert aws_clients.error_of(raised) == ("PolicyNotFoundException", 400)
    gone = dynamodb.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId=got["RevisionId"])
    assert gone["RevisionId"] == got["RevisionId"]
    with pytest.raises(ClientError) as raised:
        dynamodb.get_resource_policy(ResourceArn=arn)
    assert aws_clients.error_of(raised) == ("PolicyNotFoundException", 400)


def test_a_policy_lets_a_user_in_and_keeps_another_out(tmp_path, name):
    with matinee_server.Server(tmp_path / "data", ["--iam", "enforce"]) as server:
        cloud = Cloud(server)
        tables = cloud.client("dynamodb")
        arn = arn_of(tables, name)
        reader, writer = cloud.user("reader"), cloud.user("writer", allow("dynamodb:*"))

        def get(who):
            return lambda: cloud.client("dynamodb", who).get_item(
                TableName=name, Key={"p": {"S": "a"}})

        assert is_denied(get(reader))
        tables.put_resource_policy(ResourceArn=arn, Policy=readable_by(
            f"arn:aws:iam::{ACCOUNT}:user/reader", arn))
        get(reader)()
        assert is_denied(lambda: cloud.client("dynamodb", reader).put_item(
            TableName=name, Item={"p": {"S": "a"}}))
        get(writer)()
        tables.put_resource_policy(ResourceArn=arn, Policy=document({
            "Effect": "Deny", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": arn}))
        assert is_denied(get(writer))
        # Whoever shuts everybody out can still be let in again.
        tables.put_resource_policy(ResourceArn=arn, Policy=document({
            "Effect": "Deny", "Principal": "*", "Action": "dynamodb:*", "Resource": arn}))
        assert is_denied(get(keys(ACCOUNT)))
        tables.delete_resource_policy(ResourceArn=arn)
        get(writer)()


def stream_of(dynamodb, name):
    return dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )["TableDescription"]["LatestStreamArn"]


def stream_readers(principal, arn, effect="Allow"):
    return document({"Effect": effect, "Principal": {"AWS": principal}, "Resource": arn, "Action": [
        "dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"]})


def test_a_stream_has_a_policy_of_its_own(tmp_path, name):
    with matinee_server.Server(tmp_path / "data", ["--iam", "enforce"]) as server:
        cloud = Cloud(server)
        tables = cloud.client("dynamodb")
        arn = stream_of(tables, name)
        tables.put_item(TableName=name, Item={"p": {"S": "alien"}})
        reader = cloud.user("reader")
        other = cloud.user("other", allow("dynamodb:*"), account=OTHER)

        def read(who):
            streams = cloud.client("dynamodbstreams", who)
            [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
            place = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"],
                                               ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            [record] = streams.get_records(ShardIterator=place)["Records"]
            return record["dynamodb"]["Keys"]

        assert is_denied(lambda: read(reader)) and is_denied(lambda: read(other))
        put = tables.put_resource_policy(ResourceArn=arn, Policy=stream_readers(
            [f"arn:aws:iam::{ACCOUNT}:user/reader", OTHER], arn))
        assert read(reader) == read(other) == {"p": {"S": "alien"}}
        server.kill()
        server.start()
        assert tables.get_resource_policy(ResourceArn=arn)["RevisionId"] == put["RevisionId"]
        tables.put_item(TableName=name, Item={"p": {"S": "alien"}, "year": {"N": "1979"}})
        assert tables.get_resource_policy(ResourceArn=arn)["RevisionId"] == put["RevisionId"]
        tables.put_resource_policy(ResourceArn=arn, Policy=stream_readers("*", arn, "Deny"))
        assert is_denied(lambda: read(keys(ACCOUNT)))
        tables.delete_resource_policy(ResourceArn=arn)
        assert is_denied(lambda: read(other))
        # The table itself has none.
        with pytest.raises(ClientError) as raised:
            tables.get_resource_policy(ResourceArn=arn[:arn.index("/stream/")])
        assert aws_clients.error_of(raised) == ("PolicyNotFoundException", 400)


def test_other_accounts_read_a_stream_by_its_policy_alone(endpoint, dynamodb, name):
    arn = stream_of(dynamodb, name)
    other = aws_clients.client("dynamodbstreams", endpoint, credentials=keys(OTHER))
    with pytest.raises(ClientError) as raised:
        other.describe_stream(StreamArn=arn)
    assert aws_clients.error_of(raised) == ("AccessDeniedException", 400)
    assert "no resource-based policy allows" in str(raised.value)
    dynamodb.put_resource_policy(ResourceArn=arn, Policy=stream_readers(OTHER, arn))
    assert other.describe_stream(StreamArn=arn)["StreamDescription"]["TableName"] == name
    gone = arn[:-1]
    with pytest.raises(ClientError) as raised:
        dynamodb.put_resource_policy(ResourceArn=gone, Policy=stream_readers(OTHER, gone))
    assert aws_clients.error_of(raised) == ("ResourceNotFoundException", 400)


def test_insights_are_kept(dynamodb, name):
    arn_of(dynamodb, name)
    assert dynamodb.describe_contributor_insights(TableName=name)[
        "ContributorInsightsStatus"] == "DISABLED"
    dynamodb.update_contributor_insights(TableName=name, ContributorInsightsAction="ENABLE",
                                         ContributorInsightsMode="THROTTLED_KEYS")
    told = dynamodb.describe_contributor_insights(TableName=name)
    assert told["ContributorInsightsStatus"] == "ENABLED"
    assert told["ContributorInsightsMode"] == "THROTTLED_KEYS"
    assert dynamodb.list_contributor_insights(TableName=name)["ContributorInsightsSummaries"] == [
        {"TableName": name, "ContributorInsightsStatus": "ENABLED",
         "ContributorInsightsMode": "THROTTLED_KEYS"}]


def test_a_table_sends_nothing_to_kinesis(dynamodb, name):
    arn_of(dynamodb, name)
    assert dynamodb.describe_kinesis_streaming_destination(TableName=name)[
        "KinesisDataStreamDestinations"] == []
    with pytest.raises(ClientError) as raised:
        dynamodb.enable_kinesis_streaming_destination(
            TableName=name, StreamArn="arn:aws:kinesis:us-east-1:000000000000:stream/changes")
    assert aws_clients.error_of(raised) == ("ResourceNotFoundException", 400)
    assert "does not serve Kinesis" in raised.value.response["Error"]["Message"]
