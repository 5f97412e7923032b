"""The movie job against clouds that are not ours, and against one that fails now and then."""

import http.client
import http.server
import random
import re
import threading

import matinee_server
import moto_server
import pytest
from movie_job import Job, Left


@pytest.fixture(scope="module")
def moto():
    with moto_server.running() as url:
        yield url


def test_the_job_runs_on_a_cloud_that_is_not_ours(moto, tmp_path):
    summary = Job("--count", 400, "--job-id", "moto", cloud=moto).require_success()
    assert summary["verified"] is True
    left = Left(moto)
    left.require_complete("moto", 400)
    embedded = Job("--count", 400, environment={"XDG_DATA_HOME": str(tmp_path)})
    assert embedded.require_success()["object_sha256"] == summary["object_sha256"]


def test_producing_and_consuming_apart_work_there_too(moto):
    Job("--count", 60, "--job-id", "apart", "--only", "produce", cloud=moto).require_success()
    Job("--count", 60, "--job-id", "apart", "--only", "consume", cloud=moto).require_success()
    Left(moto).require_complete("apart", 60)


def test_a_table_whose_only_key_is_the_job_works_there_too(moto):
    left = Left(moto, table="job-only")
    left.dynamodb.create_table(
        TableName="job-only", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "job_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "job_id", "KeyType": "HASH"}])
    Job("--count", 30, "--job-id", "simple", "--table", "job-only", cloud=moto).require_success()
    left.require_complete("simple", 30)


THROTTLED = {
    "s3": (503, b"<Error><Code>SlowDown</Code><Message>Please reduce your rate.</Message></Error>"),
    "sqs": (403, b'{"__type":"com.amazonaws.sqs#RequestThrottled","message":"Rate exceeded"}'),
    "dynamodb": (400, b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException",'
                      b'"message":"Rate exceeded"}')}


class FaultyProxy(http.server.ThreadingHTTPServer):
    """Passes requests on to a server; now and then it answers with a fault or hangs up instead,
    before or after the server has done its work."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, target_port, seed):
        super().__init__(("127.0.0.1", 0), FaultyHandler)
        self.target_port = target_port
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.faults = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def choose_fault(self):
        with self.lock:
            fault = self.random.choices(
                [None, "503", "throttle", "hang up", "lose answer"], [88, 3, 3, 3, 3])[0]
            self.faults += fault is not None
            return fault

    def handle_error(self, request, client_address):
        """A client that goes away is no error here."""


class FaultyHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one_request(self):
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.server.choose_fault()
        if fault == "503":
            self.reply(503, b"Service Unavailable")
        elif fault == "throttle":
            service = re.search(r"/(\w+)/aws4_request", self.headers["Authorization"]).group(1)
            self.reply(*THROTTLED[service])
        elif fault == "hang up":
            self.close_connection = True
        else:
            self.pass_on(body, fault == "lose answer")

    def pass_on(self, body, lose_answer):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.target_port, timeout=60)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "expect"):
                connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        if lose_answer:
            self.close_connection = True
            return
        head = "".join(f"{name}: {value}\r\n" for name, value in answer.getheaders()
                       if name.lower() not in ("content-length", "transfer-encoding", "connection"))
        length = answer.getheader("Content-Length") if self.command == "HEAD" else len(data)
        self.wfile.write(f"HTTP/1.1 {answer.status} {answer.reason}\r\n{head}"
                         f"Content-Length: {length}\r\n\r\n".encode("latin-1") + data)

    def reply(self, status, body):
        if self.command == "HEAD":
            body = b""
        self.wfile.write(f"HTTP/1.1 {status} Fault\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                         + body)

    def log_message(self, *arguments):  # pylint: disable=arguments-differ
        """Nothing to the terminal."""


@pytest.mark.parametrize("seed", [1, 2])
def test_a_cloud_that_fails_now_and_then_does_not_fail_the_job(tmp_path, seed):
    with matinee_server.Server(tmp_path / "data") as server:
        proxy = FaultyProxy(server.port, seed)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            summary = Job("--count", 2000, "--job-id", "faults", cloud=proxy.url).require_success()
            assert summary["verified"] is True
            assert proxy.faults > 20
            left = Left(server.url)
            left.require_complete("faults", 2000)
            assert left.messages_in_queue() == 0
        finally:
            proxy.shutdown()
            proxy.server_close()
