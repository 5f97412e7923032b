"""ExportTableToPointInTime: objects in S3 made of tables."""

import base64
import datetime
import gzip
import hashlib
import json

import matinee_server
import moved_clock
import pytest
from botocore.exceptions import ClientError
from transfers_kit import BUCKET, SIMPLE, Cloud, refusal


@pytest.fixture
def cloud(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        yield Cloud(server)


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
    assert told["ExportTime"].timestamp() == pytest.approx(moment.timestamp(), abs=0.001)
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
