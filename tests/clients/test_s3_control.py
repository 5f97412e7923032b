"""S3 Control: the tags of buckets, under names that put the account in front of the host or not."""

import json
import re
import socket

import aws_clients
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

ACCOUNT = "000000000000"


def leave_out_the_account(request, **_):
    """Sends to the host alone, as a proxy would."""
    request.url = re.sub(r"//\d{12}\.", "//", request.url)


@pytest.fixture(params=["host prefix", "plain host"])
def control(request, endpoint, monkeypatch):
    """S3 Control at http://000000000000.localhost, and at the host alone as by way of a proxy."""
    real = socket.getaddrinfo

    def resolve(host, *arguments, **more):
        name = host.decode() if isinstance(host, bytes) else host
        return real("127.0.0.1" if name and name.endswith("localhost") else host,
                    *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    client = aws_clients.client("s3control", endpoint.replace("127.0.0.1", "localhost"))
    if request.param == "plain host":
        client.meta.events.register("before-sign.s3-control", leave_out_the_account)
    return client


def tags_of(control, bucket):
    listed = control.list_tags_for_resource(AccountId=ACCOUNT, ResourceArn=f"arn:aws:s3:::{bucket}")
    return {tag["Key"]: tag["Value"] for tag in listed["Tags"]}


def tag(control, bucket, **tags):
    control.tag_resource(AccountId=ACCOUNT, ResourceArn=f"arn:aws:s3:::{bucket}",
                         Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


def test_tags_are_added_changed_and_removed_one_by_one(control, bucket):
    assert tags_of(control, bucket) == {}
    tag(control, bucket, stage="rehearsal", owner="ann")
    tag(control, bucket, stage="show", night="first")
    assert tags_of(control, bucket) == {"stage": "show", "owner": "ann", "night": "first"}
    control.untag_resource(AccountId=ACCOUNT, ResourceArn=f"arn:aws:s3:::{bucket}",
                           TagKeys=["owner", "night", "missing"])
    assert tags_of(control, bucket) == {"stage": "show"}


def test_the_tags_are_those_of_the_bucket(control, s3, bucket):
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert tags_of(control, bucket) == {"a": "b"}
    tag(control, bucket, a="c")
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "c"}]
    control.untag_resource(AccountId=ACCOUNT, ResourceArn=f"arn:aws:s3:::{bucket}", TagKeys=["a"])
    with pytest.raises(ClientError) as raised:
        s3.get_bucket_tagging(Bucket=bucket)
    assert error_of(raised) == ("NoSuchTagSet", 404)


def test_where_access_depends_on_tags_only_s3_control_changes_them(control, s3, bucket):
    s3.put_bucket_abac(Bucket=bucket, AbacStatus={"Status": "Enabled"})
    with pytest.raises(ClientError) as raised:
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert error_of(raised) == ("AccessDenied", 403)
    tag(control, bucket, a="b")
    assert tags_of(control, bucket) == {"a": "b"}


def test_errors_have_codes_that_clients_read(control, bucket, name):
    with pytest.raises(ClientError) as raised:
        tags_of(control, name + "-missing")
    assert error_of(raised) == ("NoSuchBucket", 404)
    with pytest.raises(ClientError) as raised:
        tag(control, bucket, **{"aws:a": "b"})
    assert error_of(raised) == ("InvalidTag", 400)
    with pytest.raises(ClientError) as raised:
        control.list_tags_for_resource(
            AccountId="111111111111", ResourceArn=f"arn:aws:s3:::{bucket}")
    assert error_of(raised) == ("AccessDenied", 403)
    with pytest.raises(ClientError) as raised:
        control.list_jobs(AccountId=ACCOUNT)
    assert error_of(raised) == ("NotImplemented", 501)


def test_tags_are_for_the_owner_and_for_those_whom_the_policy_names(endpoint, s3, bucket):
    arn = f"arn:aws:s3:::{bucket}"
    other = aws_clients.client(
        "s3control", endpoint.replace("127.0.0.1", "localhost"),
        credentials={"aws_access_key_id": "111111111111", "aws_secret_access_key": "secret"})
    other.meta.events.register("before-sign.s3-control", leave_out_the_account)
    for account in (ACCOUNT, "111111111111"):
        with pytest.raises(ClientError) as raised:
            other.list_tags_for_resource(AccountId=account, ResourceArn=arn)
        assert error_of(raised) == ("AccessDenied", 403)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "111111111111"},
             "Action": ["s3:ListTagsForResource", "s3:TagResource"], "Resource": arn}]}))
    other.tag_resource(AccountId=ACCOUNT, ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    assert tags_of(other, bucket) == {"a": "b"}
    with pytest.raises(ClientError) as raised:
        other.untag_resource(AccountId=ACCOUNT, ResourceArn=arn, TagKeys=["a"])
    assert error_of(raised) == ("AccessDenied", 403)


def test_a_bucket_may_have_the_name_of_the_version(s3):
    s3.create_bucket(Bucket="v20180820")
    s3.put_object(Bucket="v20180820", Key="tags/arn:aws:s3:::bucket", Body=b"an object")
    found = s3.get_object(Bucket="v20180820", Key="tags/arn:aws:s3:::bucket")
    assert found["Body"].read() == b"an object"
    s3.delete_object(Bucket="v20180820", Key="tags/arn:aws:s3:::bucket")
    s3.delete_bucket(Bucket="v20180820")
