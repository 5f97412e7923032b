"""ImportTable: tables made of objects in S3."""

import gzip
import json

import matinee_server
import pytest
from botocore.exceptions import ClientError
from transfers_kit import BUCKET, SIMPLE, Cloud, refusal

RANKED = {"TableName": "films", "BillingMode": "PAY_PER_REQUEST",
          "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"},
                                   {"AttributeName": "rank", "AttributeType": "N"}],
          "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
          "GlobalSecondaryIndexes": [{
              "IndexName": "by-rank", "Projection": {"ProjectionType": "ALL"},
              "KeySchema": [{"AttributeName": "rank", "KeyType": "HASH"}]}]}


@pytest.fixture
def cloud(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        yield Cloud(server)


def lines(*ids):
    return "".join(json.dumps({"Item": {"id": {"S": each}, "n": {"N": "1"}}}) + "\n"
                   for each in ids).encode()


@pytest.mark.parametrize("compression", [None, "NONE", "GZIP"])
def test_an_import_makes_a_table_of_all_objects_under_a_prefix(cloud, compression):
    pack = gzip.compress if compression == "GZIP" else bytes
    cloud.put("in/1", pack(lines("a", "b")))
    cloud.put("in/2", pack(lines("c")))
    cloud.put("other/3", b"not asked for")
    options = {"InputCompressionType": compression} if compression else {}
    begun = cloud.begin_import(**options)
    assert begun["ImportStatus"] == "IN_PROGRESS" and begun["TableArn"].endswith(":table/films")
    told = cloud.end_import(begun)
    assert told["ImportStatus"] == "COMPLETED" and told["ErrorCount"] == 0
    assert told["ProcessedItemCount"] == told["ImportedItemCount"] == 3
    assert told["ProcessedSizeBytes"] == len(lines("a", "b", "c"))
    assert told["EndTime"] >= told["StartTime"]
    assert told["TableCreationParameters"]["TableName"] == "films"
    assert {item["id"]["S"] for item in cloud.items()} == {"a", "b", "c"}
    table = cloud.dynamodb.describe_table(TableName="films")["Table"]
    assert table["TableStatus"] == "ACTIVE" and table["TableId"] == told["TableId"]


def test_rows_of_csv_have_the_types_of_keys_and_fill_indexes(cloud):
    cloud.put("in/1.csv", b'id;rank;title\na;7;"Ran; 1985"\nb;;\n')
    told = cloud.import_(RANKED, InputFormat="CSV",
                         InputFormatOptions={"Csv": {"Delimiter": ";"}})
    assert told["ImportStatus"] == "COMPLETED" and told["InputFormatOptions"]["Csv"]
    found = cloud.dynamodb.query(
        TableName="films", IndexName="by-rank", KeyConditionExpression="#r = :r",
        ExpressionAttributeNames={"#r": "rank"}, ExpressionAttributeValues={":r": {"N": "7"}})
    assert found["Items"] == [{"id": {"S": "a"}, "rank": {"N": "7"}, "title": {"S": "Ran; 1985"}}]
    assert {"id": {"S": "b"}} in cloud.items()


def test_a_header_list_makes_the_first_row_data(cloud):
    cloud.put("in/1.csv", b"a,x\nb,y\n")
    told = cloud.import_(InputFormat="CSV",
                         InputFormatOptions={"Csv": {"HeaderList": ["id", "note"]}})
    assert told["ImportedItemCount"] == 2


def test_what_is_no_item_is_counted_and_logged_and_all_else_is_there(cloud):
    cloud.put("in/1", lines("a") + b"nonsense\n" + b'{"Item":{"n":{"N":"1"}}}\n'
              + b'{"Item":{"id":{"S":""}}}\n' + lines("z"))
    cloud.put("in/2", b"\xe0\x01\x00\xea in Ion")
    told = cloud.import_()
    assert told["ImportStatus"] == "FAILED" and told["FailureCode"] == "ItemValidationError"
    assert told["ErrorCount"] == 4 and told["ImportedItemCount"] == 2
    assert told["ProcessedItemCount"] == 6
    assert {item["id"]["S"] for item in cloud.items()} == {"a", "z"}
    errors = cloud.errors_of(told)
    assert len(errors) == 4 and all(each["importArn"] == told["ImportArn"] for each in errors)
    at = {(each["itemS3Pointer"]["key"], each["itemS3Pointer"]["itemIndex"]): each["errorMessages"]
          for each in errors}
    assert at["in/1", 2] == [
        "One or more parameter values were invalid: Missing the key id in the item"]
    assert "Ion" in at["in/2", 0][0]


def test_an_import_without_its_bucket_fails_and_leaves_an_empty_table(cloud):
    told = cloud.import_(S3BucketSource={"S3Bucket": "no-such-bucket"})
    assert told["ImportStatus"] == "FAILED" and told["FailureCode"] == "S3NoSuchBucket"
    assert cloud.items() == []
    cloud.dynamodb.delete_table(TableName="films")
    assert cloud.import_()["FailureCode"] == "S3NoSuchKey"


def test_a_token_makes_an_import_once(cloud):
    cloud.put("in/1", lines("a"))
    first = cloud.import_(ClientToken="once")
    assert cloud.begin_import(ClientToken="once")["ImportArn"] == first["ImportArn"]
    with pytest.raises(ClientError) as raised:
        cloud.begin_import(ClientToken="once", InputCompressionType="GZIP")
    assert refusal(raised)[0] == "ImportConflictException"
    with pytest.raises(ClientError) as raised:
        cloud.begin_import(ClientToken="another")
    assert refusal(raised)[0] == "ResourceInUseException"


def test_ion_is_refused_by_name(cloud):
    with pytest.raises(ClientError) as raised:
        cloud.begin_import(InputFormat="ION")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "Amazon Ion" in refusal(raised)[1]


def test_imports_are_listed_newest_first_in_pages(cloud):
    cloud.put("in/1", lines("a"))
    arns = []
    for i in range(3):
        told = cloud.import_({**SIMPLE, "TableName": f"films-{i}"})
        arns.insert(0, told["ImportArn"])
    found, token = [], {}
    while True:
        page = cloud.dynamodb.list_imports(PageSize=2, **token)
        found += page["ImportSummaryList"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert [each["ImportArn"] for each in found] == arns
    assert all(each["ImportStatus"] == "COMPLETED" for each in found)
    one = cloud.dynamodb.list_imports(TableArn=found[1]["TableArn"])["ImportSummaryList"]
    assert [each["ImportArn"] for each in one] == [arns[1]]
    with pytest.raises(ClientError) as raised:
        cloud.dynamodb.describe_import(ImportArn=arns[0] + "x")
    assert refusal(raised)[0] == "ImportNotFoundException"


def test_a_killed_server_goes_on_with_its_imports(cloud):
    count = 40_000
    for part in range(2):
        cloud.put(f"in/{part}", gzip.compress(
            lines(*(f"{part}-{i}" for i in range(count // 2))), 1))
    begun = cloud.begin_import(InputCompressionType="GZIP")
    with pytest.raises(ClientError) as raised:
        cloud.dynamodb.put_item(TableName="films", Item={"id": {"S": "early"}})
    assert refusal(raised)[0] == "ResourceNotFoundException"
    cloud.server.kill()
    cloud.server.start()
    cloud.connect()
    told = cloud.end_import(begun)
    assert told["ImportStatus"] == "COMPLETED"
    assert told["ProcessedItemCount"] == told["ImportedItemCount"] == count
    assert len(cloud.items()) == count
