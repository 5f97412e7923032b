"""Requests to S3 that no client library sends: each is refused, and changes nothing."""

import pytest
import raw_http

DATE = "x-amz-object-lock-retain-until-date"


@pytest.fixture
def ask(matinee, s3, bucket):
    """Sends a request about the key "k" of a bucket by hand; returns the answer."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")

    def send(method, query="", headers=None, path="/k"):
        with raw_http.Connection(matinee.port) as connection:
            connection.send(raw_http.request(
                method, f"/{bucket}{path}{query}", headers, service="s3"))
            return connection.answer()

    yield send
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"content"
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k"]


@pytest.mark.parametrize("method, query", [
    ("DELETE", "?acl"), ("DELETE", "?retention"), ("DELETE", "?legal-hold"), ("PUT", "?uploads"),
    ("PUT", "?uploadId=x"), ("POST", "?tagging")])
def test_a_method_that_a_subresource_does_not_have_is_not_allowed(ask, method, query):
    status, body = ask(method, query)
    assert (status, b"MethodNotAllowed" in body) == (405, True)


@pytest.mark.parametrize("query", ["?versioning", "?acl", "?object-lock", "?notification"])
def test_a_bucket_is_not_removed_in_place_of_its_configuration(ask, query):
    assert ask("DELETE", query, path="")[0] == 405


def test_a_part_needs_an_upload(ask):
    status, body = ask("PUT", "?partNumber=1")
    assert (status, b"InvalidArgument" in body) == (400, True)


@pytest.mark.parametrize("headers", [{}, {"x-amz-object-attributes": ""}], ids=["none", "empty"])
def test_attributes_must_be_named(ask, headers):
    status, body = ask("GET", "?attributes", headers)
    assert (status, b"<Code>InvalidRequest</Code>" in body) == (400, True)


def test_a_retention_until_no_date_is_refused(ask):
    status, body = ask("PUT", path="/new", headers={DATE: "tomorrow"})
    assert (status, b"InvalidArgument" in body) == (400, True)
