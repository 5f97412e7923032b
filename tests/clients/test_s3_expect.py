"""Clients that wait to be told to send their body (Expect: 100-continue)."""

import pytest
import raw_http

EXPECT = {"Expect": "100-continue", "Content-Length": "5"}


@pytest.fixture
def connection(matinee):
    with raw_http.Connection(matinee.port) as opened:
        yield opened


def test_whoever_may_not_store_is_refused_before_the_body(connection, bucket):
    connection.send(raw_http.request("PUT", f"/{bucket}/k", {**EXPECT, "Authorization": None}))
    status, body = connection.answer()
    assert status == 403
    assert b"<Code>AccessDenied</Code>" in body
    assert connection.is_closed()


def test_whoever_may_is_told_to_go_on(connection, bucket, s3):
    connection.send(raw_http.request("PUT", f"/{bucket}/k", EXPECT, service="s3"))
    assert connection.answer() == (100, b"")
    connection.send(b"hello")
    assert connection.answer()[0] == 200
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"hello"


def test_a_body_that_comes_unasked_is_taken(connection, bucket, s3):
    request = raw_http.request("PUT", f"/{bucket}/k", EXPECT, service="s3")
    connection.send(request + b"hello")
    status, _ = connection.answer()
    assert status in (100, 200)
    if status == 100:
        assert connection.answer()[0] == 200
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"hello"


def test_an_expectation_of_another_kind_fails(connection, bucket):
    connection.send(raw_http.request("PUT", f"/{bucket}/k", {"Expect": "200-maybe"}, b"x", "s3"))
    assert connection.answer()[0] == 417


def test_an_object_without_a_length_is_not_implemented(connection, bucket):
    connection.send(raw_http.request("PUT", f"/{bucket}/k", {
        "Transfer-Encoding": "chunked", "Content-Length": None}, b"1\r\nx\r\n0\r\n\r\n", "s3"))
    status, body = connection.answer()
    assert status == 501
    assert b"<Code>NotImplemented</Code>" in body
    assert b"<Header>Transfer-Encoding</Header>" in body
