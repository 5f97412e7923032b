"""ImportTable and ExportTableToPointInTime: tables made of objects, and objects made of tables."""

import base64
import datetime
import gzip
import hashlib
import json

import aws_clients
import matinee_server
import moved_clock
import pytest
from botocore.exceptions import ClientError
from polling import eventually

BUCKET = "moved"
SIMPLE = {"TableName": "films", "BillingMode": "PAY_PER_REQUEST",
          "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
          "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
RANKED = {"TableName": "films", "BillingMode": "PAY_PER_REQUEST",
          "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"},
                                   {"AttributeName": "rank", "AttributeType": "N"}],
          "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
          "GlobalSecondaryIndexes": [{
              "IndexName": "by-rank", "Projection": {"ProjectionType": "ALL"},
              "KeySchema": [{"AttributeName": "rank", "KeyType": "HASH"}]}]}


class Cloud:
    def __init__(self, server):
        self.server = server
        self.connect()
        self.s3.create_bucket(Bucket=BUCKET)

    def connect(self):
        url = self.server.url
        self.dynamodb = aws_clients.client("dynamodb", url)
        self.s3 = aws_clients.client("s3", url, s3={"addressing_style": "path"})
        self.logs = aws_clients.client("logs", url)

    def put(self, key, body):
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def begin_import(self, table=None, **more):
        request = {"S3BucketSource": {"S3Bucket": BUCKET, "S3KeyPrefix": "in/"},
                   "InputFormat": "DYNAMODB_JSON", "TableCreationParameters": table or SIMPLE}
        return self.dynamodb.import_table(**{**request, **more})["ImportTableDescription"]

    def end_import(self, begun):
        def ended():
            told = self.dynamodb.describe_import(ImportArn=begun["ImportArn"])
            told = told["ImportTableDescription"]
            return told if told["ImportStatus"] != "IN_PROGRESS" else None

        return eventually(ended, 60)

    def import_(self, table=None, **more):
        return self.end_import(self.begin_import(table, **more))

    def export(self, **more):
        arn = self.dynamodb.describe_table(TableName="films")["Table"]["TableArn"]
        begun = self.dynamodb.export_table_to_point_in_time(
            TableArn=arn, S3Bucket=BUCKET, **more)["ExportDescription"]
        return self.end_export(begun)

    def end_export(self, begun):
        def ended():
            told = self.dynamodb.describe_export(ExportArn=begun["ExportArn"])["ExportDescription"]
            return told if told["ExportStatus"] != "IN_PROGRESS" else None

        return eventually(ended, 60)

    def body(self, key):
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def items(self):
        pages = self.dynamodb.get_paginator("scan").paginate(TableName="films")
        return [item for page in pages for item in page["Items"]]

    def errors_of(self, told):
        stream = told["ImportArn"].rsplit("/", 1)[1] + "/error"
        events = self.logs.get_log_events(logGroupName="/aws-dynamodb/imports",
                                          logStreamName=stream)["events"]
        return [json.loads(event["message"]) for event in events]


@pytest.fixture
def cloud(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        yield Cloud(server)


def lines(*ids):
    return "".join(json.dumps({"Item": {"id": {"S": each}, "n": {"N": "1"}}}) + "\n"
                   for each in ids).encode()


def refusal(raised):
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


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


def make_table(cloud, items=()):
    cloud.dynamodb.create_table(**SIMPLE)
    cloud.dynamodb.update_continuous_backups(
        TableName="films", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    for item in items:
        cloud.dynamodb.put_item(TableName="films", Item=item)


def read_export(cloud, told):
    """(summary, records) of an export, its files checked against its manifests."""
    folder = told["ExportManifest"].rsplit("/", 1)[0]
    contents = {}
    for name in ("summary", "files"):
        body = cloud.body(f"{folder}/manifest-{name}.json")
        digest = base64.b64encode(hashlib.md5(body).digest())
        assert cloud.body(f"{folder}/manifest-{name}.md5") == digest
        contents[name] = body.decode()
    assert cloud.body(f"{folder}/_started") == b""
    records = []
    for line in contents["files"].splitlines():
        told_file = json.loads(line)
        packed = cloud.body(told_file["dataFileS3Key"])
        assert base64.b64encode(hashlib.md5(packed).digest()).decode() == told_file["md5Checksum"]
        texts = gzip.decompress(packed).decode().splitlines()
        assert len(texts) == told_file["itemCount"]
        records += [json.loads(text) for text in texts]
    summary = json.loads(contents["summary"])
    assert summary["itemCount"] == len(records) == told["ItemCount"]
    assert summary["exportArn"] == told["ExportArn"]
    return summary, records


def test_an_export_needs_the_recovery_to_points_in_time(cloud):
    cloud.dynamodb.create_table(**SIMPLE)
    with pytest.raises(ClientError) as raised:
        cloud.export()
    assert refusal(raised)[0] == "PointInTimeRecoveryUnavailableException"
    with pytest.raises(ClientError) as raised:
        cloud.dynamodb.export_table_to_point_in_time(
            TableArn="arn:aws:dynamodb:us-east-1:000000000000:table/none", S3Bucket=BUCKET)
    assert refusal(raised)[0] == "TableNotFoundException"


def test_an_export_has_the_files_of_aws_and_can_be_imported(cloud):
    items = [{"id": {"S": str(i)}, "v": {"L": [{"N": str(i)}]}} for i in range(300)]
    make_table(cloud, items)
    told = cloud.export(S3Prefix="out")
    assert told["ExportStatus"] == "COMPLETED" and told["ExportType"] == "FULL_EXPORT"
    summary, records = read_export(cloud, told)
    assert summary["s3Prefix"] == "out" and summary["outputFormat"] == "DYNAMODB_JSON"
    assert sorted(records, key=str) == sorted([{"Item": item} for item in items], key=str)
    folder = told["ExportManifest"].rsplit("/", 1)[0]
    imported = cloud.import_({**SIMPLE, "TableName": "copy"}, InputCompressionType="GZIP",
                             S3BucketSource={"S3Bucket": BUCKET, "S3KeyPrefix": folder + "/data/"})
    assert imported["ImportStatus"] == "COMPLETED" and imported["ImportedItemCount"] == 300


def test_a_table_without_items_is_exported_too(cloud):
    make_table(cloud)
    summary, records = read_export(cloud, cloud.export())
    assert records == [] and summary["itemCount"] == 0


def test_an_export_is_of_its_moment(cloud):
    clock = moved_clock.Clock(cloud.server)
    make_table(cloud, [{"id": {"S": "a"}}, {"id": {"S": "b"}}])
    clock.advance(minutes=1)
    moment = clock.now()
    clock.advance(minutes=1)
    cloud.dynamodb.delete_item(TableName="films", Key={"id": {"S": "a"}})
    cloud.dynamodb.put_item(TableName="films", Item={"id": {"S": "c"}})
    told = cloud.export(ExportTime=moment)
    assert told["ExportTime"].timestamp() == int(moment.timestamp())
    _, records = read_export(cloud, told)
    assert {record["Item"]["id"]["S"] for record in records} == {"a", "b"}
    with pytest.raises(ClientError) as raised:
        cloud.export(ExportTime=moment - datetime.timedelta(days=3))
    assert refusal(raised)[0] == "InvalidExportTimeException"


@pytest.mark.parametrize("view", [None, "NEW_IMAGE"])
def test_an_incremental_export_tells_what_has_changed(cloud, view):
    clock = moved_clock.Clock(cloud.server)
    make_table(cloud, [{"id": {"S": each}} for each in ("same", "changed", "gone")])
    clock.advance(minutes=1)
    begin = clock.now()
    clock.advance(minutes=1)
    cloud.dynamodb.put_item(TableName="films", Item={"id": {"S": "new"}})
    cloud.dynamodb.put_item(TableName="films", Item={"id": {"S": "changed"}, "v": {"N": "2"}})
    cloud.dynamodb.delete_item(TableName="films", Key={"id": {"S": "gone"}})
    cloud.dynamodb.put_item(TableName="films", Item={"id": {"S": "brief"}})
    cloud.dynamodb.delete_item(TableName="films", Key={"id": {"S": "brief"}})
    clock.advance(minutes=20)
    window = {"ExportFromTime": begin, "ExportToTime": clock.now()}
    if view:
        window["ExportViewType"] = view
    clock.advance(minutes=1)
    cloud.dynamodb.put_item(TableName="films", Item={"id": {"S": "late"}})
    told = cloud.export(ExportType="INCREMENTAL_EXPORT", IncrementalExportSpecification=window,
                        S3Prefix="out")
    assert told["ExportStatus"] == "COMPLETED", told
    summary, records = read_export(cloud, told)
    assert summary["exportType"] == "INCREMENTAL_EXPORT"
    assert summary["outputView"] == (view or "NEW_AND_OLD_IMAGES")
    changes = {record["Keys"]["id"]["S"]: record for record in records}
    assert changes.keys() == {"new", "changed", "gone"}
    assert changes["changed"]["NewImage"]["v"] == {"N": "2"}
    assert "NewImage" not in changes["gone"] and "OldImage" not in changes["new"]
    assert ("OldImage" in changes["gone"]) == ("OldImage" in changes["changed"]) == (view is None)
    assert int(changes["new"]["Metadata"]["WriteTimestampMicros"]["N"]) > begin.timestamp() * 1e6
    window["ExportToTime"] = begin + datetime.timedelta(minutes=14)
    with pytest.raises(ClientError) as raised:
        cloud.export(ExportType="INCREMENTAL_EXPORT", IncrementalExportSpecification=window)
    assert refusal(raised)[0] == "ValidationException"


def test_a_killed_server_goes_on_with_its_exports(cloud):
    make_table(cloud)
    for part in range(0, 2000, 25):
        cloud.dynamodb.batch_write_item(RequestItems={"films": [
            {"PutRequest": {"Item": {"id": {"S": str(i)}, "v": {"S": "x" * 5000}}}}
            for i in range(part, part + 25)]})
    arn = cloud.dynamodb.describe_table(TableName="films")["Table"]["TableArn"]
    begun = cloud.dynamodb.export_table_to_point_in_time(
        TableArn=arn, S3Bucket=BUCKET, ClientToken="once")["ExportDescription"]
    cloud.server.kill()
    cloud.server.start()
    cloud.connect()
    again = cloud.dynamodb.export_table_to_point_in_time(
        TableArn=arn, S3Bucket=BUCKET, ClientToken="once")["ExportDescription"]
    assert again["ExportArn"] == begun["ExportArn"]
    _, records = read_export(cloud, cloud.end_export(begun))
    assert len({record["Item"]["id"]["S"] for record in records}) == len(records) == 2000


def test_exports_that_cannot_be_written_fail_and_others_are_refused(cloud):
    make_table(cloud)
    arn = cloud.dynamodb.describe_table(TableName="films")["Table"]["TableArn"]
    begun = cloud.dynamodb.export_table_to_point_in_time(
        TableArn=arn, S3Bucket="no-such-bucket")["ExportDescription"]
    told = cloud.end_export(begun)
    assert told["ExportStatus"] == "FAILED" and told["FailureCode"] == "S3NoSuchBucket"
    for refused in ({"ExportFormat": "ION"}, {"S3SseAlgorithm": "KMS"},
                    {"FilterSpecification": {"ProjectionExpression": "id"}}):
        with pytest.raises(ClientError) as raised:
            cloud.export(**refused)
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    listed = cloud.dynamodb.list_exports(TableArn=arn)["ExportSummaries"]
    assert [each["ExportArn"] for each in listed] == [begun["ExportArn"]]
    with pytest.raises(ClientError) as raised:
        cloud.dynamodb.describe_export(ExportArn=begun["ExportArn"] + "x")
    assert refusal(raised)[0] == "ExportNotFoundException"
