"""Tags of objects, as boto3 sees them."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def key(s3, bucket):
    s3.put_object(Bucket=bucket, Key="key", Body=b"content")
    return "key"


def tag_set(tags):
    return {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}


def tags_of(s3, **where):
    return {tag["Key"]: tag["Value"] for tag in s3.get_object_tagging(**where)["TagSet"]}


def test_tags_are_set_read_counted_and_removed(s3, bucket, key):
    where = {"Bucket": bucket, "Key": key}
    assert tags_of(s3, **where) == {}
    s3.put_object_tagging(**where, Tagging=tag_set({"a": "1", "größe": "2"}))
    assert tags_of(s3, **where) == {"a": "1", "größe": "2"}
    assert s3.get_object(**where)["TagCount"] == 2
    assert s3.head_object(**where)["TagCount"] == 2
    s3.delete_object_tagging(**where)
    assert tags_of(s3, **where) == {}
    assert "TagCount" not in s3.get_object(**where)


@pytest.mark.parametrize("tags, code, message", [
    ({str(i): "" for i in range(11)}, "BadRequest", "Object tags cannot be greater than 10"),
    ({"k" * 129: ""}, "InvalidTag", "The TagKey you have provided is invalid"),
    ({"k": "v" * 257}, "InvalidTag", "The TagValue you have provided is invalid"),
    ({"k": "<v>"}, "InvalidTag", "The TagValue you have provided is invalid")])
def test_tags_beyond_their_limits_are_refused(s3, bucket, key, tags, code, message):
    with pytest.raises(ClientError) as refused:
        s3.put_object_tagging(Bucket=bucket, Key=key, Tagging=tag_set(tags))
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["Error"]["Message"] == message
    assert tags_of(s3, Bucket=bucket, Key=key) == {}


def test_a_key_twice_is_refused(s3, bucket, key):
    twice = {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}
    with pytest.raises(ClientError) as refused:
        s3.put_object_tagging(Bucket=bucket, Key=key, Tagging=twice)
    assert refused.value.response["Error"]["Code"] == "InvalidTag"


def test_tags_of_nothing_are_no_such_key(s3, bucket):
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object_tagging(Bucket=bucket, Key="nothing")


def test_tags_belong_to_one_version(s3, bucket, key):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key=key, Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=bucket, Key=key, Body=b"2")["VersionId"]
    put = s3.put_object_tagging(Bucket=bucket, Key=key, VersionId=first,
                                Tagging=tag_set({"of": "first"}))
    assert put["VersionId"] == first
    assert tags_of(s3, Bucket=bucket, Key=key, VersionId=first) == {"of": "first"}
    assert tags_of(s3, Bucket=bucket, Key=key) == {}
    assert s3.get_object_tagging(Bucket=bucket, Key=key)["VersionId"] == second


def test_copies_keep_tags_or_get_their_own(s3, bucket, key):
    s3.put_object_tagging(Bucket=bucket, Key=key, Tagging=tag_set({"a": "1"}))
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/{key}")
    assert tags_of(s3, Bucket=bucket, Key="copy") == {"a": "1"}
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/{key}",
                   TaggingDirective="REPLACE", Tagging="x=1&y=2")
    assert tags_of(s3, Bucket=bucket, Key="copy") == {"x": "1", "y": "2"}
