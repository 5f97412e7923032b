"""DynamoDB Query and Scan: key conditions, order, filters, limits, pages and indexes."""

import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError


@pytest.fixture
def films(dynamodb, ordered_table):
    """A table with 20 items under the key `a` (at -5 to 14) and one under `b`."""
    for i in range(20):
        dynamodb.put_item(TableName=ordered_table, Item={
            "id": {"S": "a"}, "at": {"N": str(i - 5)}, "odd": {"BOOL": i % 2 == 1},
            "name": {"S": f"film {i:02}"}})
    dynamodb.put_item(TableName=ordered_table, Item={"id": {"S": "b"}, "at": {"N": "0"}})
    return ordered_table


def values(**given):
    return {f":{key}": {"S": value} if isinstance(value, str) else {"N": str(value)}
            for key, value in given.items()}


def at(response):
    return [int(item["at"]["N"]) for item in response["Items"]]


def query(dynamodb, table, condition="id = :id", given=None, **more):
    return dynamodb.query(TableName=table, KeyConditionExpression=condition,
                          ExpressionAttributeValues=values(id="a", **(given or {})), **more)


def test_a_query_returns_one_partition_in_the_order_of_its_numbers(dynamodb, films):
    response = query(dynamodb, films)
    assert at(response) == list(range(-5, 15))
    assert response["Count"] == response["ScannedCount"] == 20
    assert "LastEvaluatedKey" not in response


def test_a_query_goes_backwards_if_asked(dynamodb, films):
    assert at(query(dynamodb, films, ScanIndexForward=False)) == list(range(14, -6, -1))


@pytest.mark.parametrize("condition, given, expected", [
    ("id = :id AND #at = :x", {"x": 3}, [3]),
    ("id = :id AND #at < :x", {"x": -3}, [-5, -4]),
    ("id = :id AND #at <= :x", {"x": -4}, [-5, -4]),
    ("id = :id AND #at > :x", {"x": 12}, [13, 14]),
    ("id = :id AND #at >= :x", {"x": 13}, [13, 14]),
    ("#at BETWEEN :x AND :y AND id = :id", {"x": -1, "y": 1}, [-1, 0, 1]),
    ("id = :id AND #at = :x", {"x": 99}, [])])
def test_the_sort_key_narrows_a_query(dynamodb, films, condition, given, expected):
    response = query(dynamodb, films, condition, given, ExpressionAttributeNames={"#at": "at"})
    assert at(response) == expected


def test_begins_with_narrows_a_query_of_strings(dynamodb, name):
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"},
                              {"AttributeName": "word", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"},
                   {"AttributeName": "word", "KeyType": "RANGE"}])
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    for word in ("apple", "apply", "applz", "ap", "b", "ä", "appl\uffff"):
        dynamodb.put_item(TableName=name, Item={"id": {"S": "a"}, "word": {"S": word}})
    got = query(dynamodb, name, "id = :id AND begins_with(word, :p)", {"p": "appl"})
    words = [item["word"]["S"] for item in got["Items"]]
    assert words == ["apple", "apply", "applz", "appl\uffff"]


def test_a_limit_pages_a_query_and_the_last_key_continues_it(dynamodb, films):
    pages, start = [], {}
    while True:
        page = query(dynamodb, films, Limit=7, **start)
        pages.append(at(page))
        if "LastEvaluatedKey" not in page:
            break
        assert page["LastEvaluatedKey"]["at"] == {"N": str(pages[-1][-1])}
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert [len(page) for page in pages[:3]] == [7, 7, 6]
    assert sum(pages, []) == list(range(-5, 15))


def test_a_page_ends_at_one_megabyte(dynamodb, ordered_table):
    for i in range(12):
        dynamodb.put_item(TableName=ordered_table, Item={
            "id": {"S": "a"}, "at": {"N": str(i)}, "text": {"S": "x" * 200_000}})
    pages = list(dynamodb.get_paginator("query").paginate(
        TableName=ordered_table, KeyConditionExpression="id = :id",
        ExpressionAttributeValues=values(id="a")))
    assert len(pages) >= 2
    assert all(page["Count"] <= 6 for page in pages)
    assert [number for page in pages for number in at(page)] == list(range(12))


def test_a_filter_hides_items_after_they_were_counted_as_scanned(dynamodb, films):
    response = dynamodb.query(
        TableName=films, KeyConditionExpression="id = :id", FilterExpression="odd = :odd",
        ExpressionAttributeValues={**values(id="a"), ":odd": {"BOOL": True}})
    assert (response["Count"], response["ScannedCount"]) == (10, 20)
    limited = dynamodb.query(
        TableName=films, KeyConditionExpression="id = :id", FilterExpression="odd = :odd",
        ExpressionAttributeValues={**values(id="a"), ":odd": {"BOOL": True}}, Limit=5)
    assert (limited["Count"], limited["ScannedCount"]) == (2, 5)
    assert "LastEvaluatedKey" in limited


def test_a_query_only_counts_or_projects_if_asked(dynamodb, films):
    counted = query(dynamodb, films, Select="COUNT")
    assert counted["Count"] == 20 and "Items" not in counted
    projected = query(dynamodb, films, ProjectionExpression="#n",
                      ExpressionAttributeNames={"#n": "name"}, Limit=1)
    assert projected["Items"] == [{"name": {"S": "film 00"}}]


@pytest.mark.parametrize("condition", [
    "#at = :x", "id > :id", "id = :id OR id = :id", "id = :id AND odd = :x", "id <> :id",
    "id = :id AND contains(#at, :x)", "NOT id = :id", ""])
def test_a_key_condition_that_is_none_is_refused(dynamodb, films, condition):
    more = {"ExpressionAttributeNames": {"#at": "at"}} if "#at" in condition else {}
    given = {key: value for key, value in values(id="a", x=1).items() if key in condition}
    if given:
        more["ExpressionAttributeValues"] = given
    with pytest.raises(ClientError) as raised:
        dynamodb.query(TableName=films, KeyConditionExpression=condition, **more)
    assert error_of(raised) == ("ValidationException", 400)


def test_a_scan_returns_everything_in_pages(dynamodb, films):
    pages = list(dynamodb.get_paginator("scan").paginate(
        TableName=films, PaginationConfig={"PageSize": 4}))
    items = [(item["id"]["S"], int(item["at"]["N"])) for page in pages for item in page["Items"]]
    assert sorted(items) == [("a", i) for i in range(-5, 15)] + [("b", 0)]
    assert len(pages) >= 6


def test_a_scan_is_filtered(dynamodb, films):
    response = dynamodb.scan(TableName=films, FilterExpression="begins_with(#n, :p)",
                             ExpressionAttributeNames={"#n": "name"},
                             ExpressionAttributeValues=values(p="film 1"))
    assert sorted(at(response)) == list(range(5, 15))
    assert response["ScannedCount"] == 21


def test_a_scan_in_segments_covers_everything_once(dynamodb, table):
    for i in range(100):
        dynamodb.put_item(TableName=table, Item={"id": {"S": str(i)}})
    seen = []
    for segment in range(4):
        page = dynamodb.scan(TableName=table, Segment=segment, TotalSegments=4)
        seen += [int(item["id"]["S"]) for item in page["Items"]]
    assert sorted(seen) == list(range(100))


@pytest.fixture
def indexed(dynamodb, name):
    """A table with a global index by year and title, and five films in it."""
    dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"},
                              {"AttributeName": "year", "AttributeType": "N"},
                              {"AttributeName": "title", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[{
            "IndexName": "by-year", "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [{"AttributeName": "year", "KeyType": "HASH"},
                          {"AttributeName": "title", "KeyType": "RANGE"}]}])
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    for i, (year, title) in enumerate([(1927, "M"), (1931, "B"), (1931, "A"), (1931, "A")]):
        dynamodb.put_item(TableName=name, Item={
            "id": {"S": str(i)}, "year": {"N": str(year)}, "title": {"S": title}})
    dynamodb.put_item(TableName=name, Item={"id": {"S": "no year"}})
    return name


def by_year(dynamodb, table, year, **more):
    return dynamodb.query(TableName=table, IndexName="by-year", KeyConditionExpression="#y = :y",
                          ExpressionAttributeNames={"#y": "year"},
                          ExpressionAttributeValues=values(y=year), **more)


def test_an_index_is_queried_in_its_own_order(dynamodb, indexed):
    titles = [item["title"]["S"] for item in by_year(dynamodb, indexed, 1931)["Items"]]
    assert titles == ["A", "A", "B"]
    assert dynamodb.scan(TableName=indexed, IndexName="by-year")["Count"] == 4


def test_an_index_follows_updates_and_deletes(dynamodb, indexed):
    dynamodb.update_item(TableName=indexed, Key={"id": {"S": "1"}},
                         UpdateExpression="SET #y = :y", ExpressionAttributeNames={"#y": "year"},
                         ExpressionAttributeValues=values(y=1927))
    dynamodb.delete_item(TableName=indexed, Key={"id": {"S": "2"}})
    assert [item["id"]["S"] for item in by_year(dynamodb, indexed, 1931)["Items"]] == ["3"]
    assert [item["id"]["S"] for item in by_year(dynamodb, indexed, 1927)["Items"]] == ["1", "0"]


def test_an_index_is_paged_even_among_equal_keys(dynamodb, indexed):
    seen, start = [], {}
    while True:
        page = by_year(dynamodb, indexed, 1931, Limit=1, **start)
        seen += [item["id"]["S"] for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert sorted(seen) == ["1", "2", "3"] and seen[-1] == "1"


def test_a_missing_index_is_refused(dynamodb, table):
    with pytest.raises(ClientError) as raised:
        by_year(dynamodb, table, 1931)
    assert error_of(raised) == ("ValidationException", 400)
    assert "by-year" in str(raised.value)
