"""Lifecycle rules of S3 buckets as clients see them; what the rules do in time is tested in C++."""

import datetime

import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

EXPIRE = {"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": "logs/"},
          "Expiration": {"Days": 3}}


def put(s3, bucket, *rules, **more):
    return s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)}, **more)


def get_rules(s3, bucket):
    return s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]


def test_rules_are_returned_as_they_were_put(s3, bucket):
    midnight = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
    rules = [
        {"ID": "all", "Status": "Enabled", "Filter": {},
         "Expiration": {"ExpiredObjectDeleteMarker": True},
         "NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 2},
         "NoncurrentVersionTransitions": [{"NoncurrentDays": 1, "StorageClass": "GLACIER_IR"}],
         "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
        {"ID": "dated", "Status": "Disabled", "Filter": {"Prefix": "a/"},
         "Expiration": {"Date": midnight}},
        {"ID": "several", "Status": "Enabled",
         "Filter": {"And": {"Prefix": "b/", "Tags": [{"Key": "k", "Value": "v"}],
                            "ObjectSizeGreaterThan": 1024}},
         "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"},
                         {"Days": 90, "StorageClass": "GLACIER"}]}]
    answer = put(s3, bucket, *rules)
    assert answer["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    found = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert found["Rules"] == rules
    assert found["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"


def test_small_objects_may_be_told_to_move_as_their_class_says(s3, bucket):
    put(s3, bucket, EXPIRE, TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    found = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert found["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"


def test_rules_replace_the_ones_before_and_can_be_deleted_twice(s3, bucket):
    put(s3, bucket, EXPIRE)
    put(s3, bucket, {**EXPIRE, "ID": "other"})
    assert [rule["ID"] for rule in get_rules(s3, bucket)] == ["other"]
    s3.delete_bucket_lifecycle(Bucket=bucket)
    s3.delete_bucket_lifecycle(Bucket=bucket)
    with pytest.raises(ClientError) as raised:
        get_rules(s3, bucket)
    assert error_of(raised) == ("NoSuchLifecycleConfiguration", 404)


def test_rules_without_ids_get_one(s3, bucket):
    nameless = {name: value for name, value in EXPIRE.items() if name != "ID"}
    put(s3, bucket, nameless, nameless)
    ids = {rule["ID"] for rule in get_rules(s3, bucket)}
    assert len(ids) == 2 and all(ids)


def test_rules_in_the_older_form_have_a_prefix_of_their_own(s3, bucket):
    rule = {"ID": "old", "Status": "Enabled", "Prefix": "logs/", "Expiration": {"Days": 1}}
    put(s3, bucket, rule)
    assert get_rules(s3, bucket) == [rule]
    with pytest.raises(ClientError) as raised:
        put(s3, bucket, rule, EXPIRE)
    assert error_of(raised) == ("InvalidRequest", 400)


@pytest.mark.parametrize("change, code, message", [
    ({"Expiration": {"Days": 0}}, "InvalidArgument",
     "'Days' for Expiration action must be a positive integer"),
    ({"Expiration": {"Date": datetime.datetime(2030, 1, 1, 1)}}, "InvalidArgument",
     "'Date' must be at midnight GMT"),
    ({"Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": True}}, "MalformedXML", None),
    ({"Filter": {"Prefix": "a", "ObjectSizeLessThan": 5}}, "MalformedXML", None),
    ({"Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]}, "InvalidArgument",
     "'Days' in Transition action must be greater than or equal to 30 for storageClass "
     "'STANDARD_IA'"),
    ({"Transitions": [{"Days": 3, "StorageClass": "GLACIER"}]}, "InvalidArgument",
     "'Days' in the Expiration action for filter '(prefix=logs/)' must be greater than 'Days' in "
     "the Transition action"),
    ({"Transitions": [{"Days": 1, "StorageClass": "STANDARD"}]}, "MalformedXML", None),
    ({"ID": "x" * 256}, "InvalidArgument", "ID length should not exceed allowed limit of 255"),
    ({"NoncurrentVersionExpiration": {"NoncurrentDays": 0}}, "InvalidArgument",
     "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer"),
    ({"Filter": {"Tag": {"Key": "a", "Value": "b"}},
      "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}, "InvalidRequest",
     "AbortIncompleteMultipartUpload cannot be specified with Tags."),
    ({"Status": "On"}, "MalformedXML", None),
])
def test_rules_that_aws_refuses_are_refused(s3, bucket, change, code, message):
    with pytest.raises(ClientError) as raised:
        put(s3, bucket, {**EXPIRE, **change})
    assert error_of(raised) == (code, 400)
    if message:
        assert raised.value.response["Error"]["Message"] == message
    with pytest.raises(ClientError):
        get_rules(s3, bucket)


def test_replies_tell_when_an_object_expires(s3, bucket):
    put(s3, bucket, {**EXPIRE, "ID": "a rule/b"})
    stored = s3.put_object(Bucket=bucket, Key="logs/a", Body=b"x")
    head = s3.head_object(Bucket=bucket, Key="logs/a")
    assert head["Expiration"] == stored["Expiration"]
    assert s3.get_object(Bucket=bucket, Key="logs/a")["Expiration"] == stored["Expiration"]
    assert 'rule-id="a%20rule%2Fb"' in stored["Expiration"]
    date = stored["Expiration"].split('"')[1]
    expiry = datetime.datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT")
    age = expiry - head["LastModified"].replace(tzinfo=None)
    assert expiry.time() == datetime.time() and 3 <= age / datetime.timedelta(days=1) <= 4
    assert "Expiration" not in s3.put_object(Bucket=bucket, Key="other", Body=b"x")
    copy = s3.copy_object(Bucket=bucket, Key="logs/b", CopySource=f"{bucket}/other")
    assert copy["Expiration"] == stored["Expiration"]


def test_replies_tell_when_an_upload_is_aborted(s3, bucket):
    put(s3, bucket, {"ID": "abort", "Status": "Enabled", "Filter": {"Prefix": "up/"},
                     "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}})
    begun = s3.create_multipart_upload(Bucket=bucket, Key="up/a")
    assert begun["AbortRuleId"] == "abort"
    assert begun["AbortDate"].time() == datetime.time()
    listed = s3.list_parts(Bucket=bucket, Key="up/a", UploadId=begun["UploadId"])
    assert listed["AbortDate"] == begun["AbortDate"]
    assert "AbortDate" not in s3.create_multipart_upload(Bucket=bucket, Key="other")
