"""Input that no client sends: an AWS-style error or a closed connection, and the server goes on."""

import base64
import hashlib
import json
import random

import aws_clients
import pytest
from raw_http import Connection, json_request, request

SQS = "AmazonSQS.CreateQueue"
DYNAMODB = "DynamoDB_20120810.PutItem"


@pytest.fixture(autouse=True)
def server_goes_on(matinee):
    """After every test the same process still answers."""
    process = matinee.process.pid
    yield
    assert matinee.is_running() and matinee.process.pid == process
    with Connection(matinee.port) as connection:
        connection.send(request("GET", "/_matinee/health"))
        assert connection.answer()[0] == 200


def exchange(matinee, data):
    with Connection(matinee.port) as connection:
        connection.send(data)
        return connection.answer()


BAD_JSON = {
    "empty": b"", "truncated": b'{"QueueName": "a', "unclosed": b'{"QueueName": "a"',
    "two documents": b'{"QueueName": "a"}{}', "trailing": b'{"QueueName": "a"}]', "bare": b"hello",
    "array": b"[]", "number": b"7", "null": b"null", "nul": b"\x00", "control": b'{"Queue\x01": 1}',
    "invalid utf-8": b'{"QueueName": "\xff\xfe"}', "overlong utf-8": b'{"QueueName": "\xc0\xaf"}',
    "lone surrogate": b'{"QueueName": "\\ud800"}', "bad escape": b'{"QueueName": "\\q"}',
    "nested": b'{"QueueName": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000}


@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON.keys())
@pytest.mark.parametrize("target", [SQS, DYNAMODB])
def test_json_that_is_none_gets_an_error(matinee, target, body):
    status, answer = exchange(matinee, json_request(target, body))
    assert status == 400
    assert "__type" in json.loads(answer)


WRONG_TYPES = [
    (SQS, {"QueueName": 7}), (SQS, {"QueueName": ["a"]}), (SQS, {"QueueName": {"a": 1}}),
    (SQS, {"QueueName": "a", "Attributes": []}),
    (SQS, {"QueueName": "a", "Attributes": {"VisibilityTimeout": {}}}),
    ("AmazonSQS.ReceiveMessage", {"QueueUrl": "x", "MaxNumberOfMessages": "many"}),
    ("AmazonSQS.ReceiveMessage", {"QueueUrl": "x", "MaxNumberOfMessages": 1e300}),
    ("AmazonSQS.ReceiveMessage", {"QueueUrl": "x", "MaxNumberOfMessages": 99999999999999999999}),
    ("AmazonSQS.SendMessageBatch", {"QueueUrl": "x", "Entries": {"Id": "a"}}),
    ("AmazonSQS.SendMessageBatch", {"QueueUrl": "x", "Entries": [None]}),
    ("AmazonSQS.SendMessageBatch", {"QueueUrl": "x", "Entries": ["a"]}),
    (DYNAMODB, {"TableName": "t", "Item": []}), (DYNAMODB, {"TableName": "t", "Item": {"id": 1}}),
    (DYNAMODB, {"TableName": "t", "Item": {"id": {}}}),
    (DYNAMODB, {"TableName": "t", "Item": {"id": {"S": 1}}}),
    (DYNAMODB, {"TableName": "t", "Item": {"id": {"S": "a", "N": "1"}}}),
    (DYNAMODB, {"TableName": "t", "Item": {"id": {"X": "a"}}}),
    (DYNAMODB, {"TableName": "t", "Item": {"id": {"B": "not base64!"}}}),
    (DYNAMODB, {"TableName": "t", "Item": {"id": {"BOOL": "yes"}}}),
    (DYNAMODB, {"TableName": "t", "Item": {"id": {"L": {"a": 1}}}}), (DYNAMODB, {})]


@pytest.mark.parametrize("target, body", WRONG_TYPES)
def test_values_of_the_wrong_type_get_an_error(matinee, target, body):
    status, answer = exchange(matinee, json_request(target, json.dumps(body).encode()))
    assert status == 400
    assert "__type" in json.loads(answer)


BAD_HTTP = {
    "noise": bytes(range(256)) * 8, "no version": b"GET /\r\n\r\n",
    "bad version": b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", "no method": b" / HTTP/1.1\r\n\r\n",
    "no colon": b"GET / HTTP/1.1\r\nHost\r\n\r\n", "no host": b"GET / HTTP/1.1\r\n\r\n",
    "header control": b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
    "negative length": request(headers={"Content-Length": "-1"}),
    "length no number": request(headers={"Content-Length": "ten"}),
    "huge length": request(headers={"Content-Length": "99999999999999999999999"}),
    "two lengths": request(headers={"Content-Length": "1", "content-length": "2"}),
    "length and chunks": request(headers={"Transfer-Encoding": "chunked"}, body=b"0\r\n\r\n"),
    "bad chunk size": request(headers={"Transfer-Encoding": "chunked", "Content-Length": None}
                              ) + b"zz\r\nabc\r\n0\r\n\r\n",
    "endless chunk size": request(
        headers={"Transfer-Encoding": "chunked", "Content-Length": None}) + b"f" * 10_000,
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(100)}


@pytest.mark.parametrize("data", BAD_HTTP.values(), ids=BAD_HTTP.keys())
def test_http_that_is_none_gets_an_error_or_a_closed_connection(matinee, data):
    with Connection(matinee.port) as connection:
        connection.send(data)
        connection.end()
        status, _ = connection.answer()
    assert status is None or 400 <= status < 600


FLOODS = {
    "many headers": b"".join(b"X-%d: y\r\n" % i for i in range(100_000)),
    "a long header": b"X: " + b"y" * 10_000_000 + b"\r\n",
    "a header without end": b"X: " + b"y" * 10_000_000}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_of_headers_is_cut_off(matinee, flood):
    before = matinee.resident_megabytes()
    for _ in range(3):
        with Connection(matinee.port) as connection:
            connection.send(b"GET / HTTP/1.1\r\nHost: a\r\n" + flood)
            status, _ = connection.answer()
            assert status is None or 400 <= status < 500
    assert matinee.resident_megabytes() < before + 60


def test_a_long_request_line_is_cut_off(matinee):
    status, _ = exchange(matinee, b"GET /" + b"a" * 5_000_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    assert status is None or 400 <= status < 500


@pytest.mark.parametrize("target", [SQS, DYNAMODB])
def test_a_body_of_five_gigabytes_that_never_comes_costs_nothing(matinee, target):
    before = matinee.resident_megabytes()
    data = json_request(target, b"", {"Content-Length": str(5 * 10**9)})
    connections = [Connection(matinee.port) for _ in range(20)]
    for connection in connections:
        connection.send(data)
    assert aws_clients.client("sqs", matinee.url).list_queues()
    for connection in connections:
        connection.end()
        status, _ = connection.answer()
        assert status is None or 400 <= status < 500
        connection.socket.close()
    assert matinee.resident_megabytes() < before + 60


def test_an_upload_that_stops_halfway_leaves_nothing(matinee, s3, bucket):
    upload = request("PUT", f"/{bucket}/half", {
        "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD", "Content-Length": str(5 * 10**9)}, service="s3")
    with Connection(matinee.port) as connection:
        connection.send(upload + bytes(1_000_000))
        connection.end()
        status, _ = connection.answer()
        assert status is None or 400 <= status < 500
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_sender_of_single_bytes_is_understood(matinee):
    data = json_request("AmazonSQS.ListQueues", b"{}")
    with Connection(matinee.port) as connection:
        for byte in data:
            connection.send(bytes([byte]))
        assert connection.answer()[0] == 200


def test_slow_senders_do_not_keep_others_waiting(matinee):
    slow = [Connection(matinee.port) for _ in range(300)]
    try:
        for connection in slow:
            connection.send(b"POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Tar")
        assert aws_clients.client("sqs", matinee.url).list_queues()
    finally:
        for connection in slow:
            connection.socket.close()


def test_a_reader_that_never_reads_does_not_keep_others_waiting(matinee, s3, bucket):
    s3.put_object(Bucket=bucket, Key="big", Body=bytes(30_000_000))
    download = request("GET", f"/{bucket}/big", service="s3")
    deaf = [Connection(matinee.port) for _ in range(10)]
    try:
        for connection in deaf:
            connection.send(download)
        assert s3.get_object(Bucket=bucket, Key="big", Range="bytes=0-3")["Body"].read() == bytes(4)
    finally:
        for connection in deaf:
            connection.socket.close()


def test_requests_sent_at_once_are_answered_one_after_another(matinee):
    one = json_request("AmazonSQS.ListQueues", b"{}")
    other = json_request("DynamoDB_20120810.ListTables", b"{}")
    with Connection(matinee.port) as connection:
        connection.send(one)
        assert connection.answer()[0] == 200
        connection.send(other)
        assert b"TableNames" in connection.answer()[1]


def with_md5(body):
    return {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}


BAD_S3 = {
    "bad range": ("GET", "/{bucket}/k", {"Range": "bytes=9-1"}, b""),
    "bad percent": ("GET", "/{bucket}/%zz", {}, b""),
    "utf-8 in path": ("GET", "/{bucket}/%ff%fe", {}, b""),
    "bad query": ("GET", "/{bucket}?max-keys=many&list-type=2", {}, b""),
    "negative keys": ("GET", "/{bucket}?max-keys=-1&list-type=2", {}, b""),
    "bad xml": ("POST", "/{bucket}?delete", with_md5(b"<Delete><Object>"), b"<Delete><Object>"),
    "not xml": ("POST", "/{bucket}?delete", with_md5(b"{}"), b"{}"),
    "no digest": ("POST", "/{bucket}?delete", {}, b"<Delete/>"),
    "bad part": ("PUT", "/{bucket}/k?partNumber=one&uploadId=x", {}, b""),
    "bad chunks": ("PUT", "/{bucket}/k", {
        "X-Amz-Content-Sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": "5"}, b"zz\r\nabc"),
    "short chunks": ("PUT", "/{bucket}/k", {
        "X-Amz-Content-Sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": "50"},
        b"3\r\nabc\r\n0\r\n\r\n"),
    "bad copy source": ("PUT", "/{bucket}/k", {"X-Amz-Copy-Source": "%%%"}, b"")}


@pytest.mark.parametrize("case", BAD_S3.values(), ids=BAD_S3.keys())
def test_s3_requests_that_make_no_sense_get_an_error(matinee, bucket, case):
    method, path, headers, body = case
    data = request(method, path.format(bucket=bucket), headers, body, service="s3")
    with Connection(matinee.port) as connection:
        connection.send(data)
        connection.end()
        status, answer = connection.answer()
    assert status is not None and 400 <= status < 500
    assert b"<Code>" in answer


def test_an_xml_bomb_does_not_explode(matinee, bucket):
    entities = b"".join(b'<!ENTITY e%d "%s">' % (i, b"&e%d;" % (i - 1) * 10) for i in range(1, 10))
    bomb = b'<!DOCTYPE x [<!ENTITY e0 "boom">' + entities + b"]><Delete><Object><Key>&e9;</Key>"
    bomb += b"</Object></Delete>"
    before = matinee.resident_megabytes()
    status, _ = exchange(
        matinee, request("POST", f"/{bucket}?delete", with_md5(bomb), bomb, service="s3"))
    assert status is not None and status < 500
    assert matinee.resident_megabytes() < before + 60


@pytest.mark.parametrize("seed", range(5))
def test_requests_with_random_damage_are_survived(matinee, seed):
    generator = random.Random(seed)
    samples = [json_request(SQS, b'{"QueueName": "fuzz", "Attributes": {"DelaySeconds": "1"}}'),
               json_request(DYNAMODB, b'{"TableName": "t", "Item": {"id": {"L": [{"N": "1"}]}}}'),
               request("PUT", "/fuzz-bucket/key?x=1", {"Range": "bytes=1-2"}, b"abc", "s3"),
               request(headers={"Content-Type": "application/x-www-form-urlencoded"},
                       body=b"Action=CreateQueue&QueueName=fuzz&Attribute.1.Name=x")]
    for _ in range(100):
        damaged = bytearray(generator.choice(samples))
        for _ in range(generator.randint(1, 8)):
            damaged[generator.randrange(len(damaged))] = generator.randrange(256)
        with Connection(matinee.port) as connection:
            connection.send(bytes(damaged))
            connection.end()
            status, _ = connection.answer()
            assert status is None or 200 <= status < 600 and status != 500
