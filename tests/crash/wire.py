"""A thin client for the crash test: one keep-alive connection, requests by hand, no retries. It
knows three outcomes: acknowledged, refused, and in doubt because the connection broke.
"""

import http.client
import json
import urllib.parse
import xml.etree.ElementTree

TARGETS = {"sqs": "AmazonSQS", "dynamodb": "DynamoDB_20120810", "kms": "TrentService",
           "ssm": "AmazonSSM", "secretsmanager": "secretsmanager", "logs": "Logs_20140328",
           "monitoring": "GraniteServiceVersion20100801", "cloudcontrolapi": "CloudApiService",
           "events": "AWSEvents"}
JSON_1_0 = {"sqs", "dynamodb", "monitoring", "cloudcontrolapi"}


class InDoubt(Exception):
    """The server died before its answer: the operation happened or it did not."""


class Refused(Exception):
    """The server answered with an error, which no operation of the crash test should cause."""


def _without_namespaces(text):
    root = xml.etree.ElementTree.fromstring(text)
    for element in root.iter():
        element.tag = element.tag.rsplit("}", 1)[-1]
    return root


class Wire:
    """One connection to the server on that port of 127.0.0.1."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def close(self):
        self.connection.close()

    def call(self, service, operation, accept=(), **parameters):
        """An operation of a service that speaks JSON; returns its answer, or its error where the
        status is in `accept`."""
        version = "1.0" if service in JSON_1_0 else "1.1"
        _, _, body = self._send("POST", "/", service, json.dumps(parameters).encode(), {
            "X-Amz-Target": f"{TARGETS[service]}.{operation}",
            "Content-Type": f"application/x-amz-json-{version}"}, accept)
        return json.loads(body) if body else {}

    def query(self, service, operation, accept=(), **parameters):
        """An operation of a service that speaks XML: its root element, names without namespace."""
        form = urllib.parse.urlencode({"Action": operation, **parameters}).encode()
        _, _, text = self._send("POST", "/", service, form, {
            "Content-Type": "application/x-www-form-urlencoded"}, accept)
        return _without_namespaces(text)

    def functions(self, method, path, document=None, headers=None, accept=()):
        """An operation of Lambda by its path; returns its answer, empty where it has none."""
        body = b"" if document is None else json.dumps(document).encode()
        status, _, answer = self._send(method, path, "lambda", body, dict(headers or {}), accept)
        return json.loads(answer) if answer and status < 300 else {}

    def clock(self, **parameters):
        """Moves the server's clock: `advance="20s"`."""
        return self._send("POST", f"/_matinee/clock?{urllib.parse.urlencode(parameters)}",
                          "insight", b"", {})

    def s3(self, method, path, body=b"", headers=None, accept=()):
        """A request to S3: (status, headers, body). Statuses in `accept` are no errors."""
        return self._send(method, urllib.parse.quote(path, safe="/?=&"), "s3", body, {
            "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD", **(headers or {})}, accept)

    def s3_xml(self, method, path, body=b""):
        """A request to S3 that is answered in XML: its root element, names without namespace."""
        _, _, text = self.s3(method, path, body)
        return _without_namespaces(text)

    def _send(self, method, path, service, body, headers, accept=()):
        credential = f"AKIDEXAMPLE/20260101/us-east-1/{service}/aws4_request"
        headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={credential}, "
                                    "SignedHeaders=host, Signature=00")
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise InDoubt(str(error)) from error
        if answer.status >= 300 and answer.status not in accept:
            raise Refused(f"{method} {path} {headers.get('X-Amz-Target', '')}: "
                          f"{answer.status} {data[:500]!r}")
        return answer.status, dict(answer.getheaders()), data
