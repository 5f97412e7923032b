"""S3 object lock: versions that cannot be removed before their time."""

import datetime

import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

ENABLED = {"ObjectLockEnabled": "Enabled"}


@pytest.fixture
def locked(s3, name):
    """The name of a new bucket with object lock."""
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return name


def in_days(days):
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.replace(microsecond=0) + datetime.timedelta(days=days)


def retain(s3, bucket, mode, days, **arguments):
    s3.put_object_retention(
        Bucket=bucket, Key="k", Retention={"Mode": mode, "RetainUntilDate": in_days(days)},
        **arguments)


def error_when_removed(s3, bucket, version, **arguments):
    with pytest.raises(ClientError) as raised:
        s3.delete_object(Bucket=bucket, Key="k", VersionId=version, **arguments)
    return error_of(raised)


def test_a_bucket_with_object_lock_has_versioning_for_ever(s3, locked):
    assert s3.get_bucket_versioning(Bucket=locked)["Status"] == "Enabled"
    assert s3.get_object_lock_configuration(Bucket=locked)["ObjectLockConfiguration"] == ENABLED
    with pytest.raises(ClientError) as raised:
        s3.put_bucket_versioning(Bucket=locked, VersioningConfiguration={"Status": "Suspended"})
    assert error_of(raised) == ("InvalidBucketState", 409)


def test_object_lock_is_enabled_on_a_bucket_that_has_versioning(s3, bucket):
    with pytest.raises(ClientError) as raised:
        s3.get_object_lock_configuration(Bucket=bucket)
    assert error_of(raised) == ("ObjectLockConfigurationNotFoundError", 404)
    with pytest.raises(ClientError) as raised:
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=ENABLED)
    assert error_of(raised) == ("InvalidBucketState", 409)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=ENABLED)
    assert s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"] == ENABLED


def test_a_version_in_compliance_mode_cannot_be_removed_by_anyone(s3, locked):
    version = s3.put_object(
        Bucket=locked, Key="k", Body=b"x", ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=in_days(1))["VersionId"]
    assert error_when_removed(s3, locked, version) == ("AccessDenied", 403)
    assert error_when_removed(
        s3, locked, version, BypassGovernanceRetention=True) == ("AccessDenied", 403)
    marker = s3.delete_object(Bucket=locked, Key="k")
    s3.delete_object(Bucket=locked, Key="k", VersionId=marker["VersionId"])
    head = s3.head_object(Bucket=locked, Key="k")
    assert head["ObjectLockMode"] == "COMPLIANCE"
    assert head["ObjectLockRetainUntilDate"] == in_days(1).replace(
        second=head["ObjectLockRetainUntilDate"].second,
        minute=head["ObjectLockRetainUntilDate"].minute)


def test_a_version_in_governance_mode_can_be_removed_with_the_bypass(s3, locked):
    version = s3.put_object(
        Bucket=locked, Key="k", Body=b"x", ObjectLockMode="GOVERNANCE",
        ObjectLockRetainUntilDate=in_days(1))["VersionId"]
    assert error_when_removed(s3, locked, version) == ("AccessDenied", 403)
    reply = s3.delete_objects(
        Bucket=locked, Delete={"Objects": [{"Key": "k", "VersionId": version}]})
    assert reply["Errors"][0]["Code"] == "AccessDenied"
    s3.delete_object(Bucket=locked, Key="k", VersionId=version, BypassGovernanceRetention=True)


def test_a_legal_hold_is_put_and_taken_away(s3, locked):
    version = s3.put_object(Bucket=locked, Key="k", Body=b"x")["VersionId"]
    with pytest.raises(ClientError) as raised:
        s3.get_object_legal_hold(Bucket=locked, Key="k")
    assert error_of(raised) == ("NoSuchObjectLockConfiguration", 404)
    for status in ("ON", "OFF"):
        s3.put_object_legal_hold(Bucket=locked, Key="k", LegalHold={"Status": status})
        assert s3.get_object_legal_hold(Bucket=locked, Key="k")["LegalHold"] == {"Status": status}
        assert s3.head_object(Bucket=locked, Key="k")["ObjectLockLegalHoldStatus"] == status
        if status == "ON":
            assert error_when_removed(s3, locked, version) == ("AccessDenied", 403)
    s3.delete_object(Bucket=locked, Key="k", VersionId=version)


def test_retention_becomes_longer_and_with_the_bypass_shorter(s3, locked):
    s3.put_object(Bucket=locked, Key="k", Body=b"x")
    with pytest.raises(ClientError) as raised:
        s3.get_object_retention(Bucket=locked, Key="k")
    assert error_of(raised) == ("NoSuchObjectLockConfiguration", 404)
    retain(s3, locked, "GOVERNANCE", 1)
    retain(s3, locked, "GOVERNANCE", 2)
    with pytest.raises(ClientError) as raised:
        retain(s3, locked, "GOVERNANCE", 1)
    assert error_of(raised) == ("AccessDenied", 403)
    retain(s3, locked, "GOVERNANCE", 1, BypassGovernanceRetention=True)
    assert s3.get_object_retention(Bucket=locked, Key="k")["Retention"]["Mode"] == "GOVERNANCE"
    s3.put_object_retention(
        Bucket=locked, Key="k", Retention={}, BypassGovernanceRetention=True)
    with pytest.raises(ClientError) as raised:
        s3.get_object_retention(Bucket=locked, Key="k")
    assert error_of(raised) == ("NoSuchObjectLockConfiguration", 404)


def test_new_objects_get_the_retention_of_their_bucket(s3, locked):
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}}
    s3.put_object_lock_configuration(
        Bucket=locked, ObjectLockConfiguration={**ENABLED, "Rule": rule})
    found = s3.get_object_lock_configuration(Bucket=locked)["ObjectLockConfiguration"]
    assert found == {**ENABLED, "Rule": rule}
    s3.put_object(Bucket=locked, Key="k", Body=b"x")
    retention = s3.get_object_retention(Bucket=locked, Key="k")["Retention"]
    assert retention["Mode"] == "GOVERNANCE"
    assert abs(retention["RetainUntilDate"] - in_days(3)) < datetime.timedelta(minutes=1)
    s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=ENABLED)
    s3.put_object(Bucket=locked, Key="k", Body=b"x")
    assert "ObjectLockMode" not in s3.head_object(Bucket=locked, Key="k")


@pytest.mark.parametrize("retention, code", [
    ({"Mode": "GOVERNANCE"}, "MalformedXML"),
    ({"Days": 1}, "MalformedXML"),
    ({"Mode": "GOVERNANCE", "Days": 1, "Years": 1}, "MalformedXML"),
    ({"Mode": "SOME", "Days": 1}, "MalformedXML"),
    ({"Mode": "GOVERNANCE", "Days": 0}, "InvalidArgument"),
    ({"Mode": "GOVERNANCE", "Days": 36_501}, "InvalidArgument"),
    ({"Mode": "COMPLIANCE", "Years": 101}, "InvalidArgument")])
def test_a_default_retention_is_a_mode_and_days_or_years(s3, locked, retention, code):
    with pytest.raises(ClientError) as raised:
        s3.put_object_lock_configuration(
            Bucket=locked,
            ObjectLockConfiguration={**ENABLED, "Rule": {"DefaultRetention": retention}})
    assert error_of(raised) == (code, 400)


@pytest.mark.parametrize("arguments, message", [
    ({"ObjectLockMode": "GOVERNANCE"}, "must both be supplied"),
    ({"ObjectLockRetainUntilDate": in_days(1)}, "must both be supplied"),
    ({"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": in_days(-1)}, "in the future"),
    ({"ObjectLockMode": "X", "ObjectLockRetainUntilDate": in_days(1)}, "Unknown wormMode"),
    ({"ObjectLockLegalHoldStatus": "MAYBE"}, "Legal Hold")])
def test_locks_that_make_no_sense_are_refused(s3, locked, arguments, message):
    with pytest.raises(ClientError) as raised:
        s3.put_object(Bucket=locked, Key="k", Body=b"x", **arguments)
    assert error_of(raised) == ("InvalidArgument", 400)
    assert message in raised.value.response["Error"]["Message"]


def test_locks_need_a_bucket_with_object_lock(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with pytest.raises(ClientError) as raised:
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ObjectLockLegalHoldStatus="ON")
    assert error_of(raised) == ("InvalidRequest", 400)
    for call in (s3.get_object_retention, s3.get_object_legal_hold):
        with pytest.raises(ClientError) as raised:
            call(Bucket=bucket, Key="k")
        assert error_of(raised) == ("InvalidRequest", 400)


def test_copies_and_multipart_objects_are_locked_by_their_own_headers(s3, locked):
    s3.put_object(Bucket=locked, Key="source", Body=b"x")
    copied = s3.copy_object(
        Bucket=locked, Key="k", CopySource={"Bucket": locked, "Key": "source"},
        ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=in_days(1))["VersionId"]
    assert error_when_removed(s3, locked, copied) == ("AccessDenied", 403)
    upload = s3.create_multipart_upload(
        Bucket=locked, Key="k", ObjectLockLegalHoldStatus="ON")["UploadId"]
    part = s3.upload_part(Bucket=locked, Key="k", UploadId=upload, PartNumber=1, Body=b"new")
    done = s3.complete_multipart_upload(
        Bucket=locked, Key="k", UploadId=upload,
        MultipartUpload={"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]})
    assert error_when_removed(s3, locked, done["VersionId"]) == ("AccessDenied", 403)
