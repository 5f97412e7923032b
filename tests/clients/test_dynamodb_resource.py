"""Tables as boto3's resource interface has them, and what its client offers above operations:
paginators and waiters.
"""

from decimal import Decimal

import aws_clients
import boto3
import pytest
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary
from botocore.exceptions import ClientError, WaiterError

QUICKLY = {"Delay": 1, "MaxAttempts": 20}
BY_YEAR = {"IndexName": "by-year", "Projection": {"ProjectionType": "ALL"},
           "KeySchema": [{"AttributeName": "genre", "KeyType": "HASH"},
                         {"AttributeName": "year", "KeyType": "RANGE"}]}
FILMS = [
    {"genre": "drama", "title": "Alexandria", "year": 1978, "tags": {"long", "slow"}},
    {"genre": "drama", "title": "Ikiru", "year": 1952, "cast": ["Shimura", "Odagiri"]},
    {"genre": "drama", "title": "Ran", "year": 1985, "rating": Decimal("8.2")},
    {"genre": "comedy", "title": "Playtime", "year": 1967, "rating": Decimal("7.9"),
     "about": {"city": "Paris", "hours": Decimal("2.5")}},
    {"genre": "comedy", "title": "Top Secret", "year": 1984, "seen": None},
]


@pytest.fixture(scope="module")
def resource(endpoint):
    return boto3.resource("dynamodb", endpoint_url=endpoint, region_name=aws_clients.REGION,
                          **aws_clients.CREDENTIALS)


def create(resource, name):
    return resource.create_table(
        TableName=name, ProvisionedThroughput={"ReadCapacityUnits": 2, "WriteCapacityUnits": 1},
        AttributeDefinitions=[{"AttributeName": "genre", "AttributeType": "S"},
                              {"AttributeName": "title", "AttributeType": "S"},
                              {"AttributeName": "year", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "genre", "KeyType": "HASH"},
                   {"AttributeName": "title", "KeyType": "RANGE"}],
        LocalSecondaryIndexes=[BY_YEAR])


def filled(table):
    table.wait_until_exists()
    with table.batch_writer() as batch:
        for film in FILMS:
            batch.put_item(Item=film)
    return table


@pytest.fixture
def films(resource, name):
    return filled(create(resource, name))


@pytest.fixture(scope="module")
def shelf(resource):
    """The same for tests that only read."""
    return filled(create(resource, "resource-shelf"))


def titles(found):
    return [item["title"] for item in found["Items"]]


def test_a_table_has_its_attributes_and_goes(resource, films):
    films.reload()
    assert films.table_status == "ACTIVE"
    assert films.local_secondary_indexes[0]["KeySchema"] == BY_YEAR["KeySchema"]
    changed = films.update(ProvisionedThroughput={
        "ReadCapacityUnits": 3, "WriteCapacityUnits": 1})
    assert changed.name == films.name
    films.reload()
    assert films.provisioned_throughput["ReadCapacityUnits"] == 3
    assert films.item_count in (0, len(FILMS))
    assert films.name in [table.name for table in resource.tables.page_size(2)]
    assert len(list(resource.tables.limit(1))) == 1
    assert films.delete()["TableDescription"]["TableStatus"] == "DELETING"
    films.wait_until_not_exists()
    with pytest.raises(resource.meta.client.exceptions.ResourceNotFoundException):
        films.reload()


def test_every_type_of_python_comes_back(films):
    item = {
        "genre": "types", "title": "all", "text": "", "number": Decimal("-1.50E-100"),
        "large": Decimal("12345678901234567890123456789012345678"), "bytes": Binary(b"\0\xff"),
        "yes": True, "no": False, "nothing": None, "texts": {"a", "b"},
        "numbers": {Decimal(1), Decimal("0.5")}, "binaries": {Binary(b"x"), Binary(b"")},
        "list": [1, "two", [Decimal(3)], {}], "map": {"in": {"in": [{"x": None}]}}}
    films.put_item(Item=item)
    got = films.get_item(Key={"genre": "types", "title": "all"}, ConsistentRead=True)["Item"]
    assert got == item
    assert type(got["bytes"]) is Binary and got["bytes"].value == b"\0\xff"


@pytest.mark.parametrize("condition, expected", [
    (Attr("rating").exists(), ["Playtime", "Ran"]),
    (Attr("rating").not_exists() & Attr("seen").not_exists(), ["Alexandria", "Ikiru"]),
    (Attr("year").eq(1985) | Attr("year").eq(1952), ["Ikiru", "Ran"]),
    (Attr("year").ne(1985) & ~Attr("year").lt(1978), ["Alexandria", "Top Secret"]),
    (Attr("year").lte(1952), ["Ikiru"]),
    (Attr("rating").gt(Decimal("7.9")), ["Ran"]),
    (Attr("rating").gte(Decimal("7.9")), ["Playtime", "Ran"]),
    (Attr("year").between(1960, 1980), ["Alexandria", "Playtime"]),
    (Attr("title").begins_with("Al"), ["Alexandria"]),
    (Attr("tags").contains("slow"), ["Alexandria"]),
    (Attr("cast").contains("Odagiri"), ["Ikiru"]),
    (Attr("title").contains("ayti"), ["Playtime"]),
    (Attr("year").is_in([1985, 1967, 1900]), ["Playtime", "Ran"]),
    (Attr("seen").attribute_type("NULL"), ["Top Secret"]),
    (Attr("cast").size().eq(2), ["Ikiru"]),
    (Attr("cast[1]").eq("Odagiri"), ["Ikiru"]),
    (Attr("about.city").eq("Paris") & Attr("about.hours").lt(3), ["Playtime"]),
])
def test_conditions_on_attributes_filter_scans(shelf, condition, expected):
    assert sorted(titles(shelf.scan(FilterExpression=condition))) == expected


@pytest.mark.parametrize("index, condition, expected", [
    (None, Key("title").begins_with("Ik"), ["Ikiru"]),
    (None, Key("title").between("B", "J"), ["Ikiru"]),
    (None, Key("title").gte("Ikiru"), ["Ikiru", "Ran"]),
    ("by-year", Key("year").gt(1952), ["Alexandria", "Ran"]),
    ("by-year", Key("year").lte(1978), ["Ikiru", "Alexandria"]),
    ("by-year", Key("year").eq(1985), ["Ran"]),
    ("by-year", Key("year").lt(1900), []),
])
def test_conditions_on_keys_make_queries(shelf, index, condition, expected):
    found = shelf.query(KeyConditionExpression=Key("genre").eq("drama") & condition,
                        **({"IndexName": index} if index else {}))
    assert titles(found) == expected
    assert found["Count"] == len(expected)


def test_an_update_is_guarded_by_a_condition(resource, films):
    ran = {"genre": "drama", "title": "Ran"}
    updated = films.update_item(
        Key=ran, UpdateExpression="SET rating = rating + :more, #c = :cast ADD tags :new",
        ConditionExpression=Attr("rating").exists() & Attr("cast").not_exists(),
        ExpressionAttributeNames={"#c": "cast"}, ReturnValues="ALL_NEW",
        ExpressionAttributeValues={":more": Decimal("0.3"), ":cast": ["Nakadai"], ":new": {"war"}})
    assert updated["Attributes"] == ran | {
        "year": 1985, "rating": Decimal("8.5"), "cast": ["Nakadai"], "tags": {"war"}}
    with pytest.raises(resource.meta.client.exceptions.ConditionalCheckFailedException) as raised:
        films.put_item(Item=ran, ConditionExpression=Attr("title").not_exists(),
                       ReturnValuesOnConditionCheckFailure="ALL_OLD")
    # Items of errors are as they came: boto3 turns results of operations into values alone.
    assert raised.value.response["Item"]["tags"] == {"SS": ["war"]}
    gone = films.delete_item(Key=ran, ReturnValues="ALL_OLD",
                             ConditionExpression=Attr("tags").contains("war"))
    assert gone["Attributes"]["rating"] == Decimal("8.5")
    assert "Item" not in films.get_item(Key=ran)


def test_a_writer_of_batches_keeps_the_last_of_each_key_and_deletes(films):
    with films.batch_writer(overwrite_by_pkeys=["genre", "title"]) as batch:
        for number in range(70):
            batch.put_item(Item={"genre": "series", "title": str(number % 40), "n": number})
        for film in FILMS:
            batch.delete_item(Key={"genre": film["genre"], "title": film["title"]})
    left = films.scan()["Items"]
    assert sorted(item["n"] for item in left) == list(range(30, 70))


def test_what_batches_of_the_resource_read_and_write(resource, films):
    written = resource.batch_write_item(RequestItems={films.name: [
        {"PutRequest": {"Item": {"genre": "new", "title": "Up", "year": 2009}}},
        {"DeleteRequest": {"Key": {"genre": "drama", "title": "Ran"}}}]})
    assert written["UnprocessedItems"] == {}
    read = resource.batch_get_item(RequestItems={films.name: {
        "Keys": [{"genre": "new", "title": "Up"}, {"genre": "drama", "title": "Ran"},
                 {"genre": "comedy", "title": "Playtime"}],
        "ProjectionExpression": "title, about.city"}})
    assert sorted(read["Responses"][films.name], key=lambda item: item["title"]) == [
        {"title": "Playtime", "about": {"city": "Paris"}}, {"title": "Up"}]
    assert read["UnprocessedKeys"] == {}


def test_items_of_a_transaction_are_written_by_the_client_of_the_resource(resource, films):
    """The client of a resource takes values of Python too, nested ones of transactions as well."""
    client = resource.meta.client
    counted = {"Update": {
        "TableName": films.name, "Key": {"genre": "drama", "title": "Ran"},
        "UpdateExpression": "SET rating = :r", "ConditionExpression": "rating < :r",
        "ExpressionAttributeValues": {":r": Decimal(9)},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}
    added = {"Put": {"TableName": films.name, "Item": {"genre": "new", "title": "Up"},
                     "ConditionExpression": "attribute_not_exists(title)"}}
    client.transact_write_items(TransactItems=[counted, added])
    got = client.transact_get_items(TransactItems=[
        {"Get": {"TableName": films.name, "Key": {"genre": "new", "title": title}}}
        for title in ("Up", "Down")])
    assert got["Responses"] == [{"Item": {"genre": "new", "title": "Up"}}, {}]
    with pytest.raises(client.exceptions.TransactionCanceledException) as raised:
        client.transact_write_items(TransactItems=[counted, added])
    first, second = raised.value.response["CancellationReasons"]
    assert (first["Code"], second["Code"]) == ("ConditionalCheckFailed", "ConditionalCheckFailed")
    assert first["Item"]["rating"] == {"N": "9"}


def test_statements_take_values_of_python(resource, shelf):
    found = resource.meta.client.execute_statement(
        Statement=f'SELECT title FROM "{shelf.name}" WHERE genre = ? AND "year" > ?',
        Parameters=["drama", 1960])
    assert sorted(titles(found)) == ["Alexandria", "Ran"]


def test_a_paginator_goes_on_where_another_ended(shelf):
    paginator = shelf.meta.client.get_paginator("query")
    wanted = {"TableName": shelf.name, "KeyConditionExpression": Key("genre").eq("drama")}
    first = paginator.paginate(**wanted, PaginationConfig={
        "MaxItems": 2, "PageSize": 1}).build_full_result()
    assert titles(first) == ["Alexandria", "Ikiru"]
    second = paginator.paginate(**wanted, PaginationConfig={
        "StartingToken": first["NextToken"]}).build_full_result()
    assert titles(second) == ["Ran"] and "NextToken" not in second
    years = paginator.paginate(**wanted, IndexName="by-year", PaginationConfig={"PageSize": 1})
    assert list(years.search("Items[].title")) == ["Ikiru", "Alexandria", "Ran"]


def test_a_scan_in_segments_and_pages_finds_all_items_once(films):
    with films.batch_writer() as batch:
        for number in range(60):
            batch.put_item(Item={"genre": f"g{number}", "title": "t"})
    paginator = films.meta.client.get_paginator("scan")
    seen = [item["genre"] for segment in range(4) for item in paginator.paginate(
        TableName=films.name, TotalSegments=4, Segment=segment, Limit=7).search("Items[]")]
    assert len(seen) == 60 + len(FILMS)
    assert {f"g{number}" for number in range(60)} <= set(seen)


def test_tags_come_in_pages(dynamodb, films):
    tags = [{"Key": f"key{number:02}", "Value": "v"} for number in range(50)]
    dynamodb.tag_resource(ResourceArn=films.table_arn, Tags=tags)
    pages = dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=films.table_arn)
    told = [tag for page in pages for tag in page["Tags"]]
    assert sorted(told, key=lambda tag: tag["Key"]) == tags


def test_waiters_tell_what_is_so_and_give_up(dynamodb, films, name):
    dynamodb.get_waiter("table_exists").wait(TableName=films.name, WaiterConfig=QUICKLY)
    dynamodb.update_contributor_insights(TableName=films.name, ContributorInsightsAction="ENABLE")
    dynamodb.get_waiter("contributor_insights_enabled").wait(
        TableName=films.name, WaiterConfig=QUICKLY)
    with pytest.raises(WaiterError):
        dynamodb.get_waiter("table_exists").wait(
            TableName=f"{name}-none", WaiterConfig={"Delay": 0, "MaxAttempts": 2})
    with pytest.raises(WaiterError):
        dynamodb.get_waiter("table_not_exists").wait(
            TableName=films.name, WaiterConfig={"Delay": 0, "MaxAttempts": 2})


def test_a_table_by_its_arn_is_the_same_table(resource, films):
    same = resource.Table(films.table_arn)
    same.put_item(Item={"genre": "new", "title": "Up"})
    assert films.get_item(Key={"genre": "new", "title": "Up"})["Item"] == {
        "genre": "new", "title": "Up"}
    with pytest.raises(ClientError) as raised:
        resource.Table(films.table_arn + "-none").get_item(Key={"genre": "new", "title": "Up"})
    assert aws_clients.code_of(raised) == "ResourceNotFoundException"
