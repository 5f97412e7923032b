"""DynamoDB's answers where applications, tools and their tests rely on exactly what AWS says."""

import uuid

import aws_clients
import pytest
from aws_clients import code_of, error_of
from botocore.exceptions import ClientError

KEY = {"id": {"S": "a"}}
ONE = "1 validation error detected: "
MISMATCH = "The provided key element does not match the schema"
EMPTY = ("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")


@pytest.fixture(scope="session")
def anything(endpoint):
    """A client that sends whatever it is given."""
    return aws_clients.client("dynamodb", endpoint, parameter_validation=False)


@pytest.fixture
def local_table(dynamodb, name):
    """A table with the keys `id` and `at`, and a local index on the number `rank`."""
    local = name + "-local"
    dynamodb.create_table(
        TableName=local, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "N" if
                               attribute == "rank" else "S"} for attribute in ("id", "at", "rank")],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"},
                   {"AttributeName": "at", "KeyType": "RANGE"}],
        LocalSecondaryIndexes=[{
            "IndexName": "lix", "Projection": {"ProjectionType": "KEYS_ONLY"},
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"},
                          {"AttributeName": "rank", "KeyType": "RANGE"}]}])
    return local


def refusal(call, **request):
    """The message of the ValidationException that a call ends with."""
    with pytest.raises(ClientError) as raised:
        call(**request)
    assert error_of(raised) == ("ValidationException", 400)
    return raised.value.response["Error"]["Message"]


def create_arguments(name, **more):
    return {"TableName": name, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], **more}


@pytest.mark.parametrize("removal", [
    {"UpdateExpression": "REMOVE a"}, {"UpdateExpression": "REMOVE x.y, z[0]"},
    {"UpdateExpression": "DELETE s :s", "ExpressionAttributeValues": {":s": {"SS": ["a"]}}},
    {"AttributeUpdates": {"a": {"Action": "DELETE"}}}],
    ids=["remove", "paths", "delete", "older"])
def test_an_update_that_only_takes_away_makes_no_item(dynamodb, table, removal):
    answer = dynamodb.update_item(TableName=table, Key=KEY, ReturnValues="ALL_NEW", **removal)
    assert "Attributes" not in answer
    assert "Item" not in dynamodb.get_item(TableName=table, Key=KEY)


def test_an_update_without_any_action_makes_an_item_of_its_key(dynamodb, table):
    dynamodb.update_item(TableName=table, Key=KEY, AttributeUpdates={})
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"] == KEY


@pytest.mark.parametrize("bad_key", [{"id": {"N": "1"}}, {"id": {"L": []}}, {}],
                         ids=["number", "list", "none"])
def test_a_key_that_does_not_fit_cancels_a_transaction(anything, table, bad_key):
    for part in ({"Update": {"TableName": table, "Key": bad_key, "UpdateExpression": "REMOVE a"}},
                 {"Delete": {"TableName": table, "Key": bad_key}},
                 {"ConditionCheck": {"TableName": table, "Key": bad_key,
                                     "ConditionExpression": "attribute_exists(id)"}}):
        with pytest.raises(ClientError) as raised:
            anything.transact_write_items(TransactItems=[
                {"Put": {"TableName": table, "Item": {"id": {"S": "other"}}}}, part])
        assert error_of(raised) == ("TransactionCanceledException", 400)
        assert raised.value.response["CancellationReasons"] == [
            {"Code": "None"}, {"Code": "ValidationError", "Message": MISMATCH}]
        assert raised.value.response["Error"]["Message"].endswith("[None, ValidationError]")
    with pytest.raises(ClientError) as raised:
        anything.transact_get_items(TransactItems=[{"Get": {"TableName": table, "Key": bad_key}}])
    assert raised.value.response["CancellationReasons"] == [
        {"Code": "ValidationError", "Message": MISMATCH}]


def test_an_empty_key_refuses_a_whole_transaction(dynamodb, table):
    message = refusal(dynamodb.transact_write_items, TransactItems=[
        {"Delete": {"TableName": table, "Key": {"id": {"S": ""}}}}])
    assert message == ("One or more parameter values are not valid. The AttributeValue for a key "
                       "attribute cannot contain an empty string value. Key: id")


def test_a_repeated_transaction_reports_what_reading_its_items_costs(dynamodb, table):
    request = {"TransactItems": [{"Put": {"TableName": table, "Item": KEY}}],
               "ClientRequestToken": str(uuid.uuid4()), "ReturnConsumedCapacity": "TOTAL"}
    dynamodb.transact_write_items(**request)
    [consumed] = dynamodb.transact_write_items(**request)["ConsumedCapacity"]
    assert consumed["TableName"] == table
    assert consumed["CapacityUnits"] == 2


@pytest.mark.parametrize("text, size", [("日本", 2), ("abÿ", 3), ("\U0001f600", 2), ("", 0)])
def test_the_size_of_a_text_is_its_length_in_utf16(dynamodb, table, text, size):
    dynamodb.put_item(TableName=table, Item={**KEY, "v": {"S": text}})
    found = dynamodb.scan(TableName=table, FilterExpression="size(v) = :n",
                          ExpressionAttributeValues={":n": {"N": str(size)}})
    assert found["Count"] == 1


def test_writes_tell_of_item_collections_where_a_table_has_a_local_index(
        dynamodb, table, local_table):
    key = {"id": {"S": "a"}, "at": {"S": "1"}}
    metrics = {"ItemCollectionKey": {"id": {"S": "a"}}, "SizeEstimateRangeGB": [0.0, 1.0]}
    asked = {"ReturnItemCollectionMetrics": "SIZE"}
    put = dynamodb.put_item(TableName=local_table, Item=key, **asked)
    update = dynamodb.update_item(TableName=local_table, Key=key, **asked)
    delete = dynamodb.delete_item(TableName=local_table, Key=key, **asked)
    assert [answer["ItemCollectionMetrics"] for answer in (put, update, delete)] == [metrics] * 3
    batch = dynamodb.batch_write_item(
        RequestItems={local_table: [{"PutRequest": {"Item": key}}]}, **asked)
    assert batch["ItemCollectionMetrics"] == {local_table: [metrics]}
    transaction = dynamodb.transact_write_items(
        TransactItems=[{"Put": {"TableName": local_table, "Item": key}}], **asked)
    assert transaction["ItemCollectionMetrics"] == {local_table: [metrics]}
    plain = dynamodb.put_item(TableName=table, Item=KEY, **asked)
    assert "ItemCollectionMetrics" not in plain


def test_the_older_not_contains_needs_an_attribute(dynamodb, table):
    dynamodb.put_item(TableName=table, Item=KEY)
    condition = {"ComparisonOperator": "NOT_CONTAINS", "AttributeValueList": [{"S": "a"}]}
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(TableName=table, Item=KEY, Expected={"nope": condition})
    assert code_of(raised) == "ConditionalCheckFailedException"
    dynamodb.put_item(TableName=table, Item=KEY,
                      Expected={"nope": {**condition, "ComparisonOperator": "NE"}})
    assert dynamodb.scan(TableName=table, ScanFilter={"nope": condition})["Count"] == 0


def test_a_conditional_operator_stands_not_alone(dynamodb, table):
    message = refusal(dynamodb.update_item, TableName=table, Key=KEY, ConditionalOperator="OR",
                      AttributeUpdates={"n": {"Value": {"N": "1"}}})
    assert message == ONE + "ConditionalOperator cannot be used without Filter or Expected"


@pytest.mark.parametrize("expression, words", [
    ("SET a = list_append(list_append(:x, :y), :z)",
     "The function is not allowed to be used this way in an expression; function: list_append"),
    ("SET a = if_not_exists(a, :x + :y)", "Syntax error; token: \"+\", near: \":x + :y\"")])
def test_functions_of_updates_hold_no_lists_that_grow_and_no_sums(
        dynamodb, table, expression, words):
    values = {name: {"L": []} for name in (":x", ":y", ":z") if name in expression}
    message = refusal(dynamodb.update_item, TableName=table, Key=KEY, UpdateExpression=expression,
                      ExpressionAttributeValues=values)
    assert message == ONE + "Invalid UpdateExpression: " + words


def test_conditions_know_the_functions_of_updates_and_types_of_values(dynamodb, table):
    message = refusal(dynamodb.scan, TableName=table, FilterExpression="if_not_exists(a, :v) = :v",
                      ExpressionAttributeValues={":v": {"N": "1"}})
    assert message == ("Invalid FilterExpression: The function is not allowed to be used this way "
                       "in an expression; function: if_not_exists")
    dynamodb.put_item(TableName=table, Item=KEY)
    assert dynamodb.scan(TableName=table, FilterExpression="attribute_type(:v, :type)",
                         ExpressionAttributeValues={":v": {"N": "1"}, ":type": {"S": "N"}})[
                             "Count"] == 1


def test_bad_values_are_told_of_where_their_parameter_has_its_turn(anything, table):
    message = refusal(anything.update_item, TableName=table, Key=KEY, UpdateExpression="SET a=:a",
                      ExpressionAttributeValues={":a": {}})
    assert message == f"{ONE}ExpressionAttributeValues contains invalid value: {EMPTY} for key :a"
    message = refusal(anything.get_item, TableName=table, Key={"id": {}}, AttributesToGet=["a"],
                      ProjectionExpression="a")
    assert message.startswith("Can not use both expression and non-expression parameters")
    message = refusal(anything.query, TableName=table, KeyConditionExpression="id = :a",
                      ExpressionAttributeValues={":a": {"S": "a"}}, ExclusiveStartKey={"id": {}})
    assert message == f"The provided starting key is invalid: {EMPTY}"


def test_a_null_that_is_false_is_a_null(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={**KEY, "n": {"NULL": False}})
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"]["n"] == {"NULL": True}


def test_refusals_of_single_writes_begin_with_a_count(dynamodb, table):
    message = refusal(dynamodb.put_item, TableName=table, Item={**KEY, "s": {"SS": ["a", "a"]}})
    assert message == (ONE + "One or more parameter values were invalid: Input collection "
                       "[\"a\", \"a\"] contains duplicates.")
    message = refusal(dynamodb.update_item, TableName=table, Key=KEY, UpdateExpression="REMOVE a",
                      ExpressionAttributeNames={"#x": "x"})
    assert message == (ONE + "Value provided in ExpressionAttributeNames unused in expressions: "
                       "keys: {#x}")
    message = refusal(dynamodb.update_item, TableName=table, Key={"id": {"N": "1"}})
    assert message == MISMATCH


def test_what_select_forbids_is_named_as_it_was_given(dynamodb, table):
    request = {"TableName": table, "Select": "COUNT", "ProjectionExpression": "id"}
    words = "Cannot specify the ProjectionExpression when choosing to get only the Count"
    assert refusal(dynamodb.scan, **request) == words
    assert refusal(dynamodb.query, KeyConditionExpression="id = :a",
                   ExpressionAttributeValues={":a": {"S": "a"}}, **request) == ONE + words


def test_bad_names_of_tables_are_violations(anything):
    assert refusal(anything.put_item, TableName="bad table!@#", Item=KEY) == (
        ONE + "Value 'bad table!@#' at 'tableName' failed to satisfy constraint: Member must "
        "satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
    assert refusal(anything.put_item, TableName="", Item=KEY) == (
        ONE + "Value at 'TableName' failed to satisfy constraint: Member must have length greater "
        "than or equal to 1")
    assert refusal(anything.create_table, TableName="ab") == (
        ONE + "Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length "
        "greater than or equal to 3")
    assert refusal(anything.create_table) == (
        "The parameter 'TableName' is required but was not present in the request")


def test_the_older_updates_have_their_own_words_for_a_type_that_does_not_fit(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={**KEY, "b": {"S": "x"}})
    message = refusal(dynamodb.update_item, TableName=table, Key=KEY,
                      AttributeUpdates={"b": {"Action": "ADD", "Value": {"N": "1"}}})
    assert message == "Type mismatch for attribute to update"


def test_a_query_of_an_index_lists_the_table_with_its_capacity(dynamodb, local_table):
    consumed = dynamodb.query(
        TableName=local_table, IndexName="lix", KeyConditionExpression="id = :a",
        ExpressionAttributeValues={":a": {"S": "a"}}, ReturnConsumedCapacity="INDEXES")[
            "ConsumedCapacity"]
    assert consumed == {"TableName": local_table, "CapacityUnits": 0.5,
                        "Table": {"CapacityUnits": 0.0},
                        "LocalSecondaryIndexes": {"lix": {"CapacityUnits": 0.5}}}


def test_a_table_tells_how_much_it_takes_at_once(dynamodb, table, name):
    assert dynamodb.describe_table(TableName=table)["Table"]["WarmThroughput"] == {
        "ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}
    created = dynamodb.create_table(**create_arguments(
        name + "-warm", WarmThroughput={"ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 5000}))
    assert created["TableDescription"]["WarmThroughput"] == {
        "ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 5000, "Status": "UPDATING"}


def test_descriptions_hold_what_tools_read_of_keys_streams_and_deleted_tables(dynamodb, name):
    created = dynamodb.create_table(**create_arguments(
        name, SSESpecification={"Enabled": True},
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}))
    description = created["TableDescription"]
    assert description["SSEDescription"]["KMSMasterKeyArn"].startswith("arn:aws:kms:us-east-1:")
    assert description["LatestStreamArn"] == (
        f"{description['TableArn']}/stream/{description['LatestStreamLabel']}")
    assert description["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    described = dynamodb.describe_table(TableName=name)["Table"]
    assert "LastUpdateToPayPerRequestDateTime" in described["BillingModeSummary"]
    deleted = dynamodb.delete_table(TableName=name)["TableDescription"]
    assert deleted["TableStatus"] == "DELETING"
    assert not {"CreationDateTime", "KeySchema", "AttributeDefinitions"} & set(deleted)


def test_tags_are_of_tables_of_the_caller_and_of_few_characters(anything, table):
    arn = anything.describe_table(TableName=table)["Table"]["TableArn"]
    assert "a!" in refusal(anything.tag_resource, ResourceArn=arn,
                           Tags=[{"Key": "a!", "Value": "1"}])
    assert refusal(anything.tag_resource, ResourceArn=arn, Tags=[]) == (
        "Atleast one Tag needs to be provided as Input.")
    assert refusal(anything.untag_resource, ResourceArn=arn, TagKeys=[]) == (
        "Atleast one Tag Key needs to be provided as Input.")
    assert refusal(anything.list_tags_of_resource, ResourceArn=arn + "/index/i") == (
        f"Invalid TableArn: Invalid ResourceArn provided as input {arn}/index/i")
    for resource in ("abc", f"arn:aws:dynamodb:us-east-1:{aws_clients.OTHER_ACCOUNT}:table/t"):
        with pytest.raises(ClientError) as raised:
            anything.list_tags_of_resource(ResourceArn=resource)
        assert error_of(raised) == ("AccessDeniedException", 400)


def test_a_scan_comes_in_the_order_that_tests_written_against_aws_know(dynamodb, table):
    for value in ("0", "1", "2", "3", "hello"):
        dynamodb.put_item(TableName=table, Item={"id": {"S": value}})
    items = dynamodb.scan(TableName=table)["Items"]
    assert [item["id"]["S"] for item in items] == ["2", "1", "hello", "0", "3"]


def test_time_to_live_is_remembered(dynamodb, table):
    specification = {"Enabled": True, "AttributeName": "ends"}
    assert dynamodb.update_time_to_live(
        TableName=table, TimeToLiveSpecification=specification)[
            "TimeToLiveSpecification"] == specification
    assert dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED", "AttributeName": "ends"}
    assert refusal(dynamodb.update_time_to_live, TableName=table,
                   TimeToLiveSpecification=specification) == "TimeToLive is already enabled"


def test_backups_are_described_and_recovery_is_off(dynamodb, table):
    description = dynamodb.describe_continuous_backups(TableName=table)[
        "ContinuousBackupsDescription"]
    assert description["ContinuousBackupsStatus"] == "ENABLED"
    assert description["PointInTimeRecoveryDescription"] == {
        "PointInTimeRecoveryStatus": "DISABLED"}
    with pytest.raises(ClientError) as raised:
        dynamodb.describe_continuous_backups(TableName="no-such-table")
    assert code_of(raised) == "TableNotFoundException"
