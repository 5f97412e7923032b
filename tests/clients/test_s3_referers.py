"""What policies ask of the headers Referer and User-Agent: one that was not sent is absent, and not
empty."""

import json

import pytest
import raw_http

UNSIGNED = {"Authorization": None}


@pytest.fixture
def read(s3, matinee, bucket):
    """Reads an object that is public under a condition; gives the status."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.delete_public_access_block(Bucket=bucket)

    def reader(condition, headers):
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({
            "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{bucket}/*", "Condition": condition}]}))
        with raw_http.Connection(matinee.port) as connection:
            connection.send(raw_http.request("GET", f"/{bucket}/k", {**UNSIGNED, **headers}))
            return connection.answer()[0]
    return reader


PAGE = {"Referer": "https://films.example/page"}


@pytest.mark.parametrize("key, header", [
    ("aws:Referer", PAGE), ("aws:UserAgent", {"User-Agent": "https://films.example/page"})])
@pytest.mark.parametrize("condition, without, with_it", [
    ({"Null": "false"}, 403, 200), ({"Null": "true"}, 200, 403),
    ({"StringEqualsIfExists": "https://films.example/page"}, 200, 200),
    ({"StringEqualsIfExists": "other"}, 200, 403),
    ({"StringEquals": ""}, 403, 403), ({"StringLike": "https://films.example/*"}, 403, 200),
    ({"StringNotEquals": "https://films.example/page"}, 200, 403)])
def test_a_header_that_was_not_sent_is_absent(read, key, header, condition, without, with_it):
    (operator, value), = condition.items()
    assert read({operator: {key: value}}, {}) == without
    assert read({operator: {key: value}}, header) == with_it
