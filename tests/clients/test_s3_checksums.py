"""S3's additional checksums, of all ten kinds: verified on the way in, returned on the way out,
as headers and as trailers of an aws-chunked body."""

import base64
import hashlib
import random
import zlib

import aws_clients
import pytest
from aws_clients import error_of
from awscrt import checksums
from awscrt.checksums import XXHash
from botocore.awsrequest import AWSRequest
from botocore.auth import S3SigV4Auth
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session


def encoded(number, length):
    return base64.b64encode(number.to_bytes(length, "big")).decode()


DIGESTS = {
    "CRC32": lambda body: encoded(zlib.crc32(body), 4),
    "CRC32C": lambda body: encoded(checksums.crc32c(body), 4),
    "CRC64NVME": lambda body: encoded(checksums.crc64nvme(body), 8),
    "SHA1": lambda body: base64.b64encode(hashlib.sha1(body).digest()).decode(),
    "SHA256": lambda body: base64.b64encode(hashlib.sha256(body).digest()).decode(),
    "SHA512": lambda body: base64.b64encode(hashlib.sha512(body).digest()).decode(),
    "MD5": lambda body: base64.b64encode(hashlib.md5(body).digest()).decode(),
    "XXHASH64": lambda body: base64.b64encode(XXHash.compute_xxhash64(body)).decode(),
    "XXHASH3": lambda body: base64.b64encode(XXHash.compute_xxhash3_64(body)).decode(),
    "XXHASH128": lambda body: base64.b64encode(XXHash.compute_xxhash3_128(body)).decode()}
KINDS = sorted(DIGESTS)
# boto3 sends a given MD5, and does not compute one.
COMPUTED_BY_CLIENTS = [kind for kind in KINDS if kind != "MD5"]
BODY = random.Random(5).randbytes(70_000)


@pytest.mark.parametrize("kind", KINDS)
def test_a_checksum_given_with_an_object_is_verified_and_returned(s3, bucket, kind):
    checksum = {f"Checksum{kind}": DIGESTS[kind](BODY)}
    put = s3.put_object(Bucket=bucket, Key="k", Body=BODY, **checksum)
    assert put[f"Checksum{kind}"] == DIGESTS[kind](BODY)
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert head[f"Checksum{kind}"] == DIGESTS[kind](BODY)
    assert head["ChecksumType"] == "FULL_OBJECT"
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == BODY
    assert got[f"Checksum{kind}"] == DIGESTS[kind](BODY)


@pytest.mark.parametrize("kind", KINDS)
def test_a_checksum_that_does_not_match_stores_nothing(s3, bucket, kind):
    with pytest.raises(ClientError) as raised:
        s3.put_object(Bucket=bucket, Key="k", Body=BODY, **{f"Checksum{kind}": DIGESTS[kind](b"")})
    assert error_of(raised) == ("BadDigest", 400)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize("kind", COMPUTED_BY_CLIENTS)
def test_a_client_that_computes_a_checksum_itself_is_understood(s3, bucket, kind):
    put = s3.put_object(Bucket=bucket, Key="k", Body=BODY, ChecksumAlgorithm=kind)
    assert put[f"Checksum{kind}"] == DIGESTS[kind](BODY)


def test_an_object_without_a_checksum_of_its_own_gets_one(endpoint, bucket):
    plain = aws_clients.client("s3", endpoint, s3={"addressing_style": "path"},
                               request_checksum_calculation="when_required")
    plain.put_object(Bucket=bucket, Key="k", Body=BODY)
    head = plain.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert head["ChecksumCRC64NVME"] == DIGESTS["CRC64NVME"](BODY)


def test_a_checksum_is_returned_only_if_asked(endpoint, bucket):
    quiet = aws_clients.client("s3", endpoint, s3={"addressing_style": "path"},
                               response_checksum_validation="when_required")
    quiet.put_object(Bucket=bucket, Key="k", Body=BODY)
    assert "ChecksumCRC32" not in quiet.head_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize("mode, status", [("enabled", 200), ("Enabled", 200), ("off", 400)])
@pytest.mark.parametrize("operation", ["get_object", "head_object"])
def test_the_mode_is_read_in_any_letters(s3, bucket, operation, mode, status):
    s3.put_object(Bucket=bucket, Key="k", Body=BODY, ChecksumAlgorithm="CRC32")
    url = s3.generate_presigned_url(operation, {"Bucket": bucket, "Key": "k"})
    request = AWSRequest("GET" if operation == "get_object" else "HEAD", url,
                         headers={"x-amz-checksum-mode": mode})
    answer = URLLib3Session().send(request.prepare())
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["x-amz-checksum-crc32"] == DIGESTS["CRC32"](BODY)


def trailing_request(endpoint, bucket, kind, checksum):
    """A PUT of an unsigned aws-chunked body, in two chunks, with its checksum as a trailer."""
    trailer = f"x-amz-checksum-{kind.lower()}"
    chunks = [BODY[:65536], BODY[65536:], b""]
    lines = b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks[:-1])
    data = lines + b"0\r\n" + f"{trailer}:{checksum}\r\n\r\n".encode()
    request = AWSRequest("PUT", f"{endpoint}/{bucket}/k", data=data, headers={
        "Content-Encoding": "aws-chunked", "X-Amz-Trailer": trailer,
        "X-Amz-Decoded-Content-Length": str(len(BODY))})
    keys = Credentials(aws_clients.CREDENTIALS["aws_access_key_id"],
                       aws_clients.CREDENTIALS["aws_secret_access_key"])
    auth = S3SigV4Auth(keys, "s3", aws_clients.REGION)
    auth.payload = lambda _: "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    auth.add_auth(request)
    return URLLib3Session().send(request.prepare())


@pytest.mark.parametrize("kind", KINDS)
def test_a_checksum_in_a_trailer_is_verified_and_returned(s3, endpoint, bucket, kind):
    answer = trailing_request(endpoint, bucket, kind, DIGESTS[kind](BODY))
    assert answer.status_code == 200, answer.text
    assert answer.headers[f"x-amz-checksum-{kind.lower()}"] == DIGESTS[kind](BODY)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == BODY
    assert got[f"Checksum{kind}"] == DIGESTS[kind](BODY)
    assert got.get("ContentEncoding", "") == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_trailer_that_does_not_match_stores_nothing(s3, endpoint, bucket, kind):
    answer = trailing_request(endpoint, bucket, kind, DIGESTS[kind](b"something else"))
    assert answer.status_code == 400
    assert "<Code>BadDigest</Code>" in answer.text
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_parts_of_an_upload_have_checksums(s3, bucket, kind):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm=kind)
    assert upload["ChecksumAlgorithm"] == kind
    bodies = [b"a" * (5 << 20), b"b" * 10]
    parts = []
    for number, body in enumerate(bodies, 1):
        part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload["UploadId"],
                              PartNumber=number, Body=body,
                              **{f"Checksum{kind}": DIGESTS[kind](body)})
        assert part[f"Checksum{kind}"] == DIGESTS[kind](body)
        parts.append({"PartNumber": number, "ETag": part["ETag"],
                      f"Checksum{kind}": part[f"Checksum{kind}"]})
    done = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload["UploadId"],
                                        MultipartUpload={"Parts": parts})
    if kind == "CRC64NVME":
        assert done["ChecksumCRC64NVME"] == DIGESTS[kind](b"".join(bodies))
        assert done["ChecksumType"] == "FULL_OBJECT"
    else:
        raw = b"".join(base64.b64decode(DIGESTS[kind](body)) for body in bodies)
        assert done[f"Checksum{kind}"] == DIGESTS[kind](raw) + "-2"
        assert done["ChecksumType"] == "COMPOSITE"


def test_a_body_that_is_not_what_was_signed_is_refused(s3, endpoint, bucket):
    request = AWSRequest("PUT", f"{endpoint}/{bucket}/k", data=b"body")
    keys = Credentials(aws_clients.CREDENTIALS["aws_access_key_id"],
                       aws_clients.CREDENTIALS["aws_secret_access_key"])
    auth = S3SigV4Auth(keys, "s3", aws_clients.REGION)
    auth.payload = lambda _: hashlib.sha256(b"another").hexdigest()
    auth.add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    assert answer.status_code == 400
    assert "<Code>XAmzContentSHA256Mismatch</Code>" in answer.text
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
