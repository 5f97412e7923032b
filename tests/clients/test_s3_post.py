"""Uploads by a browser's form: POST of multipart/form-data to the URL of a bucket."""

import re
import urllib.error
import urllib.parse
import urllib.request
import uuid

import aws_clients
import matinee_server
import pytest
from botocore import UNSIGNED

BOUNDARY = "form" + uuid.uuid4().hex


def form_body(fields, content, file_name="movie.txt"):
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
             for name, value in fields.items()]
    head = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{file_name}"\r\nContent-Type: text/plain\r\n\r\n')
    return "".join(parts).encode() + head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


def send(url, fields, content, **more):
    """(status, body, headers) of the reply to the form."""
    request = urllib.request.Request(url, data=form_body(fields, content, **more), method="POST",
                                     headers={"Content-Type":
                                              f"multipart/form-data; boundary={BOUNDARY}"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect())
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


def test_a_redirect_adds_no_header_of_its_own(s3, endpoint, bucket):
    there = "http://127.0.0.1:1/x\r\nX-Injected: yes"
    post = s3.generate_presigned_post(bucket, "k", Fields={"success_action_redirect": there},
                                      Conditions=[["starts-with", "$success_action_redirect", ""]])
    status, _, headers = send(post["url"], post["fields"], b"x")
    assert status == 303
    assert headers["X-Injected"] is None


def code_and_message(body):
    return (re.search("<Code>(.*?)</Code>", body).group(1),
            re.search("<Message>(.*?)</Message>", body).group(1))


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_form_stores_its_file(endpoint, bucket, version):
    s3 = aws_clients.client("s3", endpoint, s3={"addressing_style": "path"},
                            signature_version=version)
    post = s3.generate_presigned_post(
        bucket, "films/${filename}", Fields={"Content-Type": "text/x-film", "x-amz-meta-year": "7"},
        Conditions=[{"Content-Type": "text/x-film"}, {"x-amz-meta-year": "7"}])
    content = b"\r\n--not the boundary" * 5000
    status, body, headers = send(post["url"], post["fields"], content)
    assert (status, body) == (204, "")
    assert headers["Location"].endswith(f"/{bucket}/films/movie.txt")
    got = s3.get_object(Bucket=bucket, Key="films/movie.txt")
    assert got["Body"].read() == content
    assert got["ETag"] == headers["ETag"]
    assert got["ContentType"] == "text/x-film"
    assert got["Metadata"] == {"year": "7"}


def test_a_form_says_what_comes_after_it(s3, bucket):
    post = s3.generate_presigned_post(bucket, "k", Fields={"success_action_status": "201"},
                                      Conditions=[{"success_action_status": "201"}])
    status, body, _ = send(post["url"], post["fields"], b"x")
    assert status == 201
    assert f"<Bucket>{bucket}</Bucket><Key>k</Key><ETag>" in body
    there = "http://localhost/done?a=b"
    post = s3.generate_presigned_post(bucket, "k", Fields={"success_action_redirect": there},
                                      Conditions=[{"success_action_redirect": there}])
    status, _, headers = send(post["url"], post["fields"], b"x")
    assert status == 303
    parts = urllib.parse.parse_qs(urllib.parse.urlsplit(headers["Location"]).query)
    assert parts["bucket"] == [bucket] and parts["key"] == ["k"] and parts["a"] == ["b"]


def test_a_form_is_held_to_its_policy(s3, bucket):
    post = s3.generate_presigned_post(bucket, "films/${filename}", Conditions=[
        ["starts-with", "$key", "films/"], ["content-length-range", 2, 10]])
    assert send(post["url"], post["fields"], b"12345")[0] == 204
    status, body, _ = send(post["url"], post["fields"], b"1")
    assert (status, code_and_message(body)[0]) == (400, "EntityTooSmall")
    status, body, _ = send(post["url"], post["fields"], b"x" * 100_000)
    assert (status, code_and_message(body)[0]) == (400, "EntityTooLarge")
    status, body, _ = send(post["url"], {**post["fields"], "key": "books/a"}, b"12345")
    assert status == 403
    code, message = code_and_message(body)
    assert code == "AccessDenied"
    assert message.startswith("Invalid according to Policy: Policy Condition failed:")
    status, body, _ = send(post["url"], {**post["fields"], "acl": "public-read"}, b"12345")
    assert (status, code_and_message(body)[1]) == (
        403, "Invalid according to Policy: Extra input fields: acl")


@pytest.mark.parametrize("condition, status, code, message", [
    (["eq", "acl", "private"], 403, "AccessDenied",
     'Invalid according to Policy: Policy Condition failed: ["eq", "acl", "private"]'),
    (["like", "$acl", "private"], 403, "AccessDenied",
     'Invalid according to Policy: Policy Condition failed: ["like", "$acl", "private"]'),
    ({}, 400, "InvalidPolicyDocument", "Invalid Policy: Invalid Simple-Condition: "
     "Simple-Conditions must have exactly one property specified."),
    ({"acl": "private", "x-amz-meta-a": "1"}, 400, "InvalidPolicyDocument",
     "Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property "
     "specified."),
])
def test_a_condition_that_makes_no_sense_lets_nothing_in(s3, bucket, condition, status, code,
                                                         message):
    post = s3.generate_presigned_post(bucket, "k", Fields={"acl": "private"},
                                      Conditions=[{"acl": "private"}, condition])
    answer, body, _ = send(post["url"], post["fields"], b"x")
    assert (answer, code_and_message(body)) == (status, (code, message.replace('"', "&quot;")
                                                         if "&quot;" in body else message))


def test_a_policy_ends(s3, bucket):
    post = s3.generate_presigned_post(bucket, "k", ExpiresIn=-1)
    status, body, _ = send(post["url"], post["fields"], b"x")
    assert (status, code_and_message(body)) == (
        403, ("AccessDenied", "Invalid according to Policy: Policy expired."))


def test_a_form_that_nobody_has_signed_is_anonymous(s3, endpoint, bucket):
    url = f"{endpoint}/{bucket}"
    for policy in [{}, {"policy": "bm90IGpzb24="}]:
        status, body, _ = send(url, {"key": "k", **policy}, b"x")
        assert (status, code_and_message(body)[0]) == (403, "AccessDenied")
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={
        "Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    assert send(url, {"key": "k"}, b"x")[0] == 204
    # A policy that nobody has signed does not make it somebody's.
    assert send(url, {"key": "k", "policy": "bm90IGpzb24="}, b"x")[0] == 204
    assert "k" in [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]


def test_a_form_of_another_account_needs_permission(s3, endpoint, bucket):
    stranger = aws_clients.client("s3", endpoint, s3={"addressing_style": "path"}, credentials={
        "aws_access_key_id": "111122223333", "aws_secret_access_key": "secret"})
    post = stranger.generate_presigned_post(bucket, "k")
    status, body, _ = send(post["url"], post["fields"], b"x")
    assert (status, code_and_message(body)[0]) == (403, "AccessDenied")


@pytest.mark.parametrize("fields, body, wanted", [
    ({}, None, "InvalidArgument"),
    ({"key": "k", "policy": "bm90IGpzb24=", "x-amz-signature": "0"}, None, "InvalidArgument"),
    ({"key": "k"}, b"no form", "MalformedPOSTRequest"),
    ({"key": "k", "junk": "x" * 30_000}, None, "MaxPostPreDataLengthExceededError"),
])
def test_what_is_no_form_is_refused(endpoint, bucket, fields, body, wanted):
    if body is None:
        status, text, _ = send(f"{endpoint}/{bucket}", fields, b"x")
    else:
        request = urllib.request.Request(
            f"{endpoint}/{bucket}", data=body, method="POST",
            headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
        status, text = raised.value.code, raised.value.read().decode()
    assert (status, code_and_message(text)[0]) == (400, wanted)


@pytest.mark.parametrize("content_type", ["text/html", "application/json"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_only_forms_are_posted_to_a_bucket(endpoint, bucket, content_type, slash):
    request = urllib.request.Request(f"{endpoint}/{bucket}{slash}", data=b"x", method="POST",
                                     headers={"Content-Type": content_type})
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
    body = raised.value.read().decode()
    assert (raised.value.code, code_and_message(body)) == (412, (
        "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"))
    assert ("<Condition>Bucket POST must be of the enclosure-type multipart/form-data</Condition>"
            in body)


def test_the_signature_of_a_form_is_checked_where_signatures_are(tmp_path, name):
    keys = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret"}
    arguments = ["--auth", "sigv4", "--key", "AKIDEXAMPLE:secret"]
    with matinee_server.Server(tmp_path / "data", arguments) as server:
        s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"},
                                credentials=keys, signature_version="s3v4")
        s3.create_bucket(Bucket=name)
        post = s3.generate_presigned_post(name, "k")
        assert send(post["url"], post["fields"], b"x")[0] == 204
        fields = {**post["fields"], "x-amz-signature": "0" * 64}
        status, body, _ = send(post["url"], fields, b"x")
        assert (status, code_and_message(body)[0]) == (403, "SignatureDoesNotMatch")
        nobody = aws_clients.client("s3", server.url, signature_version=UNSIGNED,
                                    s3={"addressing_style": "path"})
        with pytest.raises(nobody.exceptions.ClientError):
            nobody.get_object(Bucket=name, Key="k")
