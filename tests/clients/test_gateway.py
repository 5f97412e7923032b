"""What every service has in common: unknown operations, health, regions, accounts, headers."""

import json
import urllib.error
import urllib.parse
import urllib.request

import aws_clients
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError


def fetch(url, data=None, headers=None):
    """(status, body, headers) of a plain request without credentials."""
    request = urllib.request.Request(url, data=data, headers=headers or {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)


@pytest.mark.parametrize("path", ["/_matinee/health", "/_localstack/health"])
def test_health_is_reported_in_json(matinee, path):
    status, body, headers = fetch(matinee.url + path)
    assert status == 200
    assert headers["Content-Type"].startswith("application/json")
    services = json.loads(body)["services"]
    for service in ("sqs", "dynamodb", "s3", "sts"):
        assert services[service] in ("running", "available")


# SQS is served whole; STS stands for the query protocol.
@pytest.mark.parametrize("service, call", [
    ("dynamodb", lambda dynamodb: dynamodb.list_global_tables()),
    ("s3", lambda s3: s3.restore_object(Bucket="some-bucket", Key="k")),
    ("sts", lambda sts: sts.assume_root(
        TargetPrincipal="111122223333",
        TaskPolicyArn={"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}))])
def test_an_operation_that_is_not_served_is_named_in_a_501(matinee, service, call):
    with pytest.raises(ClientError) as raised:
        call(aws_clients.client(service, matinee.url))
    assert error_of(raised)[1] == 501
    assert raised.value.operation_name in raised.value.response["Error"]["Message"]


def test_a_service_that_is_not_served_is_refused(matinee):
    with pytest.raises(ClientError) as raised:
        aws_clients.client("kinesis", matinee.url).list_streams()
    assert error_of(raised)[1] == 501


def test_an_operation_that_never_existed_is_refused(matinee):
    authorization = ("AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/sqs/aws4_request, "
                     "SignedHeaders=host, Signature=00")
    status, body, _ = fetch(matinee.url, b"{}", {
        "X-Amz-Target": "AmazonSQS.MakeCoffee", "Content-Type": "application/x-amz-json-1.0",
        "Authorization": authorization})
    assert status == 400
    assert "UnknownOperationException" in body


def test_queues_are_kept_apart_by_region(endpoint, name):
    clients = {region: aws_clients.client("sqs", endpoint, region)
               for region in ("us-east-1", "eu-central-1")}
    url = clients["eu-central-1"].create_queue(QueueName=name)["QueueUrl"]
    arn = clients["eu-central-1"].get_queue_attributes(
        QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    assert arn == f"arn:aws:sqs:eu-central-1:000000000000:{name}"
    with pytest.raises(ClientError):
        clients["us-east-1"].get_queue_url(QueueName=name)


def test_tables_are_kept_apart_by_region(endpoint, table):
    other = aws_clients.client("dynamodb", endpoint, "ap-southeast-2")
    assert table not in other.list_tables()["TableNames"]
    with pytest.raises(ClientError):
        other.describe_table(TableName=table)


def with_account(account):
    return {"aws_access_key_id": account, "aws_secret_access_key": "any"}


def test_an_access_key_of_twelve_digits_is_the_account(endpoint, name):
    account = with_account("123456789012")
    sts = aws_clients.client("sts", endpoint, credentials=account)
    assert sts.get_caller_identity()["Account"] == "123456789012"
    sqs = aws_clients.client("sqs", endpoint, credentials=account)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    assert url.endswith(f"/123456789012/{name}")
    with pytest.raises(ClientError):
        aws_clients.client("sqs", endpoint).get_queue_url(QueueName=name)


def test_tables_and_buckets_are_kept_apart_by_account(endpoint, table, bucket):
    account = with_account("210987654321")
    dynamodb = aws_clients.client("dynamodb", endpoint, credentials=account)
    assert table not in dynamodb.list_tables()["TableNames"]
    s3 = aws_clients.client("s3", endpoint, credentials=account, s3={"addressing_style": "path"})
    assert bucket not in [found["Name"] for found in s3.list_buckets()["Buckets"]]


def test_any_other_access_key_is_the_account_of_zeros(sts):
    identity = sts.get_caller_identity()
    assert identity["Account"] == "000000000000"
    assert identity["Arn"].startswith("arn:aws:")
    assert identity["UserId"]


def test_every_answer_has_a_request_id_of_its_own(sqs, dynamodb):
    ids = [answer["ResponseMetadata"]["RequestId"] for answer in (
        sqs.list_queues(), sqs.list_queues(), dynamodb.list_tables())]
    assert len(set(ids)) == 3 and all(ids)


def test_the_query_protocol_works_by_get_and_with_the_queue_as_the_path(endpoint, name):
    base = {"Version": "2012-11-05", "AWSAccessKeyId": "AKIDEXAMPLE"}

    def call(path, **parameters):
        query = urllib.parse.urlencode({**base, **parameters})
        credential = "AKIDEXAMPLE/20260101/us-east-1/sqs/aws4_request"
        return fetch(f"{endpoint}{path}?{query}", headers={
            "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, "
                             "Signature=00"})

    status, body, headers = call("/", Action="CreateQueue", QueueName=name)
    assert status == 200
    assert headers["Content-Type"].startswith("text/xml")
    assert f"/000000000000/{name}</QueueUrl>" in body
    path = f"/000000000000/{name}"
    status, body, _ = call(path, Action="SendMessage", MessageBody="<films & more>")
    assert status == 200 and "<MD5OfMessageBody>" in body
    status, body, _ = call(f"/queue/{name}", Action="ReceiveMessage")
    assert status == 200 and "<Body>&lt;films &amp; more&gt;</Body>" in body
    status, body, _ = call(path + "-not", Action="SendMessage", MessageBody="x")
    assert status == 400
    assert "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>" in body
    assert "<Type>Sender</Type>" in body and "<RequestId>" in body
