"""HTTP by hand, for requests that no client library would send."""

import socket

CREDENTIAL = ("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/{service}/aws4_request, "
              "SignedHeaders=host, Signature=00")


class Connection:
    """A TCP connection to the server under test."""

    def __init__(self, port, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()

    def send(self, data):
        """Sends as much as the server takes; a server that has closed already is fine."""
        try:
            self.socket.sendall(data)
        except (ConnectionError, BrokenPipeError):
            pass

    def end(self):
        """Nothing more will be sent."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def answer(self):
        """(status, body) of the next answer, or (None, b"") when the connection was closed."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self._receive()
            if not more:
                return None, b""
            data += more
        head, body = data.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip()
                   for name, _, value in (line.partition(":") for line in lines[1:])}
        wanted = int(headers.get("content-length", 0))
        while len(body) < wanted:
            more = self._receive()
            if not more:
                break
            body += more
        return int(lines[0].split()[1]), body

    def is_closed(self):
        """Waits for the server to close; false if it sends something instead."""
        return self._receive() == b""

    def _receive(self):
        try:
            return self.socket.recv(65536)
        except ConnectionError:
            return b""


def request(method="POST", path="/", headers=None, body=b"", service="sqs"):
    """The bytes of a request; a header whose value is None is left out."""
    fields = {"Host": "127.0.0.1", "Authorization": CREDENTIAL.format(service=service),
              "Content-Length": str(len(body)), **(headers or {})}
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def json_request(target, body, headers=None):
    """A request of one of the JSON protocols: "AmazonSQS.X" or "DynamoDB_20120810.X"."""
    service = "sqs" if target.startswith("AmazonSQS") else "dynamodb"
    fields = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0",
              **(headers or {})}
    return request(headers=fields, body=body, service=service)
