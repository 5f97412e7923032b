"""DynamoDB items: every type comes back as it was put, numbers keep 38 digits, limits hold."""

import decimal

import aws_clients
import boto3
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

EVERY_TYPE = {
    "id": {"S": "every-type"},
    "text": {"S": 'grüße "quoted" \\ \u2028 👋'},
    "empty": {"S": ""},
    "number": {"N": "-12.5"},
    "bytes": {"B": b"\x00\xff\x80"},
    "yes": {"BOOL": True},
    "nothing": {"NULL": True},
    "strings": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2.5"]},
    "many-bytes": {"BS": [b"\x01", b"\x02"]},
    "list": {"L": [{"S": "x"}, {"N": "1"}, {"L": []}, {"M": {}}]},
    "map": {"M": {"inner": {"M": {"deep": {"BOOL": False}}}}}}


def normalised(item):
    """Sets have no order."""
    return {key: {kind: sorted(value) if kind in ("SS", "NS", "BS") else value}
            for key, typed in item.items() for kind, value in typed.items()}


def key(value):
    return {"id": {"S": value}}


def test_an_item_of_every_type_comes_back_as_it_was_put(dynamodb, table):
    dynamodb.put_item(TableName=table, Item=EVERY_TYPE)
    got = dynamodb.get_item(TableName=table, Key=key("every-type"), ConsistentRead=True)["Item"]
    assert normalised(got) == normalised(EVERY_TYPE)


def test_a_missing_item_is_no_error(dynamodb, table):
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key("nobody"))
    dynamodb.delete_item(TableName=table, Key=key("nobody"))


def test_putting_replaces_the_whole_item_and_returns_the_old_one_if_asked(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={**key("a"), "old": {"N": "1"}})
    result = dynamodb.put_item(TableName=table, Item={**key("a"), "new": {"N": "2"}},
                               ReturnValues="ALL_OLD")
    assert result["Attributes"] == {**key("a"), "old": {"N": "1"}}
    assert dynamodb.get_item(TableName=table, Key=key("a"))["Item"] == {
        **key("a"), "new": {"N": "2"}}


def test_deleting_returns_the_old_item_if_asked(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={**key("a"), "n": {"N": "1"}})
    deleted = dynamodb.delete_item(TableName=table, Key=key("a"), ReturnValues="ALL_OLD")
    assert deleted["Attributes"] == {**key("a"), "n": {"N": "1"}}
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key("a"))


@pytest.mark.parametrize("written, read", [
    ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
    ("-0.12345678901234567890123456789012345678", "-0.12345678901234567890123456789012345678"),
    ("1E+125", "1" + "0" * 125), ("1e-130", "0." + "0" * 129 + "1"),
    ("007.500", "7.5"), ("-0", "0"), ("+3", "3"), ("1.0e2", "100")])
def test_numbers_keep_38_digits_and_lose_only_what_means_nothing(dynamodb, table, written, read):
    dynamodb.put_item(TableName=table, Item={**key("n"), "n": {"N": written}})
    got = dynamodb.get_item(TableName=table, Key=key("n"))["Item"]["n"]["N"]
    assert decimal.Decimal(got) == decimal.Decimal(read)
    if len(read) < 50:
        assert got == read


@pytest.mark.parametrize("number", ["1" * 39, "1e126", "-1e126", "1e-131", "one", "", "1e", "0x1",
                                    "NaN", "Infinity", " 1"])
def test_numbers_that_are_none_or_too_precise_are_refused(dynamodb, table, number):
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(TableName=table, Item={**key("n"), "n": {"N": number}})
    assert error_of(raised) == ("ValidationException", 400)


def test_an_item_of_400_kilobytes_fits_and_a_byte_more_does_not(dynamodb, table):
    limit = 400 * 1024
    overhead = len("id") + len("big") + len("text")
    dynamodb.put_item(TableName=table, Item={
        **key("big"), "text": {"S": "x" * (limit - overhead)}})
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(TableName=table, Item={
            **key("big"), "text": {"S": "x" * (limit - overhead + 1)}})
    assert error_of(raised) == ("ValidationException", 400)
    assert "Item size has exceeded the maximum allowed size" in str(raised.value)
    stored = dynamodb.get_item(TableName=table, Key=key("big"))["Item"]["text"]["S"]
    assert len(stored) == limit - overhead


def test_an_update_cannot_grow_an_item_beyond_400_kilobytes(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={**key("big"), "a": {"S": "x" * 300_000}})
    with pytest.raises(ClientError) as raised:
        dynamodb.update_item(TableName=table, Key=key("big"), UpdateExpression="SET b = :b",
                             ExpressionAttributeValues={":b": {"S": "x" * 200_000}})
    assert error_of(raised) == ("ValidationException", 400)
    assert "b" not in dynamodb.get_item(TableName=table, Key=key("big"))["Item"]


@pytest.mark.parametrize("item", [
    {"other": {"S": "a"}}, {"id": {"N": "1"}}, {"id": {"S": ""}}, {"id": {"S": "x" * 2049}}],
    ids=["no-key", "wrong-type", "empty-key", "long-key"])
def test_an_item_without_a_proper_key_is_refused(dynamodb, table, item):
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(TableName=table, Item=item)
    assert error_of(raised) == ("ValidationException", 400)


@pytest.mark.parametrize("bad_key", [
    {}, {"other": {"S": "a"}}, {"id": {"N": "1"}}, {"id": {"S": "a"}, "more": {"S": "b"}}],
    ids=["empty", "wrong-name", "wrong-type", "too-many"])
def test_a_key_that_does_not_match_the_schema_is_refused(dynamodb, table, bad_key):
    with pytest.raises(ClientError) as raised:
        dynamodb.get_item(TableName=table, Key=bad_key)
    assert error_of(raised) == ("ValidationException", 400)
    if len(bad_key) == 1:
        assert "The provided key element does not match the schema" in str(raised.value)


@pytest.mark.parametrize("value", [
    {"SS": []}, {"SS": ["a", "a"]}, {"NS": ["1", "1.0"]}, {"BS": []}],
    ids=["empty-set", "duplicates", "equal-numbers", "empty-binary-set"])
def test_a_set_is_neither_empty_nor_has_duplicates(dynamodb, table, value):
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(TableName=table, Item={**key("s"), "set": value})
    assert error_of(raised) == ("ValidationException", 400)


def test_items_nest_32_levels_and_no_more(dynamodb, table):
    def nested(levels):
        value = {"S": "bottom"}
        for _ in range(levels):
            value = {"L": [value]}
        return value

    dynamodb.put_item(TableName=table, Item={**key("deep"), "v": nested(31)})
    with pytest.raises(ClientError) as raised:
        dynamodb.put_item(TableName=table, Item={**key("deep"), "v": nested(33)})
    assert error_of(raised) == ("ValidationException", 400)


def test_items_are_written_and_read_in_batches(dynamodb, table):
    puts = [{"PutRequest": {"Item": {**key(f"k{i:02}"), "n": {"N": str(i)}}}} for i in range(25)]
    written = dynamodb.batch_write_item(RequestItems={table: puts})
    assert written.get("UnprocessedItems", {}) == {}
    deletes = [{"DeleteRequest": {"Key": key(f"k{i:02}")}} for i in range(5)]
    dynamodb.batch_write_item(RequestItems={table: deletes})
    got = dynamodb.batch_get_item(RequestItems={table: {
        "Keys": [key(f"k{i:02}") for i in range(25)], "ProjectionExpression": "n"}})
    numbers = sorted(int(item["n"]["N"]) for item in got["Responses"][table])
    assert numbers == list(range(5, 25))
    assert got.get("UnprocessedKeys", {}) == {}


def test_a_batch_that_is_too_long_or_names_a_key_twice_is_refused(dynamodb, table):
    def put(i):
        return {"PutRequest": {"Item": key(f"k{i}")}}

    for requests in ([put(i) for i in range(26)], [put(1), put(1)]):
        with pytest.raises(ClientError) as raised:
            dynamodb.batch_write_item(RequestItems={table: requests})
        assert error_of(raised) == ("ValidationException", 400)
    for keys in ([key(f"k{i}") for i in range(101)], [key("a"), key("a")]):
        with pytest.raises(ClientError) as raised:
            dynamodb.batch_get_item(RequestItems={table: {"Keys": keys}})
        assert error_of(raised) == ("ValidationException", 400)


def test_a_batch_read_beyond_16_megabytes_leaves_keys_unprocessed(dynamodb, table):
    big = "x" * 390_000
    for i in range(50):
        dynamodb.put_item(TableName=table, Item={**key(f"big{i}"), "text": {"S": big}})
    wanted = {table: {"Keys": [key(f"big{i}") for i in range(50)]}}
    seen, rounds = set(), 0
    while wanted:
        got = dynamodb.batch_get_item(RequestItems=wanted)
        seen |= {item["id"]["S"] for item in got["Responses"][table]}
        wanted = got.get("UnprocessedKeys")
        rounds += 1
    assert len(seen) == 50
    assert rounds > 1


def test_the_resource_interface_of_boto3_works(endpoint, table):
    resource = boto3.resource("dynamodb", endpoint_url=endpoint, region_name="us-east-1",
                              **aws_clients.CREDENTIALS).Table(table)
    with resource.batch_writer() as batch:
        for i in range(60):
            batch.put_item(Item={"id": f"k{i}", "n": i})
    assert resource.scan(Select="COUNT")["Count"] == 60


def test_consumed_capacity_is_reported_if_asked(dynamodb, table):
    result = dynamodb.put_item(TableName=table, Item=key("a"), ReturnConsumedCapacity="TOTAL")
    assert result["ConsumedCapacity"]["TableName"] == table
    assert result["ConsumedCapacity"]["CapacityUnits"] == 1.0
