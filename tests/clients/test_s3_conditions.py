"""Conditions of S3 requests: which values count, and what has come in between."""

import base64
import datetime

import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

UNKNOWN = "A header you provided implies functionality that is not implemented"


def refusal(operation, **parameters):
    """The error that an operation must end in, with its status."""
    with pytest.raises(ClientError) as raised:
        operation(**parameters)
    return {**raised.value.response["Error"], "Status": error_of(raised)[1]}


def begin(s3, bucket):
    """An upload of the key `k` with one part, ready to be completed."""
    place = {"Bucket": bucket, "Key": "k"}
    place["UploadId"] = s3.create_multipart_upload(**place)["UploadId"]
    etag = s3.upload_part(PartNumber=1, Body=b"part", **place)["ETag"]
    return {**place, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": etag}]}}


def assert_conflict(s3, completion, condition, value):
    error = refusal(s3.complete_multipart_upload, **completion, **{condition: value})
    assert error == {
        "Code": "ConditionalRequestConflict", "Key": "k", "Status": 409,
        "Condition": {"IfMatch": "If-Match", "IfNoneMatch": "If-None-Match"}[condition],
        "Message": "The conditional request cannot succeed due to a conflicting operation against "
                   "this resource."}


@pytest.mark.parametrize("existed", [True, False], ids=["there", "missing"])
def test_a_removal_since_an_upload_began_is_a_conflict_for_good(s3, bucket, existed):
    if existed:
        s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    completion = begin(s3, bucket)
    s3.delete_object(Bucket=bucket, Key="k")
    assert_conflict(s3, completion, "IfNoneMatch", "*")
    assert_conflict(s3, completion, "IfNoneMatch", "*")
    again = begin(s3, bucket)
    s3.complete_multipart_upload(**again, IfNoneMatch="*")


def test_a_write_since_an_upload_began_is_a_conflict_even_with_the_same_tag(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"same")["ETag"]
    completion = begin(s3, bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"same")
    assert_conflict(s3, completion, "IfMatch", etag)


def test_a_removal_in_a_batch_is_a_conflict_too(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    completion = begin(s3, bucket)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}]})
    assert_conflict(s3, completion, "IfNoneMatch", "*")


def test_an_upload_is_completed_where_its_condition_holds_and_nothing_came_between(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"old")["ETag"]
    s3.complete_multipart_upload(**begin(s3, bucket), IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"part"


def test_a_condition_of_a_completion_that_does_not_hold_keeps_its_own_answer(s3, bucket):
    completion = begin(s3, bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"new")
    error = refusal(s3.complete_multipart_upload, **completion, IfNoneMatch="*")
    assert (error["Code"], error["Status"]) == ("PreconditionFailed", 412)
    s3.delete_object(Bucket=bucket, Key="k")
    error = refusal(s3.complete_multipart_upload, **completion, IfMatch='"x"')
    assert (error["Code"], error["Status"]) == ("NoSuchKey", 404)


@pytest.mark.parametrize("conditions, header, more", [
    ({"IfMatch": "*"}, "If-Match",
     "We don't accept the provided value of If-Match header for this API"),
    ({"IfNoneMatch": '"abc"'}, "If-None-Match",
     "We don't accept the provided value of If-None-Match header for this API"),
    ({"IfNoneMatch": "*", "IfMatch": '"abc"'}, "If-Match,If-None-Match",
     "Multiple conditional request headers present in the request")],
    ids=["any", "tag", "both"])
def test_conditions_of_writes_that_s3_does_not_know_are_named(s3, bucket, conditions, header, more):
    source = f"{bucket}/source"
    s3.put_object(Bucket=bucket, Key="source", Body=b"x")
    for call, arguments in ((s3.put_object, {"Bucket": bucket, "Key": "k", "Body": b"x"}),
                            (s3.copy_object, {"Bucket": bucket, "Key": "k", "CopySource": source}),
                            (s3.complete_multipart_upload, begin(s3, bucket))):
        assert refusal(call, **arguments, **conditions) == {
            "Code": "NotImplemented", "Message": UNKNOWN, "Header": header,
            "additionalMessage": more, "Status": 501}


def test_a_removal_may_ask_for_any_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.delete_object(Bucket=bucket, Key="k", IfMatch="*")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_tag_that_has_lost_a_quote_still_matches(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    for tag in (etag[1:], etag[:-1], etag[1:-1]):
        assert s3.get_object(Bucket=bucket, Key="k", IfMatch=tag)["Body"].read() == b"x"
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", IfMatch=tag)


def test_changes_since_a_time_to_come_are_not_asked_for(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    now = datetime.datetime.now(datetime.timezone.utc)
    future = now + datetime.timedelta(hours=1)
    assert s3.get_object(Bucket=bucket, Key="k", IfModifiedSince=future)["Body"].read() == b"x"
    s3.head_object(Bucket=bucket, Key="k", IfModifiedSince=future)
    s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/k",
                   CopySourceIfModifiedSince=future)
    written = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    error = refusal(s3.copy_object, Bucket=bucket, Key="c", CopySource=f"{bucket}/k",
                    CopySourceIfModifiedSince=written)
    assert error["Status"] == 412


def test_a_completion_with_a_wrong_checksum_of_the_whole_object_is_refused(s3, bucket):
    place = {"Bucket": bucket, "Key": "k"}
    place["UploadId"] = s3.create_multipart_upload(
        **place, ChecksumAlgorithm="CRC32C", ChecksumType="FULL_OBJECT")["UploadId"]
    part = s3.upload_part(PartNumber=1, Body=b"part", ChecksumAlgorithm="CRC32C", **place)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"],
                        "ChecksumCRC32C": part["ChecksumCRC32C"]}]}
    wrong = base64.b64encode(b"xxxx").decode()
    for more in ({}, {"ChecksumType": "FULL_OBJECT"}):
        error = refusal(s3.complete_multipart_upload, **place, MultipartUpload=parts,
                        ChecksumCRC32C=wrong, **more)
        assert (error["Code"], error["Status"]) == ("BadDigest", 400)
        assert error["Message"] == (
            "The crc32c you specified did not match the calculated checksum.")
    done = s3.complete_multipart_upload(**place, MultipartUpload=parts,
                                        ChecksumCRC32C=part["ChecksumCRC32C"])
    assert done["ChecksumCRC32C"] == part["ChecksumCRC32C"]
