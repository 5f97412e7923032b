"""What a signature covers, with `--auth sigv4`: what was not signed is not obeyed. And the older
version of signatures, which S3 still accepts where it always has."""

import datetime
import http.client
import urllib.parse

import aws_clients
import matinee_server
import pytest
from aws_clients import error_of
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

KEY = aws_clients.CREDENTIALS
PATH_STYLE = {"addressing_style": "path"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    arguments = ["--auth", "sigv4", "--key", "AKIDEXAMPLE:secret"]
    with matinee_server.Server(tmp_path_factory.mktemp("signatures") / "data",
                               arguments) as running:
        yield running


@pytest.fixture(scope="module")
def s3(server):
    return aws_clients.client("s3", server.url, s3=PATH_STYLE, signature_version="s3v4")


@pytest.fixture(scope="module")
def older(server):
    return aws_clients.client("s3", server.url, s3=PATH_STYLE, signature_version="s3")


def send(url, method="GET", headers=None, body=None):
    """(status, body)"""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.request(method, f"{parts.path}?{parts.query}", body, headers or {})
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    return answer.status, content


def refused_for(names, body):
    return ("<Code>AccessDenied</Code><Message>There were headers present in the request which "
            f"were not signed</Message><HeadersNotSigned>{names}</HeadersNotSigned>") in body


def test_a_lock_is_not_lifted_by_a_header_that_was_not_signed(s3, name):
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    version = s3.put_object(Bucket=name, Key="k", Body=b"x", ObjectLockMode="GOVERNANCE",
                            ObjectLockRetainUntilDate=until)["VersionId"]
    locked = {"Bucket": name, "Key": "k", "VersionId": version}
    url = s3.generate_presigned_url("delete_object", locked)
    assert send(url, "DELETE")[0] == 403
    status, body = send(url, "DELETE", {"x-amz-bypass-governance-retention": "true"})
    assert status == 403
    assert refused_for("x-amz-bypass-governance-retention", body)
    assert s3.head_object(**locked)["VersionId"] == version


def test_an_upload_does_not_become_a_copy(s3, name):
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="secret", Body=b"secret")
    url = s3.generate_presigned_url("put_object", {"Bucket": name, "Key": "p"})
    status, body = send(url, "PUT", {"x-amz-copy-source": f"/{name}/secret"})
    assert status == 403
    assert refused_for("x-amz-copy-source", body)
    with pytest.raises(ClientError):
        s3.head_object(Bucket=name, Key="p")
    assert send(url, "PUT", {"Content-Type": "text/plain"}, b"x")[0] == 200


def test_all_headers_that_were_not_signed_are_named(s3, name):
    s3.create_bucket(Bucket=name)
    url = s3.generate_presigned_url("put_object", {"Bucket": name, "Key": "k"})
    status, body = send(url, "PUT", {"x-amz-meta-a": "1", "x-amz-acl": "private"}, b"x")
    assert status == 403
    assert refused_for("x-amz-acl, x-amz-meta-a", body)


def test_presigned_urls_of_the_older_version_work(s3, older, name):
    s3.create_bucket(Bucket=name)
    put = older.generate_presigned_url("put_object", {
        "Bucket": name, "Key": "a key+", "ContentType": "text/plain", "Metadata": {"a": "b"}})
    assert "AWSAccessKeyId=" in put
    plain = {"Content-Type": "text/plain"}
    assert send(put, "PUT", plain, b"body")[0] == 200
    assert send(put, "PUT", {**plain, "x-amz-meta-a": "b"}, b"body")[0] == 200
    assert send(put, "PUT", {**plain, "x-amz-meta-a": "c"}, b"body")[0] == 403
    assert send(put, "PUT", {**plain, "x-amz-meta-b": "c"}, b"body")[0] == 403
    assert s3.head_object(Bucket=name, Key="a key+")["ContentType"] == "text/plain"
    get = older.generate_presigned_url("get_object", {
        "Bucket": name, "Key": "a key+", "ResponseContentType": "text/x"})
    assert send(get) == (200, "body")
    assert send(get, "DELETE")[0] == 403
    status, body = send(get.replace("Signature=", "Signature=A"))
    assert (status, "<Code>SignatureDoesNotMatch</Code>" in body) == (403, True)
    assert "<StringToSign>GET\n\n\n" in body
    status, body = send(put, "PUT", {"Content-Type": "text/html"}, b"body")
    assert (status, "<Code>SignatureDoesNotMatch</Code>" in body) == (403, True)


def test_every_request_of_an_older_client_works(older, name):
    older.create_bucket(Bucket=name)
    older.put_object(Bucket=name, Key="ü b", Body=b"x", Metadata={"a": "1"})
    assert older.get_object(Bucket=name, Key="ü b")["Metadata"] == {"a": "1"}
    assert older.list_objects_v2(Bucket=name, Prefix="ü")["KeyCount"] == 1
    older.put_object_tagging(Bucket=name, Key="ü b", Tagging={"TagSet": [{"Key": "k",
                                                                           "Value": "v"}]})
    assert older.get_bucket_location(Bucket=name)["LocationConstraint"] is None
    upload = older.create_multipart_upload(Bucket=name, Key="parts")["UploadId"]
    part = older.upload_part(Bucket=name, Key="parts", UploadId=upload, PartNumber=1, Body=b"x")
    older.complete_multipart_upload(
        Bucket=name, Key="parts", UploadId=upload,
        MultipartUpload={"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]})
    older.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "ü b"}, {"Key": "parts"}]})
    older.delete_bucket(Bucket=name)


def test_a_wrong_secret_of_the_older_version_is_refused(server):
    wrong = aws_clients.client("s3", server.url, s3=PATH_STYLE, signature_version="s3",
                               credentials={**KEY, "aws_secret_access_key": "guess"})
    with pytest.raises(ClientError) as raised:
        wrong.list_buckets()
    assert error_of(raised) == ("SignatureDoesNotMatch", 403)


def test_the_older_version_names_its_missing_parameters(s3, older, name):
    s3.create_bucket(Bucket=name)
    url = older.generate_presigned_url("get_object", {"Bucket": name, "Key": "k"})
    for parameter in ("AWSAccessKeyId", "Signature", "Expires"):
        status, body = send(url.replace(f"{parameter}=", "x="))
        assert status == 403
        assert "<Code>AccessDenied</Code><Message>Query-string authentication requires the " \
            "Signature, Expires and AWSAccessKeyId parameters</Message>" in body


@pytest.mark.parametrize("region, status", [
    ("ap-southeast-1", 200), ("sa-east-1", 200), ("eu-central-1", 400)])
def test_the_older_version_is_for_regions_of_before_2014(endpoint, name, region, status):
    in_region = aws_clients.client("s3", endpoint, region=region, s3=PATH_STYLE)
    in_region.create_bucket(Bucket=name,
                            CreateBucketConfiguration={"LocationConstraint": region})
    in_region.put_object(Bucket=name, Key="k", Body=b"x")
    older = aws_clients.client("s3", endpoint, s3=PATH_STYLE, signature_version="s3")
    got, body = send(older.generate_presigned_url("get_object", {"Bucket": name, "Key": "k"}))
    assert got == status
    if status == 400:
        assert "<Code>InvalidRequest</Code><Message>The authorization mechanism you have " \
            "provided is not supported. Please use AWS4-HMAC-SHA256.</Message>" in body


def test_presigned_urls_name_all_that_they_need(s3, name):
    s3.create_bucket(Bucket=name)
    url = s3.generate_presigned_url("get_object", {"Bucket": name, "Key": "k"})
    for parameter in ("Algorithm", "Credential", "Signature", "Date", "SignedHeaders", "Expires"):
        status, body = send(url.replace(f"X-Amz-{parameter}=", "x="))
        assert status == 400
        assert "<Code>AuthorizationQueryParametersError</Code><Message>Query-string " \
            "authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, " \
            "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires " \
            "parameters.</Message>" in body


def test_the_date_may_be_in_the_form_of_http(server):
    request = AWSRequest("GET", server.url + "/", headers={"Date": "now"})
    S3SigV4Auth(Credentials(*KEY.values()), "s3", "us-east-1").add_auth(request)
    assert "X-Amz-Date" not in request.headers
    answer = URLLib3Session().send(request.prepare())
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("header, condition, status", [
    ("If-Match", "{tag}", 200), ("If-Match", '"0"', 412), ("If-None-Match", "{tag}", 304),
    ("if-none-match", "*", 304), ("Range", "bytes=2-4", 206)])
def test_a_header_may_stand_in_a_presigned_url(s3, server, name, header, condition, status):
    s3.create_bucket(Bucket=name)
    tag = s3.put_object(Bucket=name, Key="k", Body=b"0123456789")["ETag"]
    value = urllib.parse.quote(condition.format(tag=tag), safe="")
    request = AWSRequest("GET", f"{server.url}/{name}/k?{header}={value}")
    S3SigV4QueryAuth(Credentials(*KEY.values()), "s3", "us-east-1", expires=60).add_auth(request)
    assert send(request.url)[0] == status
