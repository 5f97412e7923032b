"""What the aws command has for tables above plain operations, in both of its versions: parameters
from files and skeletons, pages and tokens, queries of results, waiting; and version 2's `aws ddb`.
"""

import json

import pytest
import yaml
from aws_cli import AWS, Cli, Failed, find_version_2

TABLE = {
    "BillingMode": "PROVISIONED",
    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    "AttributeDefinitions": [{"AttributeName": "artist", "AttributeType": "S"},
                             {"AttributeName": "song", "AttributeType": "S"},
                             {"AttributeName": "year", "AttributeType": "N"}],
    "KeySchema": [{"AttributeName": "artist", "KeyType": "HASH"},
                  {"AttributeName": "song", "KeyType": "RANGE"}],
    "LocalSecondaryIndexes": [{
        "IndexName": "by-year", "Projection": {"ProjectionType": "ALL"},
        "KeySchema": [{"AttributeName": "artist", "KeyType": "HASH"},
                      {"AttributeName": "year", "KeyType": "RANGE"}]}]}


@pytest.fixture(params=[1, 2], ids=["version-1", "version-2"])
def aws(request, endpoint, tmp_path):
    program = AWS if request.param == 1 else find_version_2()
    if program is None:
        pytest.skip("the aws command is not here in version 2")
    return Cli(endpoint, tmp_path, program)


@pytest.fixture
def ddb(endpoint, tmp_path):
    if find_version_2() is None:
        pytest.skip("`aws ddb` needs the aws command in version 2")
    cli = Cli(endpoint, tmp_path, find_version_2())

    def run(*arguments):
        return yaml.safe_load(cli("ddb", *arguments))
    return run


@pytest.fixture
def songs(dynamodb, name):
    """A table with seven songs of one artist, and no year."""
    dynamodb.create_table(TableName=name, **TABLE)
    dynamodb.batch_write_item(RequestItems={name: [
        {"PutRequest": {"Item": {"artist": {"S": "Can"}, "song": {"S": f"s{number}"}}}}
        for number in range(7)]})
    return name


def test_a_table_is_made_of_a_file_and_waited_for(aws, dynamodb, tmp_path, name):
    skeleton = aws("dynamodb", "create-table", "--generate-cli-skeleton")
    assert set(TABLE) < set(skeleton)
    (tmp_path / "table.json").write_text(json.dumps(TABLE | {"TableName": name}))
    # What is said beside the file counts.
    aws("dynamodb", "create-table", "--cli-input-json", "file://table.json",
        "--provisioned-throughput", "ReadCapacityUnits=2,WriteCapacityUnits=1")
    aws("dynamodb", "wait", "table-exists", "--table-name", name)
    told = aws("dynamodb", "describe-table", "--table-name", name, "--output", "text", "--query",
               "Table.[TableStatus, ProvisionedThroughput.ReadCapacityUnits]")
    assert told == "ACTIVE\t2\n"
    aws("dynamodb", "update-table", "--table-name", name, "--billing-mode", "PAY_PER_REQUEST",
        "--attribute-definitions", "AttributeName=label,AttributeType=S",
        "--global-secondary-index-updates", json.dumps([{"Create": {
            "IndexName": "by-label", "Projection": {"ProjectionType": "KEYS_ONLY"},
            "KeySchema": [{"AttributeName": "label", "KeyType": "HASH"}]}}]))
    [index] = dynamodb.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by-label"
    aws("dynamodb", "delete-table", "--table-name", name, "--output", "table")
    aws("dynamodb", "wait", "table-not-exists", "--table-name", name)


def test_values_from_files_and_pages_by_token(aws, songs, tmp_path):
    (tmp_path / "values.json").write_text('{":artist": {"S": "Can"}, ":from": {"S": "s1"}}')
    query = ("dynamodb", "query", "--table-name", songs, "--key-condition-expression",
             "artist = :artist AND song >= :from", "--expression-attribute-values",
             "file://values.json", "--page-size", "2")
    first = aws(*query, "--max-items", "3")
    assert [item["song"]["S"] for item in first["Items"]] == ["s1", "s2", "s3"]
    rest = aws(*query, "--starting-token", first["NextToken"], "--query", "Items[].song.S")
    assert rest == ["s4", "s5", "s6"]
    counted = aws("dynamodb", "scan", "--table-name", songs, "--select", "COUNT", "--page-size",
                  "2", "--return-consumed-capacity", "TOTAL")
    assert (counted["Count"], counted["ScannedCount"]) == (7, 7)


def test_bytes_are_told_as_base64(aws, dynamodb, songs):
    version_2 = () if aws.program == AWS else ("--cli-binary-format", "raw-in-base64-out")
    aws("dynamodb", "put-item", "--table-name", songs, *version_2, "--item",
        json.dumps({"artist": {"S": "x"}, "song": {"S": "y"}, "bytes": {"B": "ab"}}))
    key = {"artist": {"S": "x"}, "song": {"S": "y"}}
    got = aws("dynamodb", "get-item", "--table-name", songs, "--key", json.dumps(key))
    assert got["Item"]["bytes"] == {"B": "YWI="}
    assert dynamodb.get_item(TableName=songs, Key=key)["Item"]["bytes"] == {"B": b"ab"}


def test_a_failed_transaction_tells_its_reasons(aws, songs):
    with pytest.raises(Failed) as raised:
        aws("dynamodb", "transact-write-items", "--transact-items", json.dumps([
            {"Put": {"TableName": songs, "Item": {"artist": {"S": "Can"}, "song": {"S": song}},
                     "ConditionExpression": "attribute_not_exists(song)"}}
            for song in ("new", "s1")]))
    assert "[None, ConditionalCheckFailed]" in raised.value.error
    told = aws("dynamodb", "execute-statement", "--statement",
               f"SELECT song FROM \"{songs}\" WHERE artist = 'Can' AND song > ?",
               "--parameters", '[{"S": "s5"}]')
    assert told["Items"] == [{"song": {"S": "s6"}}]


def test_yaml_goes_in_and_comes_out(endpoint, songs, tmp_path):
    if find_version_2() is None:
        pytest.skip("YAML needs the aws command in version 2")
    aws = Cli(endpoint, tmp_path, find_version_2())
    (tmp_path / "put.yaml").write_text(
        f"TableName: {songs}\nItem:\n  artist: {{S: Neu}}\n  song: {{S: Isi}}\n"
        "  year: {N: '1975'}\n")
    aws("dynamodb", "put-item", "--cli-input-yaml", "file://put.yaml")
    told = aws("dynamodb", "query", "--table-name", songs, "--index-name", "by-year", "--output",
               "yaml", "--key-condition-expression", "artist = :a",
               "--expression-attribute-values", '{":a": {"S": "Neu"}}', "--query", "Items")
    assert told == "- artist:\n    S: Neu\n  song:\n    S: Isi\n  year:\n    N: '1975'\n"


def test_ddb_puts_items_and_selects_them(ddb, dynamodb, songs, tmp_path):
    ddb("put", songs, '{artist: "Neu", song: "Isi", year: 1975, tags: !!set {b, a},'
        ' raw: !!binary 4pyT, live: false, about: {parts: [1, null]}}')
    stored = dynamodb.get_item(TableName=songs, Key={
        "artist": {"S": "Neu"}, "song": {"S": "Isi"}})["Item"]
    assert stored == {
        "artist": {"S": "Neu"}, "song": {"S": "Isi"}, "year": {"N": "1975"},
        "tags": {"SS": ["a", "b"]}, "raw": {"B": "✓".encode()}, "live": {"BOOL": False},
        "about": {"M": {"parts": {"L": [{"N": "1"}, {"NULL": True}]}}}}
    with pytest.raises(Failed) as raised:
        ddb("put", songs, '{artist: "Neu", song: "Isi"}', "--condition",
            "attribute_not_exists(artist)")
    assert "ConditionalCheckFailedException" in raised.value.error
    many = [{"artist": "Faust", "song": f"{number:02}", "year": 1971 + number}
            for number in range(30)]
    (tmp_path / "songs.json").write_text(json.dumps(many))
    ddb("put", songs, "file://songs.json")
    found = ddb("select", songs, "--index-name", "by-year", "--key-condition",
                'artist = "Faust" AND year BETWEEN 1973 AND 1976', "--filter",
                'contains(song, "0") AND NOT song IN ("03", "04")', "--projection", "song, year")
    assert found == {"Count": 2, "ScannedCount": 4, "Items": [
        {"song": "02", "year": 1973}, {"song": "05", "year": 1976}]}
    first = ddb("select", songs, "--key-condition", 'artist = "Faust"', "--max-items", "4",
                "--page-size", "3")
    rest = ddb("select", songs, "--key-condition", 'artist = "Faust"', "--starting-token",
               first["NextToken"], "--projection", "song")
    assert first["Items"] == many[:4]
    assert [item["song"] for item in rest["Items"]] == [song["song"] for song in many[4:]]
