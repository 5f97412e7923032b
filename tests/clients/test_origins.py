"""Host and origin of a request, as a matrix with every protocol: what a foreign page sends, or what
comes by a name that was rebound, does nothing (see also test_browser.py)."""

import datetime

import aws_clients
import matinee_server
import pytest
import raw_http

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FAKE = ("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x%2F20260101%2Fus-east-1%2Fs3%2F"
        "aws4_request&X-Amz-Date={date}&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&"
        "X-Amz-Signature=00")
UPLOAD = (b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\npage.html\r\n'
          b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n<h1>\r\n'
          b'--x--\r\n')


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("origins") / "data") as running:
        aws_clients.client("s3", running.url).create_bucket(Bucket="held")
        aws_clients.client("sqs", running.url).create_queue(QueueName="held")
        yield running


def attempts():
    """What a page can send without asking, and what it could after a rebinding."""
    json = {"Content-Type": "application/x-amz-json-1.0"}
    yield "a form", "POST", "/", FORM, b"Action=CreateQueue&QueueName=pwn"
    yield "a form to a queue", "POST", "/000000000000/held", FORM, b"Action=PurgeQueue"
    yield "an image", "GET", "/?Action=CreateQueue&QueueName=pwn&Version=2012-11-05", {}, b""
    yield "an image of a queue", "GET", "/000000000000/held?Action=DeleteQueue", {}, b""
    yield "an identity", "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", {}, b""
    yield ("a target", "POST", "/", {**json, "X-Amz-Target": "DynamoDB_20120810.ListTables"}, b"{}")
    yield ("a queue's target", "POST", "/",
           {**json, "X-Amz-Target": "AmazonSQS.ListQueues"}, b"{}")
    text = {"Content-Type": "text/plain"}
    yield "an upload in parts", "POST", f"/held/k?uploads&{FAKE}", text, b""
    yield "an object", "PUT", f"/held/k?{FAKE}", {}, b"x"
    yield ("a form with a file", "POST", "/held",
           {"Content-Type": "multipart/form-data; boundary=x"}, UPLOAD)
    yield "a control request", "GET", "/v20180820/jobs", {"x-amz-account-id": "000000000000"}, b""
    yield "nothing of the kind", "POST", "/_matinee/nothing", {}, b""


@pytest.fixture(params=list(attempts()), ids=lambda attempt: attempt[0])
def send(request, server):
    """Sends the attempt with more headers; gives (status, body)."""
    _, method, path, headers, body = request.param
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")

    def sender(more, host=None):
        fields = {"Authorization": None, **headers, **more,
                  "Host": host or f"127.0.0.1:{server.port}"}
        with raw_http.Connection(server.port) as connection:
            connection.send(raw_http.request(method, path.format(date=date), fields, body))
            status, answer = connection.answer()
            return status, answer.decode()
    return sender


@pytest.mark.parametrize("headers", [
    {"Origin": "http://evil.example"}, {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Referer": "http://evil.example/page", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_a_foreign_page_is_refused(send, server, headers):
    status, body = send(headers)
    assert status == 403
    assert "--allow-origin" in body
    unchanged(server)


@pytest.mark.parametrize("host", [
    "evil.example", "evil.example:4566", "held.s3.evil.example", "127.0.0.1.evil.example"])
def test_a_rebound_name_is_refused(send, server, host):
    status, body = send({}, host)
    assert status == 403
    assert f"--allow-host {host.partition(':')[0]}" in body
    unchanged(server)


def unchanged(server):
    queues = aws_clients.client("sqs", server.url).list_queues()["QueueUrls"]
    assert [url.rpartition("/")[2] for url in queues] == ["held"]
    s3 = aws_clients.client("s3", server.url)
    assert not s3.list_objects_v2(Bucket="held").get("Contents")
    assert not s3.list_multipart_uploads(Bucket="held").get("Uploads")


@pytest.mark.parametrize("headers", [
    {}, {"Origin": "http://localhost:3000"}, {"Origin": "http://127.0.0.1:3000"},
    {"Referer": "http://localhost:3000/page", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}])
@pytest.mark.parametrize("host", ["localhost", "matinee:4566", "sqs.us-east-1.amazonaws.com"])
def test_everybody_else_is_served(server, headers, host):
    fields = {**FORM, **headers, "Host": host, "Authorization": None}
    with raw_http.Connection(server.port) as connection:
        connection.send(raw_http.request("POST", "/", fields, b"Action=ListQueues"))
        assert connection.answer()[0] == 200


def test_the_health_page_is_for_everybody(server):
    with raw_http.Connection(server.port) as connection:
        connection.send(raw_http.request("GET", "/_matinee/health", {
            "Host": "evil.example", "Origin": "http://evil.example"}))
        assert connection.answer()[0] == 200


def test_names_and_origins_are_allowed_by_options(tmp_path):
    arguments = ["--allow-host", "cloud.test", "--allow-origin", "https://app.example"]
    with matinee_server.Server(tmp_path / "data", arguments) as server:
        for headers, status in [({"Host": "cloud.test:4566"}, 200),
                                ({"Host": "queue.cloud.test"}, 200),
                                ({"Host": "other.test"}, 403),
                                ({"Origin": "https://app.example"}, 200),
                                ({"Origin": "https://other.example"}, 403)]:
            with raw_http.Connection(server.port) as connection:
                connection.send(raw_http.request("POST", "/", {**FORM, **headers},
                                                 b"Action=ListQueues"))
                assert connection.answer()[0] == status, headers


def test_the_authority_of_a_target_goes_before_the_host(server):
    with raw_http.Connection(server.port) as connection:
        connection.send(raw_http.request("GET", "http://evil.example/?Action=ListQueues"))
        assert connection.answer()[0] == 403
