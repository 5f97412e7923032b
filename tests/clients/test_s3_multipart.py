"""S3 multipart uploads: parts in any order, completed as one object or given up."""

import base64
import hashlib
import random

import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

MEGABYTE = 1024 * 1024
FIVE = 5 * MEGABYTE


@pytest.fixture
def upload(s3, bucket):
    """A started upload of the key `k`, as the arguments that every later call takes."""
    started = s3.create_multipart_upload(Bucket=bucket, Key="k", ContentType="text/plain",
                                         Metadata={"a": "1"})
    assert (started["Bucket"], started["Key"]) == (bucket, "k")
    return {"Bucket": bucket, "Key": "k", "UploadId": started["UploadId"]}


def put_part(s3, upload, number, body):
    etag = s3.upload_part(PartNumber=number, Body=body, **upload)["ETag"]
    assert etag == '"' + hashlib.md5(body).hexdigest() + '"'
    return {"PartNumber": number, "ETag": etag}


def complete(s3, upload, parts):
    return s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)


def test_parts_become_one_object_in_the_order_of_their_numbers(s3, upload):
    bodies = {n: random.Random(n).randbytes(FIVE if n < 9 else 10) for n in (2, 5, 9)}
    parts = {n: put_part(s3, upload, n, bodies[n]) for n in (9, 2, 5)}
    with pytest.raises(ClientError) as raised:
        s3.get_object(Bucket=upload["Bucket"], Key="k")
    assert error_of(raised) == ("NoSuchKey", 404)
    done = complete(s3, upload, [parts[n] for n in (2, 5, 9)])
    digests = b"".join(hashlib.md5(bodies[n]).digest() for n in (2, 5, 9))
    etag = f'"{hashlib.md5(digests).hexdigest()}-3"'
    assert done["ETag"] == etag
    assert done["Location"].endswith(f"/{upload['Bucket']}/k") or upload["Bucket"] in done[
        "Location"]
    got = s3.get_object(Bucket=upload["Bucket"], Key="k")
    assert got["Body"].read() == bodies[2] + bodies[5] + bodies[9]
    assert (got["ETag"], got["ContentType"], got["Metadata"]) == (etag, "text/plain", {"a": "1"})


def test_a_part_is_read_by_its_number(s3, upload):
    parts = [put_part(s3, upload, 1, b"a" * FIVE), put_part(s3, upload, 2, b"b" * 7)]
    complete(s3, upload, parts)
    got = s3.get_object(Bucket=upload["Bucket"], Key="k", PartNumber=2)
    assert got["Body"].read() == b"b" * 7
    assert got["PartsCount"] == 2
    assert got["ContentRange"] == f"bytes {FIVE}-{FIVE + 6}/{FIVE + 7}"
    ranged = s3.get_object(Bucket=upload["Bucket"], Key="k", Range=f"bytes={FIVE - 2}-{FIVE + 1}")
    assert ranged["Body"].read() == b"aabb"


def test_a_part_sent_again_replaces_the_first(s3, upload):
    put_part(s3, upload, 1, b"old")
    part = put_part(s3, upload, 1, b"new")
    complete(s3, upload, [part])
    assert s3.get_object(Bucket=upload["Bucket"], Key="k")["Body"].read() == b"new"


def test_completing_twice_succeeds_or_says_that_the_upload_is_gone(s3, upload):
    parts = [put_part(s3, upload, 1, b"x")]
    first = complete(s3, upload, parts)
    try:
        assert complete(s3, upload, parts)["ETag"] == first["ETag"]
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchUpload"


@pytest.mark.parametrize("bad_parts, code", [
    (lambda a, b: [b, a], "InvalidPartOrder"),
    (lambda a, b: [a, {"PartNumber": 3, "ETag": b["ETag"]}], "InvalidPart"),
    (lambda a, b: [{"PartNumber": 1, "ETag": '"0123"'}, b], "InvalidPart"),
    (lambda a, b: [], "InvalidRequest")], ids=["order", "number", "etag", "none"])
def test_a_list_of_parts_that_is_wrong_completes_nothing(s3, upload, bad_parts, code):
    parts = [put_part(s3, upload, 1, b"a" * FIVE), put_part(s3, upload, 2, b"b")]
    with pytest.raises(ClientError) as raised:
        complete(s3, upload, bad_parts(*parts))
    assert error_of(raised) == (code, 400)
    complete(s3, upload, parts)


def test_only_the_last_part_may_be_small(s3, upload):
    parts = [put_part(s3, upload, 1, b"small"), put_part(s3, upload, 2, b"last")]
    with pytest.raises(ClientError) as raised:
        complete(s3, upload, parts)
    assert error_of(raised) == ("EntityTooSmall", 400)


def test_an_aborted_upload_is_gone(s3, upload):
    put_part(s3, upload, 1, b"x")
    s3.abort_multipart_upload(**upload)
    for operation in (lambda: put_part(s3, upload, 2, b"y"), lambda: complete(s3, upload, []),
                      lambda: s3.list_parts(**upload),
                      lambda: s3.abort_multipart_upload(**upload)):
        with pytest.raises(ClientError) as raised:
            operation()
        assert error_of(raised)[1] in (400, 404)
    with pytest.raises(ClientError) as raised:
        s3.list_parts(**upload)
    assert error_of(raised) == ("NoSuchUpload", 404)


def test_parts_are_listed_in_pages(s3, upload):
    for number in (1, 2, 3):
        put_part(s3, upload, number, b"x" * number)
    pages = list(s3.get_paginator("list_parts").paginate(
        PaginationConfig={"PageSize": 2}, **upload))
    listed = [(part["PartNumber"], part["Size"]) for page in pages for part in page["Parts"]]
    assert listed == [(1, 1), (2, 2), (3, 3)]
    assert len(pages) == 2


def test_unfinished_uploads_are_listed(s3, upload):
    s3.create_multipart_upload(Bucket=upload["Bucket"], Key="other")
    listed = s3.list_multipart_uploads(Bucket=upload["Bucket"])["Uploads"]
    assert [found["Key"] for found in listed] == ["k", "other"]
    assert listed[0]["UploadId"] == upload["UploadId"]


def test_a_part_number_is_between_1_and_10000(s3, upload):
    for number in (0, 10001):
        with pytest.raises(ClientError) as raised:
            s3.upload_part(PartNumber=number, Body=b"", **upload)
        assert error_of(raised) == ("InvalidArgument", 400)


def test_a_part_is_copied_from_an_object(s3, upload):
    body = random.Random(3).randbytes(FIVE + 100)
    s3.put_object(Bucket=upload["Bucket"], Key="source", Body=body)
    source = {"Bucket": upload["Bucket"], "Key": "source"}
    first = s3.upload_part_copy(PartNumber=1, CopySource=source,
                                CopySourceRange=f"bytes=0-{FIVE - 1}", **upload)
    second = s3.upload_part_copy(PartNumber=2, CopySource=source,
                                 CopySourceRange=f"bytes={FIVE}-{FIVE + 99}", **upload)
    complete(s3, upload, [{"PartNumber": n, "ETag": copied["CopyPartResult"]["ETag"]}
                          for n, copied in ((1, first), (2, second))])
    assert s3.get_object(Bucket=upload["Bucket"], Key="k")["Body"].read() == body


def test_attributes_tell_of_the_parts_in_pages(s3, bucket):
    upload = s3.create_multipart_upload(
        Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256")["UploadId"]
    parts = []
    for number, body in ((1, b"a" * 5 * 1024 * 1024), (2, b"b" * 5 * 1024 * 1024), (3, b"end")):
        part = s3.upload_part(
            Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=body,
            ChecksumAlgorithm="SHA256")
        parts.append({"PartNumber": number, "ETag": part["ETag"],
                      "ChecksumSHA256": part["ChecksumSHA256"]})
    s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    found = s3.get_object_attributes(
        Bucket=bucket, Key="k", ObjectAttributes=["ObjectParts", "Checksum"], MaxParts=2)
    assert found["Checksum"]["ChecksumType"] == "COMPOSITE"
    page = found["ObjectParts"]
    assert (page["TotalPartsCount"], page["IsTruncated"], page["MaxParts"]) == (3, True, 2)
    assert [part["PartNumber"] for part in page["Parts"]] == [1, 2]
    page = s3.get_object_attributes(
        Bucket=bucket, Key="k", ObjectAttributes=["ObjectParts"],
        PartNumberMarker=page["NextPartNumberMarker"])["ObjectParts"]
    assert page["Parts"] == [
        {"PartNumber": 3, "Size": 3, "ChecksumSHA256": parts[2]["ChecksumSHA256"]}]
    assert page["IsTruncated"] is False


def test_attributes_of_a_composite_checksum_have_the_digest_alone(s3, bucket):
    place = {"Bucket": bucket, "Key": "k"}
    upload = s3.create_multipart_upload(**place, ChecksumAlgorithm="SHA256")["UploadId"]
    part = s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"x",
                          ChecksumAlgorithm="SHA256")
    s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": [{
        "PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}]})
    head = s3.head_object(**place, ChecksumMode="ENABLED")
    found = s3.get_object_attributes(**place, ObjectAttributes=["Checksum"])
    assert found["Checksum"]["ChecksumSHA256"] + "-1" == head["ChecksumSHA256"]
    read = s3.head_object(**place, PartNumber=1, ChecksumMode="ENABLED")
    assert read["ChecksumSHA256"] == part["ChecksumSHA256"]
    assert read["ChecksumType"] == "COMPOSITE"


def test_parts_of_an_object_with_one_checksum_are_only_counted(s3, upload):
    parts = [put_part(s3, upload, 1, b"a" * FIVE), put_part(s3, upload, 2, b"b")]
    complete(s3, upload, parts)
    place = {"Bucket": upload["Bucket"], "Key": upload["Key"]}
    found = s3.get_object_attributes(**place, ObjectAttributes=["ObjectParts"])
    assert found["ObjectParts"] == {"TotalPartsCount": 2}
    part = s3.head_object(**place, PartNumber=1, ChecksumMode="ENABLED")
    assert not [name for name in part if name.startswith("Checksum")]


def test_a_part_listed_with_a_checksum_of_another_kind_is_a_bad_digest(s3, bucket):
    place = {"Bucket": bucket, "Key": "k"}
    upload = s3.create_multipart_upload(**place, ChecksumAlgorithm="CRC32")["UploadId"]
    part = s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"x",
                          ChecksumAlgorithm="CRC32")
    digest = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    with pytest.raises(ClientError) as raised:
        s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": [{
            "PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": digest}]})
    assert error_of(raised) == ("BadDigest", 400)
    assert raised.value.response["Error"]["Message"] == (
        "The sha256 you specified for part 1 did not match what we received.")
