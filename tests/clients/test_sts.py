"""Temporary credentials, with servers that check signatures and servers that do not: who acts with
them, and what clients make of them.
"""

import base64
import datetime
import json
import re
import urllib.request

import aws_cli
import aws_clients
import boto3
import matinee_server
import pytest
from aws_clients import error_of
from botocore import UNSIGNED
from botocore.exceptions import ClientError

KEY = {"aws_access_key_id": "111122223333", "aws_secret_access_key": "a/secret+key"}
ROLE = "arn:aws:iam::444455556666:role/team/projector"
SESSION = "arn:aws:sts::444455556666:assumed-role/projector/evening"


@pytest.fixture(scope="module", params=["any", "sigv4"])
def server(request, tmp_path_factory):
    arguments = ["--auth", request.param]
    if request.param == "sigv4":
        arguments += ["--key", ":".join(KEY.values())]
    data = tmp_path_factory.mktemp("sts") / "data"
    with matinee_server.Server(data, arguments) as running:
        running.checks = request.param == "sigv4"
        yield running


def client(server, service, credentials=None, **config):
    if service == "s3":
        config["s3"] = {"addressing_style": "path"}
    return aws_clients.client(service, server.url, credentials=credentials or KEY, **config)


def keys_of(response):
    given = response["Credentials"]
    return {"aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"]}


def assume(server, role=ROLE, session="evening", credentials=None, **parameters):
    return client(server, "sts", credentials).assume_role(
        RoleArn=role, RoleSessionName=session, **parameters)


def identity(server, credentials):
    got = client(server, "sts", credentials).get_caller_identity()
    return got["Arn"], got["Account"], got["UserId"]


def refused(call):
    with pytest.raises(ClientError) as raised:
        call()
    return (*error_of(raised), raised.value.response["Error"]["Message"])


def test_an_assumed_role_is_who_calls(server):
    before = datetime.datetime.now(datetime.timezone.utc)
    response = assume(server)
    given = response["Credentials"]
    assert re.fullmatch("ASIA[A-Z0-9]{16}", given["AccessKeyId"])
    assert len(given["SecretAccessKey"]) == 40
    assert abs((given["Expiration"] - before).total_seconds() - 3600) < 30
    user = response["AssumedRoleUser"]
    assert user["Arn"] == SESSION
    assert re.fullmatch("AROA[A-Z0-9]{17}:evening", user["AssumedRoleId"])
    assert identity(server, keys_of(response)) == (SESSION, "444455556666", user["AssumedRoleId"])


def test_what_a_session_makes_belongs_to_the_account_of_its_role(server, name):
    keys = keys_of(assume(server))
    url = client(server, "sqs", keys).create_queue(QueueName=name)["QueueUrl"]
    assert url.endswith(f"/444455556666/{name}")
    client(server, "sqs", keys).send_message(QueueUrl=url, MessageBody="m")
    [message] = client(server, "sqs", keys).receive_message(
        QueueUrl=url, AttributeNames=["SenderId"], WaitTimeSeconds=5)["Messages"]
    assert message["Attributes"]["SenderId"].endswith(":evening")
    assert refused(lambda: client(server, "sqs").send_message(QueueUrl=url, MessageBody="m"))[:2] \
        == ("AccessDenied", 403)
    s3 = client(server, "s3", keys, signature_version="s3v4")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"body")
    link = s3.generate_presigned_url("get_object", {"Bucket": name, "Key": "k"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(link, timeout=10) as answer:
        assert answer.read() == b"body"
    assert refused(lambda: client(server, "s3").get_object(Bucket=name, Key="k"))[:2] \
        == ("AccessDenied", 403)


def test_a_policy_about_a_role_holds_for_its_sessions(server, name):
    sqs = client(server, "sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    statement = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sqs:SendMessage",
                 "Resource": "*", "Condition": {"ArnEquals": {"aws:PrincipalArn": ROLE}}}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={
        "Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})})
    client(server, "sqs", keys_of(assume(server))).send_message(QueueUrl=url, MessageBody="m")
    other = keys_of(assume(server, role="arn:aws:iam::444455556666:role/other"))
    code, status, message = refused(
        lambda: client(server, "sqs", other).send_message(QueueUrl=url, MessageBody="m"))
    assert (code, status) == ("AccessDenied", 403)
    assert "User: arn:aws:sts::444455556666:assumed-role/other/evening" in message


def test_a_session_outlives_the_server(tmp_path):
    data = tmp_path / "data"
    with matinee_server.Server(data, ["--auth", "sigv4", "--key", ":".join(KEY.values())]) as first:
        keys = keys_of(assume(first))
        first.kill()
        with matinee_server.Server(data, first.arguments) as second:
            assert identity(second, keys)[0] == SESSION


def test_a_role_assumes_another_one(server):
    keys = keys_of(assume(server))
    second = "arn:aws:iam::777788889999:role/second"
    keys = keys_of(assume(server, role=second, session="later", credentials=keys))
    assert identity(server, keys)[:2] == (
        "arn:aws:sts::777788889999:assumed-role/second/later", "777788889999")


@pytest.mark.parametrize("arn", [
    "arn:a:a::123456789012:", "this-is-no-arn-at-all", "arn::iam::123456789012:role/x"])
def test_a_text_that_is_no_arn_is_invalid(server, arn):
    assert refused(lambda: assume(server, role=arn)) == (
        "ValidationError", 400, f"{arn} is invalid")


def test_the_name_of_a_session_is_looked_at_next(server):
    assert refused(lambda: assume(server, role="arn:aws:iam::1234:role/films", session="a:b")) == (
        "ValidationError", 400,
        "1 validation error detected: Value 'a:b' at 'roleSessionName' failed to satisfy "
        r"constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*")


def test_errors_are_the_senders(server):
    with pytest.raises(ClientError) as raised:
        assume(server, session="a:b")
    assert raised.value.response["Error"]["Type"] == "Sender"


def test_tags_that_differ_in_case_only_are_refused(server):
    assert refused(lambda: assume(server, Tags=[
        {"Key": "Team", "Value": "1"}, {"Key": "team", "Value": "2"}])) == (
            "InvalidParameterValue", 400, "Duplicate tag keys found. Please note that Tag keys "
                                          "are case insensitive.")


def test_a_federated_user(server):
    response = client(server, "sts").get_federation_token(Name="bob")
    arn = "arn:aws:sts::111122223333:federated-user/bob"
    assert response["FederatedUser"] == {"Arn": arn, "FederatedUserId": "111122223333:bob"}
    assert response["PackedPolicySize"] == 0
    assert identity(server, keys_of(response)) == (arn, "111122223333", "111122223333:bob")


def test_a_session_token(server):
    response = client(server, "sts").get_session_token(DurationSeconds=900)
    keys = keys_of(response)
    assert identity(server, keys) == ("arn:aws:iam::111122223333:root", "111122223333",
                                      "111122223333")
    assert refused(lambda: client(server, "sts", keys).get_session_token()) == (
        "AccessDenied", 403, "Cannot call GetSessionToken with session credentials")


def test_keys_tell_their_account_and_no_message_is_encoded(server):
    sts = client(server, "sts")
    key = assume(server)["Credentials"]["AccessKeyId"]
    assert sts.get_access_key_info(AccessKeyId=key)["Account"] == "444455556666"
    assert sts.get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")["Account"] == "000000000000"
    assert refused(lambda: sts.decode_authorization_message(EncodedMessage="abc"))[:2] == (
        "InvalidAuthorizationMessageException", 400)


def web_token(**changes):
    claims = {"iss": "https://id.example", "sub": "ann-of-films", "aud": "films",
              "exp": 99_999_999_999, **changes}
    parts = [json.dumps({"alg": "none"}), json.dumps(claims), "signature"]
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


def test_a_web_identity_needs_no_signature_and_so_no_server_that_checks_them(server):
    sts = client(server, "sts", signature_version=UNSIGNED)
    parameters = {"RoleArn": ROLE, "RoleSessionName": "web", "WebIdentityToken": web_token()}
    if server.checks:
        assert refused(lambda: sts.assume_role_with_web_identity(**parameters))[:2] == (
            "MissingAuthenticationToken", 403)
        return
    response = sts.assume_role_with_web_identity(**parameters)
    assert response["SubjectFromWebIdentityToken"] == "ann-of-films"
    assert response["Provider"] == "https://id.example"
    assert response["Audience"] == "films"
    assert identity(server, keys_of(response))[0] == (
        "arn:aws:sts::444455556666:assumed-role/projector/web")
    parameters["WebIdentityToken"] = web_token(exp=1)
    assert refused(lambda: sts.assume_role_with_web_identity(**parameters))[:2] == (
        "ExpiredTokenException", 400)
    parameters["RoleArn"] = "arn:aws:iam:role/projector-of-films"
    assert refused(lambda: sts.assume_role_with_web_identity(**parameters)) == (
        "ValidationError", 400, "Request ARN is invalid")


@pytest.fixture
def profile(server, tmp_path, monkeypatch):
    """A profile whose role the SDKs assume by themselves."""
    config = tmp_path / "config"
    config.write_text(
        f"[profile base]\naws_access_key_id = {KEY['aws_access_key_id']}\n"
        f"aws_secret_access_key = {KEY['aws_secret_access_key']}\n"
        f"[profile projector]\nrole_arn = {ROLE}\nsource_profile = base\n"
        f"role_session_name = evening\nregion = us-east-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setenv("AWS_PROFILE", "projector")
    return "projector"


def test_a_profile_with_a_role_works_in_boto3(profile):
    sts = boto3.Session(profile_name=profile).client("sts")
    assert sts.get_caller_identity()["Arn"] == SESSION


def test_a_profile_with_a_role_works_in_the_aws_cli(server, profile, tmp_path, monkeypatch):
    # The command keeps a role's credentials there, and those are of one cloud only.
    monkeypatch.setenv("HOME", str(tmp_path))
    aws = aws_cli.Cli(server.url, tmp_path)
    assert aws("--profile", profile, "sts", "get-caller-identity")["Arn"] == SESSION
