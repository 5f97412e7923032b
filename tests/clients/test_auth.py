"""`matinee up --auth sigv4`: signatures are verified against the configured keys."""

import datetime
import urllib.error
import urllib.request

import aws_clients
import botocore.auth
import botocore.crt.auth
import matinee_server
import pytest
from aws_clients import error_of
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

GOOD = {"aws_access_key_id": "AKIDGOOD", "aws_secret_access_key": "a/secret+key"}
SECOND = {"aws_access_key_id": "123456789012", "aws_secret_access_key": "other"}
WRONG_SECRET = {**GOOD, "aws_secret_access_key": "guess"}
UNKNOWN = {"aws_access_key_id": "AKIDWHO", "aws_secret_access_key": "a/secret+key"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    keys = [f"{key['aws_access_key_id']}:{key['aws_secret_access_key']}" for key in (GOOD, SECOND)]
    arguments = ["--auth", "sigv4", "--key", keys[0], "--key", keys[1]]
    with matinee_server.Server(tmp_path_factory.mktemp("auth") / "data", arguments) as running:
        yield running


def client(server, service, credentials, **config):
    if service == "s3":
        config["s3"] = {"addressing_style": "path"}
    return aws_clients.client(service, server.url, credentials=credentials, **config)


def test_the_right_signature_is_accepted_by_every_service(server):
    for service, call in (("sqs", "list_queues"), ("dynamodb", "list_tables"),
                          ("s3", "list_buckets"), ("sts", "get_caller_identity")):
        for credentials in (GOOD, SECOND):
            getattr(client(server, service, credentials), call)()
    identity = client(server, "sts", SECOND).get_caller_identity()
    assert identity["Account"] == "123456789012"


@pytest.mark.parametrize("service, call, wrong, unknown", [
    ("sqs", "list_queues", "SignatureDoesNotMatch", "InvalidClientTokenId"),
    ("sts", "get_caller_identity", "SignatureDoesNotMatch", "InvalidClientTokenId"),
    ("s3", "list_buckets", "SignatureDoesNotMatch", "InvalidAccessKeyId"),
    ("dynamodb", "list_tables", "InvalidSignatureException", "UnrecognizedClientException")])
def test_wrong_keys_are_refused_with_the_codes_of_the_service(server, service, call, wrong,
                                                              unknown):
    for credentials, code in ((WRONG_SECRET, wrong), (UNKNOWN, unknown)):
        with pytest.raises(ClientError) as raised:
            getattr(client(server, service, credentials), call)()
        got, status = error_of(raised)
        assert got == code
        assert status in ((400, 403) if service in ("sqs", "dynamodb") else (403,))


def test_the_query_protocol_is_verified_too(server):
    sqs = aws_clients.query_sqs(server.url)
    with pytest.raises(ClientError) as raised:
        sqs.list_queues()
    assert error_of(raised) == ("InvalidClientTokenId", 403)


def test_a_request_without_any_signature_is_refused(server):
    client(server, "s3", GOOD).create_bucket(Bucket="signed-only")
    for path in ("/", "/signed-only/key"):
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(server.url + path, timeout=10)
        assert raised.value.code == 403
        assert b"AccessDenied" in raised.value.read()


def test_bodies_are_part_of_the_signature(server):
    request = AWSRequest("POST", server.url, data=b'{"QueueName": "a"}', headers={
        "X-Amz-Target": "AmazonSQS.CreateQueue", "Content-Type": "application/x-amz-json-1.0"})
    keys = Credentials(GOOD["aws_access_key_id"], GOOD["aws_secret_access_key"])
    botocore.auth.SigV4Auth(keys, "sqs", "us-east-1").add_auth(request)
    request.data = b'{"QueueName": "b"}'
    answer = URLLib3Session().send(request.prepare())
    assert answer.status_code in (400, 403)
    assert "Signature" in answer.text
    assert not client(server, "sqs", GOOD).list_queues().get("QueueUrls")


def sign_in_the_past(monkeypatch, age):
    """From here on botocore's two signers, its own and the native one, sign as of that long ago."""
    moment = datetime.datetime.now(datetime.timezone.utc) - age

    def now(remove_tzinfo=True):
        return moment.replace(tzinfo=None) if remove_tzinfo else moment

    for module in (botocore.auth, botocore.crt.auth):
        monkeypatch.setattr(module, "get_current_datetime", now)


def test_a_signature_of_yesterday_is_refused(server, monkeypatch):
    sign_in_the_past(monkeypatch, datetime.timedelta(days=1))
    with pytest.raises(ClientError) as raised:
        client(server, "s3", GOOD).list_buckets()
    assert error_of(raised) == ("RequestTimeTooSkewed", 403)


def fetch(url, data=None, method="GET"):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, data=data, method=method)
    with opener.open(request, timeout=10) as answer:
        return answer.read()


def test_presigned_urls_are_verified(server):
    s3 = client(server, "s3", GOOD, signature_version="s3v4")
    s3.create_bucket(Bucket="presigned")
    s3.put_object(Bucket="presigned", Key="a key", Body=b"body")
    url = s3.generate_presigned_url("get_object", {"Bucket": "presigned", "Key": "a key"})
    assert fetch(url) == b"body"
    for changed in (url.replace("a%20key", "another"), url[:-1] + ("0" if url[-1] != "0" else "1"),
                    url + "&response-content-type=x"):
        with pytest.raises(urllib.error.HTTPError) as raised:
            fetch(changed)
        assert raised.value.code == 403
        assert b"SignatureDoesNotMatch" in raised.value.read()
    put = s3.generate_presigned_url("put_object", {"Bucket": "presigned", "Key": "b"})
    fetch(put, b"written", "PUT")
    assert s3.get_object(Bucket="presigned", Key="b")["Body"].read() == b"written"


def test_an_expired_presigned_url_is_refused(server, monkeypatch):
    s3 = client(server, "s3", GOOD, signature_version="s3v4")
    sign_in_the_past(monkeypatch, datetime.timedelta(minutes=2))
    url = s3.generate_presigned_url("list_buckets", ExpiresIn=60)
    with pytest.raises(urllib.error.HTTPError) as raised:
        fetch(url)
    body = raised.value.read()
    assert raised.value.code == 403
    assert b"AccessDenied" in body and b"Request has expired" in body


def test_chunked_uploads_with_a_trailing_checksum_are_verified(server):
    s3 = client(server, "s3", GOOD)
    s3.create_bucket(Bucket="chunked")
    s3.put_object(Bucket="chunked", Key="k", Body=b"x" * 200_000, ChecksumAlgorithm="CRC32C")
    assert s3.head_object(Bucket="chunked", Key="k")["ContentLength"] == 200_000


def test_keys_with_every_kind_of_character_are_signed_the_same_on_both_sides(server):
    s3 = client(server, "s3", GOOD)
    s3.create_bucket(Bucket="signed-keys")
    for key in ("a b+c", "ü/你", "//x", "a%2Fb", "*'()!~", "a=b&c?d#e"):
        s3.put_object(Bucket="signed-keys", Key=key, Body=b"")
        assert s3.head_object(Bucket="signed-keys", Key=key)["ContentLength"] == 0
    listed = s3.list_objects_v2(Bucket="signed-keys", Prefix="a b+c", StartAfter=" ")
    assert listed["KeyCount"] == 1
