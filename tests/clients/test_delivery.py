"""Deliveries to HTTP endpoints of every kind, and what one that misbehaves costs the others."""

import contextlib
import http.server
import json
import select
import socket
import threading

import pytest

import aws_clients
from polling import eventually


@pytest.fixture(scope="session")
def sns(endpoint):
    return aws_clients.client("sns", endpoint)


class Subscriber(http.server.BaseHTTPRequestHandler):
    """Confirms its subscription and keeps what comes, unless its path says otherwise."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((self.path, dict(self.headers), json.loads(body)))
        getattr(self, "answer_" + self.path.strip("/"), self.answer)()

    def do_GET(self):
        self.server.calls.append((self.path, dict(self.headers), None))
        self.answer()

    def answer(self, status=200):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_refuses(self):
        self.answer(403)

    def answer_fails(self):
        self.answer(500)

    def answer_redirects(self):
        self.send_response(302)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def pour(self, piece, pause=0):
        with contextlib.suppress(OSError):
            while not self.server.ends:
                self.wfile.write(piece)
                self.server.poured += len(piece)
                select.select([], [], [], pause)
        self.close_connection = True

    def answer_endless_headers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self.pour(b"X-Filler: " + b"x" * 1000 + b"\r\n")

    def answer_endless_body(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        self.pour(b"y" * 65536)

    def answer_trickles(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        self.pour(b"z", 0.5)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def subscriber():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Subscriber)
    server.daemon_threads = True
    server.calls = []
    server.ends = False
    server.poured = 0
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.ends = True
    server.shutdown()
    thread.join()
    server.server_close()


def subscribe(sns, topic, server, path):
    url = f"http://127.0.0.1:{server.server_port}/{path}"
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
    calls = eventually(lambda: [c for c in server.calls if c[0] == "/" + path])
    sns.confirm_subscription(TopicArn=topic, Token=calls[0][2]["Token"])
    server.calls.clear()


@pytest.fixture
def topic(sns, name):
    arn = sns.create_topic(Name=name)["TopicArn"]
    yield arn
    sns.delete_topic(TopicArn=arn)


def messages(server, path):
    return [call for call in list(server.calls)
            if call[0] == "/" + path and call[2]["Type"] == "Notification"]


@pytest.mark.parametrize("path", ["endless_headers", "endless_body", "trickles", "redirects",
                                  "fails", "refuses"])
def test_a_subscriber_that_misbehaves_costs_nothing_but_its_own_lane(sns, topic, subscriber, path):
    subscribe(sns, topic, subscriber, "good")
    subscribe(sns, topic, subscriber, path)
    for number in range(20):
        sns.publish(TopicArn=topic, Message=f"message {number}")
    eventually(lambda: len(messages(subscriber, "good")) >= 20)
    eventually(lambda: messages(subscriber, path))
    assert not [call for call in subscriber.calls if call[0] == "/elsewhere"]
    assert subscriber.poured < 100_000_000


def test_a_subscriber_that_accepts_and_says_nothing_holds_up_no_other(sns, topic, subscriber):
    subscribe(sns, topic, subscriber, "good")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/silent"
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
        sns.publish(TopicArn=topic, Message="message")
        eventually(lambda: messages(subscriber, "good"))
