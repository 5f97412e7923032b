"""Imports and exports under `--iam enforce`: buckets are used as who has asked, sessions too."""

import matinee_server
import pytest
from enforced_cloud import ACCOUNT, Cloud, allow, is_denied
from polling import eventually

TABLE = {"BillingMode": "PAY_PER_REQUEST",
         "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
         "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
SOURCE = [allow(["s3:ListBucket", "s3:GetObject"], ["arn:aws:s3:::moved", "arn:aws:s3:::moved/*"])]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    data = tmp_path_factory.mktemp("permissions") / "data"
    with matinee_server.Server(data, ["--iam", "enforce"]) as server:
        cloud = Cloud(server)
        cloud.client("s3").create_bucket(Bucket="moved")
        cloud.client("s3").put_object(Bucket="moved", Key="in/1", Body=b'{"Item":{"id":{"S":"a"}}}')
        yield cloud


def import_as(dynamodb, name):
    begun = dynamodb.import_table(
        S3BucketSource={"S3Bucket": "moved", "S3KeyPrefix": "in/"}, InputFormat="DYNAMODB_JSON",
        TableCreationParameters={"TableName": name, **TABLE})["ImportTableDescription"]

    def ended():
        told = dynamodb.describe_import(ImportArn=begun["ImportArn"])["ImportTableDescription"]
        return told if told["ImportStatus"] != "IN_PROGRESS" else None

    return eventually(ended)


def test_an_import_reads_what_its_caller_may_read(cloud):
    without = cloud.client("dynamodb", cloud.user("without", allow("dynamodb:*")))
    told = import_as(without, "without")
    assert told["ImportStatus"] == "FAILED" and told["FailureCode"] == "S3AccessDenied"
    allowed = cloud.client("dynamodb", cloud.user("with", allow("dynamodb:*"), *SOURCE))
    assert import_as(allowed, "with")["ImportStatus"] == "COMPLETED"


def test_a_session_of_a_role_has_its_own_permissions(cloud):
    role = cloud.role("mover", allow("*"))
    who = cloud.user("assumer", allow("sts:AssumeRole"))
    policy = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*",'
              '"Resource":"*"}]}')
    narrow = cloud.client("dynamodb", cloud.session(role, who, Policy=policy))
    assert import_as(narrow, "narrow")["FailureCode"] == "S3AccessDenied"
    whole = cloud.client("dynamodb", cloud.session(role, who))
    assert import_as(whole, "whole")["ImportStatus"] == "COMPLETED"


def test_an_import_needs_its_own_permission(cloud):
    other = cloud.client("dynamodb", cloud.user(
        "other", allow("dynamodb:ImportTable", f"arn:aws:dynamodb:*:{ACCOUNT}:table/mine"),
        *SOURCE))
    assert is_denied(lambda: import_as(other, "theirs"))


def test_an_export_writes_where_its_caller_may_write(cloud):
    root = cloud.client("dynamodb")
    arn = root.create_table(TableName="films", **TABLE)["TableDescription"]["TableArn"]
    root.update_continuous_backups(
        TableName="films", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})

    def export_as(who):
        dynamodb = cloud.client("dynamodb", who)
        begun = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="moved")

        def ended():
            told = dynamodb.describe_export(ExportArn=begun["ExportDescription"]["ExportArn"])
            told = told["ExportDescription"]
            return told if told["ExportStatus"] != "IN_PROGRESS" else None

        return eventually(ended)

    reader = cloud.user("reader", allow("dynamodb:*"), *SOURCE)
    assert export_as(reader)["FailureCode"] == "S3AccessDenied"
    writer = cloud.user("writer", allow("dynamodb:*"),
                        allow("s3:PutObject", "arn:aws:s3:::moved/AWSDynamoDB/*"))
    assert export_as(writer)["ExportStatus"] == "COMPLETED"
