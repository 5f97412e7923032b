"""POST /_matinee/reset: everything, or one account, is gone when the reply comes; under load, for
good, and for those alone who may."""

import json
import pathlib
import threading
import urllib.error
import urllib.request

import aws_clients
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import matinee_server
import pytest
from botocore.exceptions import ClientError
from polling import eventually

ACCOUNTS = ("111111111111", "222222222222")
PATH = "/_matinee/reset"


def send(url, method="POST", headers=None, body=b""):
    """(status, body) of a plain request."""
    request = urllib.request.Request(url, data=body if method == "POST" else None, method=method,
                                     headers=headers or {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def reset(server, account=None):
    status, body = send(server.url + PATH + (f"?account={account}" if account else ""))
    assert (status, body) == (200, {"reset": account or "everything"})


class Account:
    """What one account has."""

    def __init__(self, url, number):
        credentials = {"aws_access_key_id": number, "aws_secret_access_key": "secret"}
        self.sqs = aws_clients.client("sqs", url, credentials=credentials)
        self.dynamodb = aws_clients.client("dynamodb", url, credentials=credentials)
        self.s3 = aws_clients.client("s3", url, credentials=credentials,
                                     s3={"addressing_style": "path"})
        self.bucket = f"films-{number}"

    def fill(self):
        url = self.sqs.create_queue(QueueName="films")["QueueUrl"]
        self.sqs.send_message(QueueUrl=url, MessageBody="M")
        self.dynamodb.create_table(
            TableName="films", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        self.dynamodb.put_item(TableName="films", Item={"id": {"S": "M"}})
        self.s3.create_bucket(Bucket=self.bucket, ObjectLockEnabledForBucket=True)
        self.s3.put_object(Bucket=self.bucket, Key="small", Body=b"x")
        self.s3.put_object(Bucket=self.bucket, Key="large", Body=b"x" * 100_000)
        self.s3.put_object_legal_hold(Bucket=self.bucket, Key="large",
                                      LegalHold={"Status": "ON"})
        upload = self.s3.create_multipart_upload(Bucket=self.bucket, Key="parts")["UploadId"]
        self.s3.upload_part(Bucket=self.bucket, Key="parts", UploadId=upload, PartNumber=1,
                            Body=b"p" * 100_000)

    def counts(self):
        return (len(self.sqs.list_queues().get("QueueUrls", [])),
                len(self.dynamodb.list_tables()["TableNames"]),
                len(self.s3.list_buckets()["Buckets"]))


FULL, EMPTY = (1, 1, 1), (0, 0, 0)


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as running:
        yield running


@pytest.fixture
def accounts(server):
    both = [Account(server.url, number) for number in ACCOUNTS]
    for account in both:
        account.fill()
    return both


def blobs(server):
    directory = pathlib.Path(server.data) / "blobs"
    return sum(path.is_file() for path in directory.rglob("*"))


def test_everything_is_gone_and_can_be_made_anew_at_once(server, accounts):
    reset(server)
    assert [account.counts() for account in accounts] == [EMPTY, EMPTY]
    for account in accounts:
        account.fill()
    assert [account.counts() for account in accounts] == [FULL, FULL]


def test_one_account_is_reset_and_the_other_keeps_everything(server, accounts):
    reset(server, ACCOUNTS[0])
    assert [account.counts() for account in accounts] == [EMPTY, FULL]
    kept = accounts[1]
    assert kept.s3.get_object(Bucket=kept.bucket, Key="large")["Body"].read() == b"x" * 100_000
    assert kept.dynamodb.get_item(TableName="films", Key={"id": {"S": "M"}})["Item"]


def test_a_reset_survives_a_kill_and_leaves_no_file_of_an_object(server, accounts):
    assert blobs(server) == 4
    reset(server)
    server.kill()
    server.start()
    assert [account.counts() for account in accounts] == [EMPTY, EMPTY]
    eventually(lambda: blobs(server) == 0)


def test_resets_under_load_leave_nothing_and_break_nothing(server):
    """Others of the same account go on as if nothing had happened: what they use is there, or it is
    not, and nothing in between."""
    victim, other = (Account(server.url, number) for number in ACCOUNTS)
    other.fill()
    stop = threading.Event()
    broken = []

    def work(number):
        sqs = aws_clients.client("sqs", server.url, credentials={
            "aws_access_key_id": ACCOUNTS[0], "aws_secret_access_key": "secret"})
        name = f"work-{number}"
        while not stop.is_set():
            try:
                url = sqs.create_queue(QueueName=name)["QueueUrl"]
                for _ in range(5):
                    sqs.send_message(QueueUrl=url, MessageBody="M")
                victim.s3.create_bucket(Bucket=f"{victim.bucket}-{number}")
                victim.s3.put_object(Bucket=f"{victim.bucket}-{number}", Key="k",
                                     Body=b"x" * 20_000)
                sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
            except ClientError as error:
                if error.response["Error"]["Code"] not in (
                        "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist",
                        "NoSuchBucket", "OperationAborted"):
                    broken.append(error)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for worker in workers:
        worker.start()
    for _ in range(20):
        reset(server, ACCOUNTS[0])
    stop.set()
    for worker in workers:
        worker.join(60)
    reset(server, ACCOUNTS[0])
    assert not broken
    assert (victim.counts(), other.counts()) == (EMPTY, FULL)
    eventually(lambda: blobs(server) == 2)


@pytest.mark.parametrize("query, method, status", [
    ("", "GET", 405), ("", "DELETE", 405), ("?acount=111111111111", "POST", 400),
    ("?account=12345", "POST", 400), ("?account=11111111111x", "POST", 400),
    ("?account=", "POST", 400), ("?account=111111111111&account=222222222222", "POST", 400)])
def test_what_is_no_reset_is_refused_and_removes_nothing(server, accounts, query, method, status):
    assert send(server.url + PATH + query, method)[0] == status
    assert [account.counts() for account in accounts] == [FULL, FULL]


@pytest.mark.parametrize("headers", [
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Referer": "http://evil.example/x"},
    {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}])
def test_web_pages_of_elsewhere_reset_nothing(server, accounts, headers):
    assert send(server.url + PATH, headers=headers)[0] == 403
    assert [account.counts() for account in accounts] == [FULL, FULL]


def test_a_body_is_refused(server, accounts):
    """Somebody may have meant an account by it."""
    assert send(server.url + PATH, body=b'{"account": "111111111111"}')[0] == 400
    assert [account.counts() for account in accounts] == [FULL, FULL]


def signed(server, key, secret, path=PATH):
    """Headers of a reset that is signed as for a service called "matinee"."""
    request = botocore.awsrequest.AWSRequest("POST", server.url + path, data=b"")
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(key, secret), "matinee",
                            "us-east-1").add_auth(request)
    return dict(request.headers)


class TestWithSignatures:
    KEYS = {"111111111111": "one", "222222222222": "two"}

    @pytest.fixture
    def server(self, tmp_path):
        keys = tmp_path / "keys"
        keys.write_text("".join(f"{key}:{secret}\n" for key, secret in self.KEYS.items()),
                        encoding="ascii")
        with matinee_server.Server(tmp_path / "data",
                                   ["--auth", "sigv4", "--key-file", str(keys)]) as running:
            yield running

    def queues(self, server, key):
        return aws_clients.client("sqs", server.url, credentials={
            "aws_access_key_id": key, "aws_secret_access_key": self.KEYS[key]})

    def test_only_the_owner_resets_an_account(self, server):
        for key in self.KEYS:
            self.queues(server, key).create_queue(QueueName="films")
        own = f"{PATH}?account=111111111111"
        assert send(server.url + PATH)[0] in (400, 403)
        for key, secret in (("111111111111", "wrong"), ("333333333333", "x")):
            headers = signed(server, key, secret, own)
            assert send(server.url + own, headers=headers)[0] in (400, 403)
        for path in (PATH, own):
            status, body = send(server.url + path,
                                headers=signed(server, "222222222222", "two", path))
            assert status == 403 and "222222222222" in body["message"]
        assert all(self.queues(server, key).list_queues().get("QueueUrls") for key in self.KEYS)
        status, _ = send(server.url + own, headers=signed(server, "111111111111", "one", own))
        assert status == 200
        assert "QueueUrls" not in self.queues(server, "111111111111").list_queues()
        assert self.queues(server, "222222222222").list_queues()["QueueUrls"]

    def test_the_only_account_there_is_resets_everything(self, tmp_path):
        arguments = ["--auth", "sigv4", "--key", "A:one", "--key", "B:two"]
        with matinee_server.Server(tmp_path / "data", arguments) as server:
            assert send(server.url + PATH, headers=signed(server, "A", "one"))[0] == 200
