"""Global indexes whose keys have several attributes, as boto3's client and resource see them."""

import aws_clients
import boto3
import pytest
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

SEATS = {
    "IndexName": "seats", "Projection": {"ProjectionType": "ALL"},
    "KeySchema": [{"AttributeName": "cinema", "KeyType": "HASH"},
                  {"AttributeName": "hall", "KeyType": "HASH"},
                  {"AttributeName": "day", "KeyType": "RANGE"},
                  {"AttributeName": "row", "KeyType": "RANGE"}]}
DEFINITIONS = [{"AttributeName": name, "AttributeType": kind} for name, kind in (
    ("id", "S"), ("cinema", "S"), ("hall", "N"), ("day", "N"), ("row", "S"))]


@pytest.fixture
def tickets(endpoint, name):
    """A table of tickets in halls; the last one has no row, and so is in no index."""
    resource = boto3.resource("dynamodb", endpoint_url=endpoint, region_name="us-east-1",
                              **aws_clients.CREDENTIALS)
    table = resource.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", AttributeDefinitions=DEFINITIONS,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], GlobalSecondaryIndexes=[SEATS])
    with table.batch_writer() as batch:
        for number in range(40):
            batch.put_item(Item={"id": str(number), "cinema": "Rex", "hall": number % 2,
                                 "day": number // 8, "row": "ABCD"[number // 2 % 4]})
        batch.put_item(Item={"id": "none", "cinema": "Rex", "hall": 0, "day": 1})
    return table


IN_HALL = Key("cinema").eq("Rex") & Key("hall").eq(0)


def places(found):
    return [(int(item["day"]), item["row"]) for item in found["Items"]]


def test_the_key_schema_is_told_as_it_was_given(tickets):
    tickets.reload()
    assert tickets.global_secondary_indexes[0]["KeySchema"] == SEATS["KeySchema"]


def test_a_query_gives_the_attributes_from_the_left(tickets):
    def found(condition, **more):
        return places(tickets.query(IndexName="seats", KeyConditionExpression=condition, **more))

    every = [(day, row) for day in range(5) for row in "ABCD"]
    assert found(IN_HALL) == every
    assert found(IN_HALL, ScanIndexForward=False) == every[::-1]
    assert found(IN_HALL & Key("day").eq(2)) == every[8:12]
    assert found(IN_HALL & Key("day").between(1, 2)) == every[4:12]
    assert found(IN_HALL & Key("day").eq(2) & Key("row").gt("B")) == every[10:12]
    assert found(IN_HALL & Key("day").eq(2) & Key("row").begins_with("C")) == [(2, "C")]


def test_pages_end_with_the_whole_key(tickets):
    found, start = [], {}
    while True:
        page = tickets.query(IndexName="seats", KeyConditionExpression=IN_HALL, Limit=7, **start)
        found += places(page)
        if "LastEvaluatedKey" not in page:
            break
        assert set(page["LastEvaluatedKey"]) == {"id", "cinema", "hall", "day", "row"}
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert found == [(day, row) for day in range(5) for row in "ABCD"]
    segments = [tickets.scan(IndexName="seats", TotalSegments=3, Segment=segment)["Count"]
                for segment in range(3)]
    assert sum(segments) == 40


@pytest.mark.parametrize("condition, attribute", [
    (Key("cinema").eq("Rex"), "hall"),
    (IN_HALL & Key("row").eq("A"), "day"),
    (IN_HALL & Key("day").gt(1) & Key("row").eq("A"), "day"),
    (Key("cinema").eq("Rex") & Key("hall").gt(0), "hall"),
])
def test_gaps_and_ranges_in_the_middle_are_refused_by_name(tickets, condition, attribute):
    with pytest.raises(ClientError) as raised:
        tickets.query(IndexName="seats", KeyConditionExpression=condition)
    assert aws_clients.error_of(raised) == ("ValidationException", 400)
    assert raised.value.response["Error"]["Message"].endswith(attribute)


def test_a_statement_finds_what_is_in_such_an_index(tickets, dynamodb):
    found = dynamodb.execute_statement(
        Statement=f'SELECT * FROM "{tickets.name}"."seats" '
                  "WHERE cinema = 'Rex' AND hall = 0 AND day = 2")["Items"]
    assert sorted(item["row"]["S"] for item in found) == ["A", "B", "C", "D"]
