"""DynamoDB for web pages, and the checksum that comes with each of its answers."""

import json
import urllib.error
import urllib.request
import zlib

import pytest

PAGE = {"Origin": "http://localhost:3000"}
ASKED = {**PAGE, "Access-Control-Request-Method": "POST",
         "Access-Control-Request-Headers": "authorization,content-type,x-amz-date,x-amz-target"}


def call(endpoint, headers, method="POST", target="ListTables", body=b"{}"):
    """(status, body, headers)"""
    fields = dict(headers)
    if method == "POST":
        fields |= {"X-Amz-Target": f"DynamoDB_20120810.{target}",
                   "Content-Type": "application/x-amz-json-1.0"}
    request = urllib.request.Request(endpoint, body if method == "POST" else None, fields,
                                     method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def test_a_preflight_is_allowed_what_it_asks_for(endpoint):
    status, body, headers = call(endpoint, ASKED, "OPTIONS")
    assert (status, body) == (200, b"")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Allow-Methods"] == "POST"
    assert headers["Access-Control-Allow-Headers"] == ASKED["Access-Control-Request-Headers"]
    assert headers["Access-Control-Max-Age"] == "172800"
    assert headers["Access-Control-Expose-Headers"]


def test_a_preflight_of_a_foreign_page_is_refused(endpoint):
    status, _, headers = call(endpoint, {**ASKED, "Origin": "http://evil.example"}, "OPTIONS")
    assert status == 403
    assert headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize("target, status", [("ListTables", 200), ("DescribeTable", 400),
                                            ("Sing", 400)])
def test_answers_are_for_every_page_that_may_ask(endpoint, target, status):
    body = b'{"TableName": "nothing"}' if target == "DescribeTable" else b"{}"
    got, _, headers = call(endpoint, PAGE, target=target, body=body)
    assert got == status
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Expose-Headers"]
    _, _, headers = call(endpoint, {}, target=target, body=body)
    assert headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize("target", ["ListTables", "DescribeTable"])
def test_the_checksum_of_an_answer_comes_with_it(endpoint, target):
    _, body, headers = call(endpoint, {}, target=target,
                            body=json.dumps({"TableName": "nothing"}).encode())
    assert headers["x-amz-crc32"] == str(zlib.crc32(body))
