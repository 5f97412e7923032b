"""DynamoDB tables: creating, describing, listing and deleting them."""

import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError
from polling import eventually

HASH_ONLY = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}


def test_a_created_table_becomes_active_and_is_described(dynamodb, name):
    created = dynamodb.create_table(TableName=name, **HASH_ONLY)["TableDescription"]
    assert created["TableStatus"] in ("CREATING", "ACTIVE")
    described = eventually(
        lambda: next((table for table in [dynamodb.describe_table(TableName=name)["Table"]]
                      if table["TableStatus"] == "ACTIVE"), None))
    assert described["TableName"] == name
    assert described["KeySchema"] == HASH_ONLY["KeySchema"]
    assert described["AttributeDefinitions"] == HASH_ONLY["AttributeDefinitions"]
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert described["TableArn"].startswith("arn:aws:dynamodb:us-east-1:")
    assert described["TableArn"].endswith(f":table/{name}")
    assert described["CreationDateTime"].year >= 2024
    assert described["ItemCount"] == 0


def test_a_table_with_provisioned_throughput_says_so(dynamodb, name):
    dynamodb.create_table(
        TableName=name, AttributeDefinitions=HASH_ONLY["AttributeDefinitions"],
        KeySchema=HASH_ONLY["KeySchema"],
        ProvisionedThroughput={"ReadCapacityUnits": 3, "WriteCapacityUnits": 4})
    throughput = dynamodb.describe_table(TableName=name)["Table"]["ProvisionedThroughput"]
    assert (throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]) == (3, 4)


def test_a_table_cannot_be_created_twice(dynamodb, table):
    with pytest.raises(ClientError) as raised:
        dynamodb.create_table(TableName=table, **HASH_ONLY)
    assert error_of(raised) == ("ResourceInUseException", 400)
    assert f"Table already exists: {table}" in str(raised.value)


def test_a_missing_table_is_reported_by_name(dynamodb):
    with pytest.raises(ClientError) as raised:
        dynamodb.describe_table(TableName="no-such-table")
    assert error_of(raised) == ("ResourceNotFoundException", 400)
    message = raised.value.response["Error"]["Message"]
    assert message == "Requested resource not found: Table: no-such-table not found"
    with pytest.raises(ClientError) as raised:
        dynamodb.delete_table(TableName="no-such-table")
    assert error_of(raised) == ("ResourceNotFoundException", 400)
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(TableName="no-such-table", Item={"id": {"S": "a"}})
    assert error_of(raised) == ("ResourceNotFoundException", 400)


def test_a_deleted_table_is_gone_with_its_items(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={"id": {"S": "a"}})
    description = dynamodb.delete_table(TableName=table)["TableDescription"]
    assert description["TableStatus"] == "DELETING"
    dynamodb.get_waiter("table_not_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
    assert table not in dynamodb.list_tables()["TableNames"]
    dynamodb.create_table(TableName=table, **HASH_ONLY)
    dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
    assert dynamodb.scan(TableName=table)["Items"] == []


def test_tables_are_listed_in_pages(dynamodb, name):
    names = [f"{name}-{i}" for i in range(3)]
    for table_name in names:
        dynamodb.create_table(TableName=table_name, **HASH_ONLY)
    first = dynamodb.list_tables(Limit=1)
    assert len(first["TableNames"]) == 1
    assert first["LastEvaluatedTableName"] == first["TableNames"][0]
    listed = [table_name for page in dynamodb.get_paginator("list_tables").paginate(
        PaginationConfig={"PageSize": 2}) for table_name in page["TableNames"]]
    assert listed == sorted(listed)
    assert set(names) <= set(listed)
    after = dynamodb.list_tables(ExclusiveStartTableName=names[0], Limit=2)
    assert after["TableNames"] == names[1:]


@pytest.mark.parametrize("change", [
    {"TableName": "ab"}, {"TableName": "no spaces"}, {"AttributeDefinitions": []},
    {"KeySchema": [{"AttributeName": "other", "KeyType": "HASH"}]},
    {"KeySchema": [{"AttributeName": "id", "KeyType": "RANGE"}]},
    {"BillingMode": "PER_BYTE"},
    {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "BOOL"}]}],
    ids=["short-name", "bad-name", "no-definitions", "undefined-key", "no-hash-key",
         "bad-billing-mode", "bad-key-type"])
def test_a_table_that_makes_no_sense_is_refused(dynamodb, name, change):
    with pytest.raises(ClientError) as raised:
        dynamodb.create_table(**{"TableName": name, **HASH_ONLY, **change})
    assert error_of(raised) == ("ValidationException", 400)


def test_a_table_with_indexes_describes_them(dynamodb, name):
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"},
                              {"AttributeName": "at", "AttributeType": "N"},
                              {"AttributeName": "year", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"},
                   {"AttributeName": "at", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[{
            "IndexName": "by-year", "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [{"AttributeName": "year", "KeyType": "HASH"}]}],
        LocalSecondaryIndexes=[{
            "IndexName": "in-year", "Projection": {"ProjectionType": "KEYS_ONLY"},
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"},
                          {"AttributeName": "year", "KeyType": "RANGE"}]}])
    described = dynamodb.describe_table(TableName=name)["Table"]
    [by_year] = described["GlobalSecondaryIndexes"]
    [in_year] = described["LocalSecondaryIndexes"]
    assert by_year["IndexName"] == "by-year" and in_year["IndexName"] == "in-year"
    assert in_year["Projection"]["ProjectionType"] == "KEYS_ONLY"


def test_a_table_changes_in_one_way_at_a_time(dynamodb, name):
    dynamodb.create_table(TableName=name, **HASH_ONLY)
    limits = {"MaxReadRequestUnits": 9, "MaxWriteRequestUnits": 8}
    dynamodb.update_table(TableName=name, OnDemandThroughput=limits)
    dynamodb.update_table(TableName=name, OnDemandThroughput={"MaxWriteRequestUnits": -1})
    described = dynamodb.describe_table(TableName=name)["Table"]
    assert described["OnDemandThroughput"] == {"MaxReadRequestUnits": 9}
    with pytest.raises(ClientError, match="TableClass modification must be the only operation"):
        dynamodb.update_table(TableName=name, TableClass="STANDARD_INFREQUENT_ACCESS",
                              DeletionProtectionEnabled=True)
    dynamodb.update_table(
        TableName=name, BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 3, "WriteCapacityUnits": 2})
    described = dynamodb.describe_table(TableName=name)["Table"]
    assert described["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert described["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"]
    assert "OnDemandThroughput" not in described
    with pytest.raises(ClientError, match="OnDemandThroughput cannot be specified when the table"):
        dynamodb.update_table(TableName=name, OnDemandThroughput=limits)
    dynamodb.update_table(
        TableName=name, ProvisionedThroughput={"ReadCapacityUnits": 2, "WriteCapacityUnits": 2})
    throughput = dynamodb.describe_table(TableName=name)["Table"]["ProvisionedThroughput"]
    assert throughput["NumberOfDecreasesToday"] == 1 and throughput["LastDecreaseDateTime"]


def test_a_global_index_is_added_filled_used_and_removed(dynamodb, name):
    dynamodb.create_table(TableName=name, **HASH_ONLY)
    for number in range(120):
        dynamodb.put_item(TableName=name, Item={"id": {"S": f"film-{number}"},
                                                "year": {"N": str(1970 + number % 3)}})
    dynamodb.update_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"},
                              {"AttributeName": "year", "AttributeType": "N"}],
        GlobalSecondaryIndexUpdates=[{"Create": {
            "IndexName": "by-year", "Projection": {"ProjectionType": "KEYS_ONLY"},
            "KeySchema": [{"AttributeName": "year", "KeyType": "HASH"}]}}])

    def index():
        [told] = dynamodb.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"]
        return told if told["IndexStatus"] == "ACTIVE" else None

    assert "Backfilling" not in eventually(index)
    found = dynamodb.query(TableName=name, IndexName="by-year", KeyConditionExpression="#y = :y",
                           ExpressionAttributeNames={"#y": "year"},
                           ExpressionAttributeValues={":y": {"N": "1971"}})
    assert found["Count"] == 40

    dynamodb.update_table(TableName=name, GlobalSecondaryIndexUpdates=[
        {"Delete": {"IndexName": "by-year"}}])
    told = dynamodb.describe_table(TableName=name)["Table"]
    assert "GlobalSecondaryIndexes" not in told
    assert [each["AttributeName"] for each in told["AttributeDefinitions"]] == ["id"]
    with pytest.raises(ClientError) as refused:
        dynamodb.query(TableName=name, IndexName="by-year", KeyConditionExpression="#y = :y",
                       ExpressionAttributeNames={"#y": "year"},
                       ExpressionAttributeValues={":y": {"N": "1971"}})
    assert error_of(refused)[0] == "ValidationException"
