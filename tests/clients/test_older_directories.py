"""Directories that older programs wrote open, and what is in them stays as it was."""

import pathlib
import tarfile

import aws_clients
import matinee_server
import pytest

DATA = pathlib.Path(__file__).parent / "data"
# The order in which the program that wrote format 2 found them.
KEYS = ["2", "0", "hello", "B", "A", "3", "1"]


@pytest.fixture
def server(tmp_path):
    """A server on a directory of format 2. Its table `older` has the string key `id`, the number
    `at`, a local index `lix` and a global one `gix` on `genre`; an item for each of KEYS.
    """
    with tarfile.open(DATA / "format2.tar.gz") as archive:
        archive.extractall(tmp_path)
    with matinee_server.Server(tmp_path / "data") as running:
        yield running


def scanned(client, table):
    return [item["id"]["S"] for item in client.scan(TableName=table)["Items"]]


def found_in(client, index, genre, **more):
    """The keys of the items that a query of an index of `older` finds."""
    key = {"lix": "id = :i AND genre = :g", "gix": "genre = :g"}[index]
    values = {":g": {"S": genre}, **more}
    items = client.query(TableName="older", IndexName=index, KeyConditionExpression=key,
                         ExpressionAttributeValues=values)["Items"]
    return [item["id"]["S"] for item in items]


def test_a_table_of_format_2_keeps_its_items_its_order_and_its_indexes(server, tmp_path):
    client = aws_clients.client("dynamodb", server.url)
    assert scanned(client, "older") == KEYS
    for value in KEYS:
        key = {"id": {"S": value}, "at": {"N": "1"}}
        item = client.get_item(TableName="older", Key=key)["Item"]
        assert item == {**key, "genre": {"S": "g" + value}}
        assert found_in(client, "gix", "g" + value) == [value]
        assert found_in(client, "lix", "g" + value, **{":i": {"S": value}}) == [value]
    assert (tmp_path / "data" / "FORMAT").read_text(encoding="ascii") == "matinee 3\n"


def test_a_table_of_format_2_is_written_as_before(server):
    client = aws_clients.client("dynamodb", server.url)
    key = {"id": {"S": "A"}, "at": {"N": "1"}}
    client.update_item(TableName="older", Key=key, UpdateExpression="SET genre = :g",
                       ExpressionAttributeValues={":g": {"S": "noir"}})
    assert found_in(client, "gix", "gA") == []
    assert found_in(client, "gix", "noir") == ["A"]
    client.delete_item(TableName="older", Key=key)
    client.put_item(TableName="older", Item={"id": {"S": "B"}, "at": {"N": "1"}})
    assert scanned(client, "older") == [value for value in KEYS if value != "A"]
    segments = [client.scan(TableName="older", TotalSegments=3, Segment=segment)["Items"]
                for segment in range(3)]
    assert [item["id"]["S"] for items in segments for item in items] == scanned(client, "older")


def test_a_new_table_beside_it_has_the_order_of_aws(server):
    client = aws_clients.client("dynamodb", server.url)
    client.create_table(
        TableName="newer", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    for value in KEYS:
        client.put_item(TableName="newer", Item={"id": {"S": value}})
    assert scanned(client, "newer") == ["A", "2", "B", "1", "hello", "0", "3"]
