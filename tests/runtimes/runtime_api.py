"""A Runtime API of AWS Lambda (2018-06-01) for one process, which remembers what it was told.

It hands out the given invocations one by one. What a runtime sends is kept as it came, with chunks
joined and trailers beside the headers; one that asks for more than there is waits for ever.
"""

import dataclasses
import socket
import threading
import time
import urllib.parse

ARN = "arn:aws:lambda:us-east-1:000000000000:function:film"


@dataclasses.dataclass
class Invocation:
    """What `next` answers. Headers set to None are left out."""

    body: bytes = b"{}"
    headers: dict = dataclasses.field(default_factory=dict)
    status_of_answer: int = 202
    answer_in_chunks: bool = False

    def all_headers(self, number):
        headers = {"Lambda-Runtime-Aws-Request-Id": request_id(number),
                   "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 60_000),
                   "Lambda-Runtime-Invoked-Function-Arn": ARN,
                   "Lambda-Runtime-Trace-Id": f"Root=1-0000000{number}-000000000000000000000000",
                   "Content-Type": "application/json", **self.headers}
        return {name: value for name, value in headers.items() if value is not None}


@dataclasses.dataclass
class Answer:
    """A POST of the runtime: `path` below /runtime, headers with names in lower case."""

    path: str
    headers: dict
    body: bytes
    trailers: dict


def request_id(number):
    return f"00000000-0000-4000-8000-{number:012}"


class RuntimeApi:
    """Listens on a free port of 127.0.0.1, or on a Unix socket where `path` is given."""

    def __init__(self, invocations, path=None, closes_after_answers=False):
        self._invocations = list(invocations)
        self._closes = closes_after_answers
        self._given = 0
        self.answers, self.connections, self.requests = [], 0, []
        self.is_done = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self._listener.bind(str(path) if path else ("127.0.0.1", 0))
        self._listener.listen()
        self.address = f"unix:{path}" if path else f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._open = []

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection.makefile("rb") as stream:
                while line := stream.readline():
                    self._answer(connection, stream, line.decode().split(" "))
        except OSError:
            pass  # The process was killed, or the test is over.

    def _answer(self, connection, stream, request_line):
        method, path = request_line[0], urllib.parse.unquote(request_line[1])
        headers = _headers(stream)
        body, trailers = _body(stream, headers)
        self.requests.append((method, path, headers))
        path = path.removeprefix("/2018-06-01/runtime")
        if (method, path) == ("GET", "/invocation/next"):
            self._give(connection)
            return
        self.answers.append(Answer(path, headers, body, trailers))
        status = self._invocations[self._given - 1].status_of_answer if self._given else 202
        ends = "Connection: close\r\n" if self._closes else ""
        connection.sendall(f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\n{ends}"
                           "Content-Length: 16\r\n\r\n{\"status\":\"OK\"}\n".encode())
        if self._closes:
            connection.shutdown(socket.SHUT_RDWR)

    def _give(self, connection):
        if self._given == len(self._invocations):
            self.is_done.set()
            return
        invocation = self._invocations[self._given]
        self._given += 1
        lines = [f"{name}: {value}" for name, value in invocation.all_headers(self._given).items()]
        body = invocation.body
        if invocation.answer_in_chunks:
            lines.append("Transfer-Encoding: chunked")
            half = len(body) // 2
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part)
                            for part in (body[:half], body[half:])) + b"0\r\n\r\n"
        else:
            lines.append(f"Content-Length: {len(body)}")
        connection.sendall("\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode() + body)


def _headers(stream):
    headers = {}
    while (line := stream.readline().decode().rstrip("\r\n")):
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return headers


def _body(stream, headers):
    if headers.get("transfer-encoding") != "chunked":
        return stream.read(int(headers.get("content-length", 0))), {}
    body = b""
    while size := int(stream.readline(), 16):
        body += stream.read(size)
        stream.readline()
    return body, _headers(stream)
