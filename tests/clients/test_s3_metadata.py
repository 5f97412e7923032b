"""User metadata outside of ASCII, and headers that clients choose for a reply."""

import pytest
import raw_http
from aws_clients import error_of
from botocore.exceptions import ClientError


def put_raw(matinee, bucket, value):
    """A PUT of the key `k` with bytes in its metadata that no SDK sends."""
    with raw_http.Connection(matinee.port) as connection:
        request = raw_http.request("PUT", f"/{bucket}/k", {"x-amz-meta-v": "@"}, b"x", "s3")
        connection.send(request.replace(b"v: @", b"v: " + value))
        assert connection.answer()[0] == 200


@pytest.mark.parametrize("sent, returned", [
    ("plain", "plain"), ("=?UTF-8?B?YWJj?=", "abc"), ("=?utf-8?q?a=62c?=", "abc"),
    ("=?UTF-8?Q?caf=C3=A9?=", "=?UTF-8?Q?caf=C3=A9?="),
    ("=?UTF-8?B?Y2Fmw6k=?=", "=?UTF-8?Q?caf=C3=A9?="),
    ("=?UTF-8?Q?a=0D=0Ax-evil:_1?=", "=?UTF-8?Q?a=0D=0Ax-evil:_1?="), ("=?no?=", "=?no?=")])
def test_encoded_words_are_decoded_and_only_encoded_where_needed(s3, bucket, sent, returned):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"v": sent})
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"v": returned}
    s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/k")
    assert s3.get_object(Bucket=bucket, Key="c")["Metadata"] == {"v": returned}


@pytest.mark.parametrize("sent", ["café noir".encode(), "café noir".encode("latin-1")],
                         ids=["utf-8", "latin-1"])
def test_bytes_outside_of_ascii_come_back_as_an_encoded_word(s3, matinee, bucket, sent):
    put_raw(matinee, bucket, sent)
    assert s3.get_object(Bucket=bucket, Key="k")["Metadata"] == {"v": "=?UTF-8?Q?caf=C3=A9_noir?="}


def test_a_header_of_a_reply_is_latin_or_refused(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    got = s3.get_object(Bucket=bucket, Key="k", ResponseContentDisposition="café")
    assert got["ResponseMetadata"]["HTTPHeaders"]["content-disposition"] == "café"
    with pytest.raises(ClientError) as raised:
        s3.get_object(Bucket=bucket, Key="k", ResponseContentDisposition="\u4e2d")
    assert error_of(raised) == ("InvalidArgument", 400)
    error = raised.value.response["Error"]
    assert error["Message"] == "Header value cannot be represented using ISO-8859-1."
    assert error["ArgumentName"] == "response-content-disposition"
