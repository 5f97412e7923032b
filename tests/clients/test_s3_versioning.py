"""S3 versioning: what is overwritten or deleted stays, until its version itself is removed."""

import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError


def set_versioning(s3, bucket, status):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


@pytest.fixture
def versioned(s3, bucket):
    """The name of a new bucket with versioning."""
    set_versioning(s3, bucket, "Enabled")
    return bucket


def store(s3, bucket, body, key="k"):
    return s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]


def read(s3, bucket, version=None, key="k"):
    arguments = {"VersionId": version} if version else {}
    return s3.get_object(Bucket=bucket, Key=key, **arguments)["Body"].read()


def list_all(s3, bucket, **arguments):
    """Versions and delete markers in their order, from all pages."""
    found = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, **arguments):
        entries = page.get("Versions", []) + page.get("DeleteMarkers", [])
        found += [(entry["Key"], entry["VersionId"]) for entry in entries]
    return found


def test_a_bucket_has_no_versioning_until_it_is_enabled(s3, bucket):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert "VersionId" not in s3.get_object(Bucket=bucket, Key="k")
    for status in ("Enabled", "Suspended", "Enabled"):
        set_versioning(s3, bucket, status)
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status


def test_overwritten_versions_can_be_read_by_their_ids(s3, versioned):
    first = store(s3, versioned, b"first")
    second = store(s3, versioned, b"second" * 10_000)
    assert len(first) == len(second) == 32 and first != second
    assert read(s3, versioned) == b"second" * 10_000
    assert read(s3, versioned, first) == b"first"
    head = s3.head_object(Bucket=versioned, Key="k", VersionId=first)
    assert head["VersionId"] == first and head["ContentLength"] == 5
    part = s3.get_object(Bucket=versioned, Key="k", VersionId=second, Range="bytes=6-11")
    assert part["Body"].read() == b"second"


def test_a_deleted_object_is_covered_by_a_marker_that_can_be_removed(s3, versioned):
    store(s3, versioned, b"x")
    deleted = s3.delete_object(Bucket=versioned, Key="k")
    assert deleted["DeleteMarker"] is True
    with pytest.raises(ClientError) as raised:
        read(s3, versioned)
    assert error_of(raised) == ("NoSuchKey", 404)
    headers = raised.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-delete-marker"] == "true"
    assert headers["x-amz-version-id"] == deleted["VersionId"]
    assert s3.list_objects_v2(Bucket=versioned)["KeyCount"] == 0

    undeleted = s3.delete_object(Bucket=versioned, Key="k", VersionId=deleted["VersionId"])
    assert undeleted["DeleteMarker"] is True
    assert undeleted["VersionId"] == deleted["VersionId"]
    assert read(s3, versioned) == b"x"


@pytest.mark.parametrize("operation", ["get_object", "head_object"])
def test_a_delete_marker_itself_cannot_be_read(s3, versioned, operation):
    store(s3, versioned, b"x")
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    with pytest.raises(ClientError) as raised:
        getattr(s3, operation)(Bucket=versioned, Key="k", VersionId=marker)
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 405
    headers = raised.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-delete-marker"] == "true"
    assert headers["allow"] == "DELETE"


def test_a_version_that_is_not_there_and_one_that_cannot_be(s3, versioned):
    store(s3, versioned, b"x")
    other = store(s3, versioned, b"y", key="other")
    with pytest.raises(ClientError) as raised:
        read(s3, versioned, other)
    assert error_of(raised) == ("NoSuchVersion", 404)
    with pytest.raises(ClientError) as raised:
        read(s3, versioned, "nonsense")
    assert error_of(raised) == ("InvalidArgument", 400)
    with pytest.raises(ClientError) as raised:
        s3.delete_object(Bucket=versioned, Key="k", VersionId="nonsense")
    assert error_of(raised) == ("InvalidArgument", 400)
    assert s3.delete_object(Bucket=versioned, Key="k", VersionId=other)["VersionId"] == other


def test_what_was_there_before_versioning_is_the_null_version(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    set_versioning(s3, bucket, "Enabled")
    assert s3.get_object(Bucket=bucket, Key="k")["VersionId"] == "null"
    store(s3, bucket, b"after")
    assert read(s3, bucket, "null") == b"before"
    s3.delete_object(Bucket=bucket, Key="k", VersionId="null")
    assert [version for _, version in list_all(s3, bucket)] != ["null"]
    assert read(s3, bucket) == b"after"


def test_a_suspended_bucket_overwrites_its_null_version_alone(s3, versioned):
    first = store(s3, versioned, b"first")
    set_versioning(s3, versioned, "Suspended")
    for body in (b"one", b"two"):
        assert "VersionId" not in s3.put_object(Bucket=versioned, Key="k", Body=body)
    assert list_all(s3, versioned) == [("k", "null"), ("k", first)]
    deleted = s3.delete_object(Bucket=versioned, Key="k")
    assert (deleted["VersionId"], deleted["DeleteMarker"]) == ("null", True)
    page = s3.list_object_versions(Bucket=versioned)
    assert [v["VersionId"] for v in page["Versions"]] == [first]
    assert [m["VersionId"] for m in page["DeleteMarkers"]] == ["null"]
    assert read(s3, versioned, first) == b"first"


def test_versions_are_listed_newest_first_and_only_one_is_the_latest(s3, versioned):
    expected = []
    for key in ("a", "b/c", "b/d"):
        expected += [(key, v) for v in reversed([store(s3, versioned, b"x", key) for _ in "123"])]
    assert list_all(s3, versioned) == expected
    assert list_all(s3, versioned, PaginationConfig={"PageSize": 2}) == expected
    latest = [v["VersionId"] for v in s3.list_object_versions(Bucket=versioned)["Versions"]
              if v["IsLatest"]]
    assert latest == [expected[0][1], expected[3][1], expected[6][1]]

    page = s3.list_object_versions(Bucket=versioned, Delimiter="/")
    assert [p["Prefix"] for p in page["CommonPrefixes"]] == ["b/"]
    assert {v["Key"] for v in page["Versions"]} == {"a"}
    assert list_all(s3, versioned, Prefix="b/") == expected[3:]


def test_a_listing_of_versions_says_what_it_is_of(s3, versioned):
    store(s3, versioned, b"xyz", key="dir/ü")
    page = s3.list_object_versions(Bucket=versioned, Prefix="dir/", MaxKeys=10)
    assert (page["Name"], page["Prefix"], page["MaxKeys"]) == (versioned, "dir/", 10)
    assert page["IsTruncated"] is False
    version, = page["Versions"]
    assert version["Key"] == "dir/ü" and version["Size"] == 3
    assert version["StorageClass"] == "STANDARD" and version["IsLatest"] is True
    assert len(version["Owner"]["ID"]) == 64
    with pytest.raises(ClientError) as raised:
        s3.list_object_versions(Bucket=versioned, VersionIdMarker="null")
    assert error_of(raised) == ("InvalidArgument", 400)


def test_a_bucket_without_versioning_lists_null_versions(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    version, = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert (version["VersionId"], version["IsLatest"]) == ("null", True)


def test_versions_are_deleted_in_batches(s3, versioned):
    first = store(s3, versioned, b"1")
    store(s3, versioned, b"2")
    reply = s3.delete_objects(Bucket=versioned, Delete={"Objects": [
        {"Key": "k"}, {"Key": "k", "VersionId": first}]})
    marker, version = reply["Deleted"]
    assert marker["DeleteMarker"] is True and "VersionId" not in marker
    assert version == {"Key": "k", "VersionId": first}
    reply = s3.delete_objects(Bucket=versioned, Delete={"Objects": [
        {"Key": "k", "VersionId": marker["DeleteMarkerVersionId"]}]})
    assert reply["Deleted"][0]["DeleteMarker"] is True
    assert read(s3, versioned) == b"2"


def test_a_bucket_goes_only_without_versions_and_markers(s3, versioned):
    store(s3, versioned, b"x")
    s3.delete_object(Bucket=versioned, Key="k")
    while versions := list_all(s3, versioned):
        with pytest.raises(ClientError) as raised:
            s3.delete_bucket(Bucket=versioned)
        assert error_of(raised) == ("BucketNotEmpty", 409)
        s3.delete_object(Bucket=versioned, Key="k", VersionId=versions[0][1])
    s3.delete_bucket(Bucket=versioned)


def test_an_older_version_is_copied_to_the_top(s3, versioned):
    first = store(s3, versioned, b"first")
    store(s3, versioned, b"second")
    copied = s3.copy_object(Bucket=versioned, Key="k", CopySource={
        "Bucket": versioned, "Key": "k", "VersionId": first})
    assert copied["CopySourceVersionId"] == first
    assert copied["VersionId"] not in (None, first)
    assert read(s3, versioned) == b"first"


def test_a_multipart_object_is_a_version_too(s3, versioned):
    store(s3, versioned, b"old")
    upload = s3.create_multipart_upload(Bucket=versioned, Key="k")["UploadId"]
    part = s3.upload_part(Bucket=versioned, Key="k", UploadId=upload, PartNumber=1, Body=b"new")
    done = s3.complete_multipart_upload(
        Bucket=versioned, Key="k", UploadId=upload,
        MultipartUpload={"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]})
    assert len(done["VersionId"]) == 32
    store(s3, versioned, b"newest")
    got = s3.get_object(Bucket=versioned, Key="k", VersionId=done["VersionId"], PartNumber=1)
    assert got["Body"].read() == b"new" and got["PartsCount"] == 1


def test_conditions_look_at_the_current_version(s3, versioned):
    store(s3, versioned, b"x")
    with pytest.raises(ClientError) as raised:
        s3.put_object(Bucket=versioned, Key="k", Body=b"y", IfNoneMatch="*")
    assert error_of(raised) == ("PreconditionFailed", 412)
    s3.delete_object(Bucket=versioned, Key="k")
    with pytest.raises(ClientError) as raised:
        s3.put_object(Bucket=versioned, Key="k", Body=b"y", IfMatch='"x"')
    assert error_of(raised) == ("NoSuchKey", 404)
    s3.put_object(Bucket=versioned, Key="k", Body=b"y", IfNoneMatch="*")


def test_a_status_is_needed_and_mfa_delete_is_not_served(s3, bucket):
    with pytest.raises(ClientError) as raised:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={})
    assert error_of(raised) == ("IllegalVersioningConfigurationException", 400)
    with pytest.raises(ClientError) as raised:
        set_versioning(s3, bucket, "Maybe")
    assert error_of(raised) == ("MalformedXML", 400)
    with pytest.raises(ClientError) as raised:
        s3.put_bucket_versioning(Bucket=bucket, MFA="serial 123456", VersioningConfiguration={
            "Status": "Enabled", "MFADelete": "Enabled"})
    assert error_of(raised) == ("NotImplemented", 501)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={
        "Status": "Enabled", "MFADelete": "Disabled"})
    assert s3.get_bucket_versioning(Bucket=bucket)["MFADelete"] == "Disabled"


FOREIGN = "abcdefghijklmnopqrstuvwxyz012345"


@pytest.mark.parametrize("status", [None, "Enabled", "Suspended"])
def test_a_version_id_that_no_bucket_issued_is_invalid(s3, bucket, status):
    if status:
        set_versioning(s3, bucket, status)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for operation in (s3.delete_object, s3.get_object, s3.get_object_tagging):
        with pytest.raises(ClientError) as raised:
            operation(Bucket=bucket, Key="k", VersionId=FOREIGN)
        assert error_of(raised) == ("InvalidArgument", 400)
        error = raised.value.response["Error"]
        assert error["Message"] == "Invalid version id specified"
        assert (error["ArgumentName"], error["ArgumentValue"]) == ("versionId", FOREIGN)
    removed = s3.delete_objects(Bucket=bucket, Delete={"Objects": [
        {"Key": "k", "VersionId": FOREIGN}]})
    assert "Deleted" not in removed
    assert removed["Errors"] == [{
        "Key": "k", "VersionId": FOREIGN, "Code": "NoSuchVersion",
        "Message": "The specified version does not exist."}]
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_a_version_that_is_gone_can_be_removed_again_and_not_be_read(s3, versioned):
    version = store(s3, versioned, b"x")
    for _ in range(2):
        removed = s3.delete_object(Bucket=versioned, Key="k", VersionId=version)
        assert removed["VersionId"] == version
    with pytest.raises(ClientError) as raised:
        read(s3, versioned, version)
    assert error_of(raised) == ("NoSuchVersion", 404)


def test_writes_are_silent_about_the_null_version(s3, bucket):
    set_versioning(s3, bucket, "Suspended")
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    copied = s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/k")
    assert "VersionId" not in copied and "CopySourceVersionId" not in copied
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m")["UploadId"]
    place = {"Bucket": bucket, "Key": "m", "UploadId": upload}
    part = s3.upload_part_copy(**place, PartNumber=1, CopySource=f"{bucket}/k")
    assert "CopySourceVersionId" not in part
    done = s3.complete_multipart_upload(**place, MultipartUpload={
        "Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]})
    assert "VersionId" not in done
    tagged = s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": []})
    assert "VersionId" not in tagged
    assert s3.get_object(Bucket=bucket, Key="k")["VersionId"] == "null"


@pytest.mark.parametrize("operation, arguments, method", [
    ("put_object_tagging", {"Tagging": {"TagSet": []}}, "PUT"),
    ("delete_object_tagging", {}, "DELETE"), ("put_object_acl", {"ACL": "private"}, "PUT")])
def test_what_would_change_a_deleted_object_is_not_allowed(
        s3, versioned, operation, arguments, method):
    store(s3, versioned, b"x")
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    for version in ({}, {"VersionId": marker}):
        with pytest.raises(ClientError) as raised:
            getattr(s3, operation)(Bucket=versioned, Key="k", **version, **arguments)
        assert error_of(raised) == ("MethodNotAllowed", 405)
        error = raised.value.response["Error"]
        assert (error["Method"], error["ResourceType"]) == (method, "DeleteMarker")
