"""S3 objects: what was put comes back, whole or in part, with its metadata and conditions."""

import datetime
import hashlib
import io
import random

import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError


def etag_of(body):
    return '"' + hashlib.md5(body).hexdigest() + '"'


@pytest.mark.parametrize("size", [0, 1, 4096, 16 * 1024, 16 * 1024 + 1, 3_000_000])
def test_an_object_of_any_size_comes_back_as_it_was_put(s3, bucket, size):
    body = random.Random(size).randbytes(size)
    put = s3.put_object(Bucket=bucket, Key="k", Body=body)
    assert put["ETag"] == etag_of(body)
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == body
    assert got["ETag"] == etag_of(body)
    assert got["ContentLength"] == size
    assert got["AcceptRanges"] == "bytes"
    assert got["ContentType"] == "binary/octet-stream"
    age = datetime.datetime.now(datetime.timezone.utc) - got["LastModified"]
    assert abs(age.total_seconds()) < 60


@pytest.mark.parametrize("key", [
    "a", "a/b/c", "//double", "trailing/", "space and +plus", "ünïcödé/你好", "q?u&e=r#y",
    "percent%20sign", "'quotes\"", "<xml>&amp;", "a" * 1024, "..", "./x", "tab\tkey"])
def test_a_key_is_any_text(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=bucket, Key=key)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_key_longer_than_1024_bytes_is_refused(s3, bucket):
    with pytest.raises(ClientError) as raised:
        s3.put_object(Bucket=bucket, Key="k" * 1025, Body=b"")
    assert error_of(raised) == ("KeyTooLongError", 400)


def test_a_missing_key_is_named_in_the_error(s3, bucket):
    with pytest.raises(ClientError) as raised:
        s3.get_object(Bucket=bucket, Key="nothing")
    assert error_of(raised) == ("NoSuchKey", 404)
    error = raised.value.response["Error"]
    assert error["Message"] == "The specified key does not exist."
    assert error["Key"] == "nothing"
    with pytest.raises(ClientError) as raised:
        s3.head_object(Bucket=bucket, Key="nothing")
    assert error_of(raised) == ("404", 404)


def test_deleting_is_repeatable(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for _ in range(2):
        deleted = s3.delete_object(Bucket=bucket, Key="k")
        assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 204
    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="k")


def test_metadata_and_headers_come_back(s3, bucket):
    headers = {"ContentType": "application/json", "CacheControl": "max-age=60",
               "ContentDisposition": 'attachment; filename="x.json"', "ContentEncoding": "identity",
               "ContentLanguage": "de"}
    s3.put_object(Bucket=bucket, Key="k", Body=b"{}", Metadata={"Director": "Lang", "year": "1927"},
                  **headers)
    head = s3.head_object(Bucket=bucket, Key="k")
    assert head["Metadata"] == {"director": "Lang", "year": "1927"}
    assert {key: head[key] for key in headers} == headers
    assert head["ContentLength"] == 2
    assert "Body" not in head


def test_a_request_may_override_the_headers_of_the_answer(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    got = s3.get_object(Bucket=bucket, Key="k", ResponseContentType="text/css",
                        ResponseCacheControl="no-store")
    assert (got["ContentType"], got["CacheControl"]) == ("text/css", "no-store")


BODY = bytes(range(256)) * 300


@pytest.mark.parametrize("asked, begin, end", [
    ("bytes=0-0", 0, 1), ("bytes=10-19", 10, 20), ("bytes=76700-", 76700, 76800),
    ("bytes=-5", 76795, 76800), ("bytes=76799-99999999", 76799, 76800),
    ("bytes=-99999999", 0, 76800), ("bytes=0-76799", 0, 76800)])
def test_a_range_of_an_object_is_returned(s3, bucket, asked, begin, end):
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    got = s3.get_object(Bucket=bucket, Key="k", Range=asked)
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert got["ContentRange"] == f"bytes {begin}-{end - 1}/76800"
    assert got["Body"].read() == BODY[begin:end]
    assert got["ContentLength"] == end - begin


def test_a_range_of_a_small_object_is_returned(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    assert s3.get_object(Bucket=bucket, Key="k", Range="bytes=2-4")["Body"].read() == b"234"


def test_a_range_behind_the_end_is_refused(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    with pytest.raises(ClientError) as raised:
        s3.get_object(Bucket=bucket, Key="k", Range="bytes=10-")
    assert error_of(raised) == ("InvalidRange", 416)


def test_a_range_that_is_none_returns_the_whole_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    got = s3.get_object(Bucket=bucket, Key="k", Range="lines=1-2")
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert got["Body"].read() == b"0123456789"


def test_reads_are_conditional(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    now = datetime.datetime.now(datetime.timezone.utc)
    before, after = now - datetime.timedelta(hours=1), now + datetime.timedelta(seconds=1)
    for allowed in ({"IfMatch": etag}, {"IfNoneMatch": '"other"'}, {"IfModifiedSince": before},
                    {"IfUnmodifiedSince": after}, {"IfMatch": etag, "IfUnmodifiedSince": before}):
        assert s3.get_object(Bucket=bucket, Key="k", **allowed)["Body"].read() == b"x"
    for refused, status in (({"IfMatch": '"other"'}, 412), ({"IfUnmodifiedSince": before}, 412),
                            ({"IfNoneMatch": etag}, 304)):
        for operation in (s3.get_object, s3.head_object):
            with pytest.raises(ClientError) as raised:
                operation(Bucket=bucket, Key="k", **refused)
            assert error_of(raised)[1] == status


def test_a_reply_without_content_has_the_headers_that_caches_need(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x", CacheControl="max-age=60")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPHeaders"][
        "last-modified"]
    with pytest.raises(ClientError) as raised:
        s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=etag)
    headers = raised.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["etag"] == etag
    assert headers["last-modified"] == modified
    assert headers["cache-control"] == "max-age=60"


def test_a_failed_precondition_is_named(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with pytest.raises(ClientError) as raised:
        s3.get_object(Bucket=bucket, Key="k", IfMatch='"other"')
    assert error_of(raised) == ("PreconditionFailed", 412)
    assert raised.value.response["Error"]["Condition"] == "If-Match"


def test_writes_are_conditional(s3, bucket):
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    with pytest.raises(ClientError) as raised:
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    assert error_of(raised) == ("PreconditionFailed", 412)
    second = s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=first)["ETag"]
    assert second == etag_of(b"2")
    with pytest.raises(ClientError) as raised:
        s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=first)
    assert error_of(raised) == ("PreconditionFailed", 412)
    with pytest.raises(ClientError) as raised:
        s3.put_object(Bucket=bucket, Key="new", Body=b"3", IfMatch=first)
    assert error_of(raised) == ("NoSuchKey", 404)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"


def test_a_content_md5_is_verified(s3, bucket):
    right = "XUFAKrxLKna5cZ2REBfFkg=="
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ContentMD5=right)
    for wrong, code in (("1B2M2Y8AsgTpgAmY7PhCfg==", "BadDigest"), ("nonsense", "InvalidDigest")):
        with pytest.raises(ClientError) as raised:
            s3.put_object(Bucket=bucket, Key="bad", Body=b"hello", ContentMD5=wrong)
        assert error_of(raised) == (code, 400)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_a_copy_has_the_bytes_and_the_metadata_of_its_source(s3, bucket, name):
    other = name + "-other"
    s3.create_bucket(Bucket=other)
    for size, key in ((10, "small"), (100_000, "läge +&")):
        body = random.Random(size).randbytes(size)
        s3.put_object(Bucket=bucket, Key=key, Body=body, Metadata={"a": "1"},
                      ContentType="text/plain")
        result = s3.copy_object(Bucket=other, Key="copy", CopySource={"Bucket": bucket, "Key": key})
        assert result["CopyObjectResult"]["ETag"] == etag_of(body)
        copy = s3.get_object(Bucket=other, Key="copy")
        assert copy["Body"].read() == body
        assert (copy["Metadata"], copy["ContentType"]) == ({"a": "1"}, "text/plain")


def test_a_copy_may_replace_the_metadata(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"a": "1"})
    s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/k", Metadata={"b": "2"},
                   MetadataDirective="REPLACE", ContentType="text/plain")
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["Metadata"], head["ContentType"]) == ({"b": "2"}, "text/plain")


def test_a_copy_of_an_object_onto_itself_must_change_something(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with pytest.raises(ClientError) as raised:
        s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/k")
    assert error_of(raised) == ("InvalidRequest", 400)


def test_a_copy_is_conditional_and_needs_its_source(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/k", CopySourceIfMatch=etag)
    with pytest.raises(ClientError) as raised:
        s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/k", CopySourceIfMatch='"no"')
    assert error_of(raised) == ("PreconditionFailed", 412)
    with pytest.raises(ClientError) as raised:
        s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/nothing")
    assert error_of(raised) == ("NoSuchKey", 404)


def test_a_file_is_uploaded_and_downloaded_by_the_transfer_manager(s3, bucket):
    body = random.Random(1).randbytes(20_000_000)
    s3.upload_fileobj(io.BytesIO(body), bucket, "big")
    assert s3.head_object(Bucket=bucket, Key="big")["ETag"].endswith('-3"')
    target = io.BytesIO()
    s3.download_fileobj(bucket, "big", target)
    assert target.getvalue() == body


def test_attributes_are_told_as_far_as_they_are_asked_for(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"content", ChecksumAlgorithm="SHA256")
    found = s3.get_object_attributes(
        Bucket=bucket, Key="k",
        ObjectAttributes=["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"])
    assert found["ETag"] == etag_of(b"content").strip('"')
    assert found["Checksum"]["ChecksumSHA256"]
    assert found["Checksum"]["ChecksumType"] == "FULL_OBJECT"
    assert found["StorageClass"] == "STANDARD" and found["ObjectSize"] == 7
    assert "ObjectParts" not in found
    size = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ObjectSize"])
    assert size["ObjectSize"] == 7 and "ETag" not in size
    with pytest.raises(ClientError) as raised:
        s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Colour"])
    assert error_of(raised) == ("InvalidArgument", 400)


def test_a_redirect_location_is_a_path_or_a_url(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"", WebsiteRedirectLocation="/other")
    assert s3.head_object(Bucket=bucket, Key="k")["WebsiteRedirectLocation"] == "/other"
    with pytest.raises(ClientError) as raised:
        s3.put_object(Bucket=bucket, Key="k", Body=b"", WebsiteRedirectLocation="elsewhere")
    assert error_of(raised) == ("InvalidRedirectLocation", 400)
