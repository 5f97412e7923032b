"""What browsers are told: preflights, and the headers of replies to pages of other origins."""

import re
import urllib.error
import urllib.request

import aws_clients
import matinee_server
import pytest

PAGE = "https://films.example.com"
RULES = [
    {"AllowedOrigins": ["https://*.example.com"], "AllowedMethods": ["GET", "PUT"],
     "AllowedHeaders": ["x-amz-*", "content-type"], "ExposeHeaders": ["ETag", "x-amz-meta-a"],
     "MaxAgeSeconds": 600},
    {"AllowedOrigins": ["*"], "AllowedMethods": ["HEAD"]},
]


@pytest.fixture
def shared(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    return bucket


def ask(url, method="OPTIONS", **headers):
    """(status, body, headers) of a request without credentials."""
    request = urllib.request.Request(url, method=method, headers={
        name.replace("_", "-"): value for name, value in headers.items()})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


def preflight(endpoint, path, method="GET", origin=PAGE, **headers):
    return ask(f"{endpoint}/{path}", Origin=origin, Access_Control_Request_Method=method,
               **headers)


def test_a_preflight_is_told_what_the_rule_allows(endpoint, shared):
    status, body, headers = preflight(endpoint, f"{shared}/k", "PUT",
                                      Access_Control_Request_Headers="X-Amz-Date, Content-Type")
    assert (status, body) == (200, "")
    assert headers["Access-Control-Allow-Origin"] == PAGE
    assert headers["Access-Control-Allow-Methods"] == "GET, PUT"
    assert headers["Access-Control-Allow-Headers"] == "x-amz-date, content-type"
    assert headers["Access-Control-Expose-Headers"] == "ETag, x-amz-meta-a"
    assert headers["Access-Control-Max-Age"] == "600"
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert headers["Vary"] == \
        "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


def test_a_rule_for_everybody_says_so(endpoint, shared):
    _, _, headers = preflight(endpoint, f"{shared}/k", "HEAD", "https://elsewhere.org")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Allow-Credentials"] is None


@pytest.mark.parametrize("change", [
    {"origin": "https://elsewhere.org"}, {"method": "DELETE"},
    {"Access_Control_Request_Headers": "x-other"}, {"origin": "http://films.example.com"}])
def test_a_preflight_for_what_no_rule_allows_is_refused(endpoint, shared, change):
    status, body, headers = preflight(endpoint, f"{shared}/k", **change)
    assert status == 403
    assert "<Code>AccessForbidden</Code>" in body
    assert "CORSResponse: This CORS request is not allowed." in body
    assert "<ResourceType>OBJECT</ResourceType>" in body
    assert headers["Access-Control-Allow-Origin"] is None


def test_a_preflight_for_a_bucket_without_rules_is_refused(endpoint, bucket):
    status, body, _ = preflight(endpoint, bucket)
    assert status == 403
    assert "CORSResponse: CORS is not enabled for this bucket." in body
    assert "<ResourceType>BUCKET</ResourceType>" in body


def test_a_preflight_that_asks_for_nothing_is_bad(endpoint, shared):
    status, body, _ = ask(f"{endpoint}/{shared}/k")
    assert status == 400
    assert "Insufficient information. Origin request header needed." in body
    status, body, _ = ask(f"{endpoint}/{shared}/k", Origin=PAGE)
    assert status == 400
    assert re.search("<Code>BadRequest</Code>", body)


def test_a_preflight_for_a_bucket_without_rules_need_not_ask_for_anything(endpoint, bucket):
    status, body, _ = ask(f"{endpoint}/{bucket}/k", Origin=PAGE)
    assert status == 403
    assert "<Code>AccessForbidden</Code>" in body
    assert "CORSResponse: CORS is not enabled for this bucket." in body


def test_a_request_that_names_another_method_is_told_of_that_one(s3, shared):
    url = s3.generate_presigned_url("get_object", {"Bucket": shared, "Key": "k"})
    _, _, headers = ask(url, "GET", Origin=PAGE, Access_Control_Request_Method="PUT")
    assert headers["Access-Control-Allow-Origin"] == PAGE
    status, body, headers = ask(url, "GET", Origin=PAGE, Access_Control_Request_Method="DELETE")
    assert (status, body) == (200, "x")
    assert headers["Access-Control-Allow-Origin"] is None


def test_replies_and_refusals_tell_the_browser_too(s3, endpoint, shared):
    url = s3.generate_presigned_url("get_object", {"Bucket": shared, "Key": "k"})
    status, body, headers = ask(url, "GET", Origin=PAGE)
    assert (status, body) == (200, "x")
    assert headers["Access-Control-Allow-Origin"] == PAGE
    assert headers["Access-Control-Expose-Headers"] == "ETag, x-amz-meta-a"
    assert headers["Vary"].startswith("Origin")
    status, _, headers = ask(f"{endpoint}/{shared}/k", "GET", Origin=PAGE)
    assert status == 403
    assert headers["Access-Control-Allow-Origin"] == PAGE


@pytest.mark.parametrize("page", ["http://localhost:3000", None])
def test_replies_to_pages_that_no_rule_allows_say_nothing(s3, shared, page):
    url = s3.generate_presigned_url("get_object", {"Bucket": shared, "Key": "k"})
    status, _, got = ask(url, "GET", **({"Origin": page} if page else {}))
    assert status == 200
    assert got["Access-Control-Allow-Origin"] is None


def test_pages_of_elsewhere_that_no_rule_allows_are_refused(s3, shared):
    """Unlike AWS, whose buckets are nobody's neighbours: see docs/security.md."""
    url = s3.generate_presigned_url("get_object", {"Bucket": shared, "Key": "k"})
    status, body, got = ask(url, "GET", Origin="https://elsewhere.org")
    assert status == 403
    assert "Give the bucket a CORS rule" in body
    assert got["Access-Control-Allow-Origin"] is None


def test_a_preflight_of_a_presigned_url_is_not_authenticated(tmp_path, name):
    arguments = ["--auth", "sigv4", "--key", "AKIDEXAMPLE:secret"]
    with matinee_server.Server(tmp_path / "data", arguments) as server:
        s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
        s3.create_bucket(Bucket=name)
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": RULES})
        url = s3.generate_presigned_url("put_object", {"Bucket": name, "Key": "k"}, ExpiresIn=1)
        for answered in (url, url.replace("Expires", "Expired"), f"{server.url}/{name}/k"):
            status, body, headers = ask(answered, Origin=PAGE, Access_Control_Request_Method="PUT")
            assert (status, body) == (200, "")
            assert headers["Access-Control-Allow-Methods"] == "GET, PUT"
        status, body, _ = ask(url)
        assert (status, "<Code>BadRequest</Code>" in body) == (400, True)
