"""Server-side encryption of objects, as boto3 sees it."""

import base64
import hashlib
import json
import os

import aws_clients
import kms_keys
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


def refusal(operation, **parameters):
    """(code, HTTP status) of the error that an operation must end in."""
    with pytest.raises(ClientError) as raised:
        operation(**parameters)
    return error_of(raised)


@pytest.fixture(scope="module")
def key_id(endpoint):
    """Of a key that exists: KMS is asked."""
    return kms_keys.make_key(kms_keys.client(endpoint))["KeyId"]


@pytest.fixture
def customer_key():
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)}


def test_every_object_is_encrypted_by_default(s3, bucket):
    assert s3.put_object(Bucket=bucket, Key="key", Body=b"x")["ServerSideEncryption"] == "AES256"
    assert s3.get_object(Bucket=bucket, Key="key")["ServerSideEncryption"] == "AES256"
    assert s3.head_object(Bucket=bucket, Key="key")["ServerSideEncryption"] == "AES256"


def test_kms_keys_are_reported_as_arns(s3, bucket, key_id):
    put = s3.put_object(Bucket=bucket, Key="key", Body=b"x", ServerSideEncryption="aws:kms",
                        SSEKMSKeyId=key_id, BucketKeyEnabled=True)
    assert put["ServerSideEncryption"] == "aws:kms"
    assert put["SSEKMSKeyId"].startswith("arn:aws:kms:us-east-1:")
    assert put["SSEKMSKeyId"].endswith(f":key/{key_id}")
    assert put["BucketKeyEnabled"] is True
    got = s3.get_object(Bucket=bucket, Key="key")
    assert got["SSEKMSKeyId"] == put["SSEKMSKeyId"]
    assert got["ETag"] == put["ETag"] != f'"{hashlib.md5(b"x").hexdigest()}"'


def test_the_encryption_context_comes_back_from_put_object(s3, bucket):
    context = base64.b64encode(json.dumps({"project": "x"}).encode()).decode()
    put = s3.put_object(Bucket=bucket, Key="key", Body=b"x", ServerSideEncryption="aws:kms:dsse",
                        SSEKMSEncryptionContext=context)
    assert put["ServerSideEncryption"] == "aws:kms:dsse"
    assert put["SSEKMSEncryptionContext"] == context
    assert ":key/" in put["SSEKMSKeyId"]


def test_headers_that_do_not_go_together_are_refused(s3, bucket):
    put = {"Bucket": bucket, "Key": "key", "Body": b"x"}
    assert refusal(s3.put_object, ServerSideEncryption="rot13", **put) == ("InvalidArgument", 400)
    assert refusal(s3.put_object, SSEKMSKeyId=KEY_ID, **put) == ("InvalidArgument", 400)
    assert refusal(s3.put_object, ServerSideEncryption="aws:kms", SSEKMSKeyId="aws/s3",
                   **put) == ("KMS.NotFoundException", 400)


def test_the_default_of_the_bucket_is_applied(s3, bucket, key_id):
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [{
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms",
                                               "KMSMasterKeyID": key_id},
        "BucketKeyEnabled": True}]})
    put = s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    assert put["ServerSideEncryption"] == "aws:kms"
    assert put["SSEKMSKeyId"].endswith(key_id)
    assert put["BucketKeyEnabled"] is True
    copy = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/key")
    assert copy["ServerSideEncryption"] == "aws:kms"
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")
    assert upload["ServerSideEncryption"] == "aws:kms"
    part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload["UploadId"], PartNumber=1,
                          Body=b"y")
    assert part["ServerSideEncryption"] == "aws:kms"
    whole = s3.complete_multipart_upload(
        Bucket=bucket, Key="parts", UploadId=upload["UploadId"],
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert whole["ServerSideEncryption"] == "aws:kms"
    assert s3.get_object(Bucket=bucket, Key="parts")["Body"].read() == b"y"


def test_a_customers_key_is_needed_to_read(s3, bucket, customer_key):
    put = s3.put_object(Bucket=bucket, Key="key", Body=b"secret", **customer_key)
    assert put["SSECustomerAlgorithm"] == "AES256"
    assert put["SSECustomerKeyMD5"] == base64.b64encode(
        hashlib.md5(customer_key["SSECustomerKey"]).digest()).decode()
    assert "ServerSideEncryption" not in put
    where = {"Bucket": bucket, "Key": "key"}
    assert s3.get_object(**where, **customer_key)["Body"].read() == b"secret"
    assert s3.head_object(**where, **customer_key)["SSECustomerAlgorithm"] == "AES256"

    other = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)}
    assert refusal(s3.get_object, **where) == ("InvalidRequest", 400)
    assert refusal(s3.get_object, **where, **other) == ("AccessDenied", 403)
    assert refusal(s3.head_object, **where) == ("400", 400)
    assert refusal(s3.head_object, **where, **other) == ("403", 403)


def test_a_customers_key_is_refused_where_there_is_none(s3, bucket, customer_key):
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    assert refusal(s3.get_object, Bucket=bucket, Key="key",
                   **customer_key) == ("InvalidRequest", 400)


def test_a_customers_key_must_be_what_its_digest_says(s3, bucket, customer_key):
    put = {"Bucket": bucket, "Key": "key", "Body": b"x", **customer_key}
    # With a digest given, boto3 sends the key as it is.
    key = base64.b64encode(customer_key["SSECustomerKey"]).decode()
    digest = base64.b64encode(b"0" * 16).decode()
    assert refusal(s3.put_object, **(put | {
        "SSECustomerKey": key, "SSECustomerKeyMD5": digest})) == ("InvalidArgument", 400)
    assert refusal(s3.put_object, **(put | {"SSECustomerKey": b"short"})) == (
        "InvalidArgument", 400)
    assert refusal(s3.put_object, **(put | {"SSECustomerAlgorithm": "AES128"})) == (
        "InvalidEncryptionAlgorithmError", 400)


def test_copies_take_the_keys_of_their_source_and_their_own(s3, bucket, customer_key):
    s3.put_object(Bucket=bucket, Key="key", Body=b"secret", **customer_key)
    source = {"CopySource": f"{bucket}/key", "Bucket": bucket, "Key": "copy"}
    assert refusal(s3.copy_object, **source) == ("InvalidRequest", 400)
    source_key = {"CopySourceSSECustomerAlgorithm": "AES256",
                  "CopySourceSSECustomerKey": customer_key["SSECustomerKey"]}
    new_key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)}
    assert s3.copy_object(**source, **source_key, **new_key)["SSECustomerAlgorithm"] == "AES256"
    assert s3.get_object(Bucket=bucket, Key="copy", **new_key)["Body"].read() == b"secret"
    s3.copy_object(**source, **source_key)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"secret"


def test_large_files_go_up_and_down_with_a_customers_key(s3, bucket, customer_key, tmp_path):
    content = os.urandom(9 << 20)
    (tmp_path / "up").write_bytes(content)
    s3.upload_file(str(tmp_path / "up"), bucket, "key", ExtraArgs=customer_key)
    s3.download_file(bucket, "key", str(tmp_path / "down"), ExtraArgs=customer_key)
    assert (tmp_path / "down").read_bytes() == content


def test_parts_come_with_the_key_of_their_upload(s3, bucket, customer_key):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="key", **customer_key)
    part = {"Bucket": bucket, "Key": "key", "UploadId": upload["UploadId"], "PartNumber": 1,
            "Body": b"x"}
    other = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)}
    assert refusal(s3.upload_part, **part) == ("InvalidRequest", 400)
    assert refusal(s3.upload_part, **part, **other) == ("InvalidRequest", 400)
    assert s3.upload_part(**part, **customer_key)["SSECustomerAlgorithm"] == "AES256"


def test_a_read_does_not_choose_an_encryption(endpoint, bucket):
    asking = aws_clients.client("s3", endpoint, s3={"addressing_style": "path"})
    asking.put_object(Bucket=bucket, Key="key", Body=b"x")
    asking.meta.events.register("before-sign.s3", lambda request, **_: request.headers.add_header(
        "x-amz-server-side-encryption", "AES256"))
    assert refusal(asking.get_object, Bucket=bucket, Key="key") == ("InvalidArgument", 400)
    assert refusal(asking.head_object, Bucket=bucket, Key="key") == ("400", 400)


def test_a_part_copied_into_an_upload_with_a_customer_key_needs_the_key(s3, bucket, customer_key):
    s3.put_object(Bucket=bucket, Key="source", Body=b"x")
    place = {"Bucket": bucket, "Key": "key"}
    place["UploadId"] = s3.create_multipart_upload(**place, **customer_key)["UploadId"]
    copy = {**place, "PartNumber": 1, "CopySource": f"{bucket}/source"}
    with pytest.raises(ClientError) as raised:
        s3.upload_part_copy(**copy)
    assert error_of(raised) == ("InvalidRequest", 400)
    assert raised.value.response["Error"]["Message"] == (
        "The multipart upload initiate requested encryption. Subsequent part requests must include "
        "the appropriate encryption parameters.")
    etag = s3.upload_part_copy(**copy, **customer_key)["CopyPartResult"]["ETag"]
    s3.complete_multipart_upload(**place, MultipartUpload={
        "Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert s3.get_object(Bucket=bucket, Key="key", **customer_key)["Body"].read() == b"x"
