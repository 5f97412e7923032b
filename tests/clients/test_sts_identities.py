"""Who calls, with users and roles of IAM: where signatures are checked and policies decide."""

import base64
import json
import time

import aws_clients
import matinee_server
import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError

ROOT = {"aws_access_key_id": "111122223333", "aws_secret_access_key": "a/secret+key"}
ALLOW_ALL = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"}]})


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    arguments = ["--auth", "sigv4", "--key", ":".join(ROOT.values()), "--iam", "enforce"]
    with matinee_server.Server(tmp_path_factory.mktemp("who") / "data", arguments) as running:
        yield running


@pytest.fixture
def iam(server):
    return client(server, "iam")


def client(server, service, credentials=None, **config):
    return aws_clients.client(service, server.url, credentials=credentials or ROOT, **config)


def keys_of(given):
    return {"aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given.get("SessionToken")}


def refused(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response
    status = error["ResponseMetadata"]["HTTPStatusCode"]
    return f"{status} {error['Error']['Code']}: {error['Error']['Message']}"


def make_user(iam, name, policy=None):
    """The user, and its key."""
    user = iam.create_user(UserName=name, Path="/staff/")["User"]
    if policy:
        iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=policy)
    return user, keys_of(iam.create_access_key(UserName=name)["AccessKey"])


def make_role(iam, name, principal, actions=("sts:AssumeRole",), **statement):
    trust = {"Effect": "Allow", "Principal": principal, "Action": list(actions), **statement}
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [trust]}))["Role"]


def test_every_kind_of_caller_knows_itself(server, iam, name):
    user, key = make_user(iam, name, ALLOW_ALL)
    sts = client(server, "sts", key)

    def identity(given):
        got = client(server, "sts", keys_of(given)).get_caller_identity()
        assert got["Account"] == "111122223333"
        return got["Arn"], got["UserId"]

    got = sts.get_caller_identity()
    assert (got["Arn"], got["UserId"]) == (user["Arn"], user["UserId"])
    assert identity(sts.get_session_token()["Credentials"]) == (user["Arn"], user["UserId"])
    guest = sts.get_federation_token(Name="guest")
    assert identity(guest["Credentials"]) == (
        "arn:aws:sts::111122223333:federated-user/guest", "111122223333:guest")
    role = make_role(iam, name, {"AWS": user["Arn"]})
    session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="now")
    assert session["AssumedRoleUser"]["AssumedRoleId"] == f"{role['RoleId']}:now"
    assert identity(session["Credentials"]) == (
        f"arn:aws:sts::111122223333:assumed-role/{name}/now", f"{role['RoleId']}:now")


def test_a_key_is_refused_while_it_is_inactive_and_when_it_is_gone(server, iam, name):
    _, key = make_user(iam, name)
    sts, dynamodb = client(server, "sts", key), client(server, "dynamodb", key)
    sts.get_caller_identity()
    words = "The security token included in the request is invalid."
    one = {"UserName": name, "AccessKeyId": key["aws_access_key_id"]}
    iam.update_access_key(Status="Inactive", **one)
    assert refused(sts.get_caller_identity) == f"403 InvalidClientTokenId: {words}"
    assert refused(dynamodb.list_tables) == f"400 UnrecognizedClientException: {words}"
    iam.update_access_key(Status="Active", **one)
    sts.get_caller_identity()
    iam.delete_access_key(**one)
    assert refused(sts.get_caller_identity) == f"403 InvalidClientTokenId: {words}"


def test_a_role_is_assumed_by_whom_it_trusts(server, iam, name):
    user, key = make_user(iam, name)
    sts = client(server, "sts", key)
    trusting = make_role(iam, name, {"AWS": user["Arn"]},
                         Condition={"StringEquals": {"sts:ExternalId": "42x"}})
    distrusting = make_role(iam, name + "-no", {"Service": "lambda.amazonaws.com"})

    def answer(arn, **parameters):
        return refused(sts.assume_role, RoleArn=arn, RoleSessionName="now", **parameters)

    for arn in (trusting["Arn"], distrusting["Arn"], trusting["Arn"] + "-none"):
        assert answer(arn) == (f"403 AccessDenied: User: {user['Arn']} is not authorized to "
                               f"perform: sts:AssumeRole on resource: {arn}")
    given = sts.assume_role(RoleArn=trusting["Arn"], RoleSessionName="now", ExternalId="42x")
    assert "PackedPolicySize" not in given and "SourceIdentity" not in given
    assert "sts:TagSession" in answer(trusting["Arn"], ExternalId="42x",
                                      Tags=[{"Key": "a", "Value": "1"}])
    assert answer(trusting["Arn"], ExternalId="42x", DurationSeconds=3601) == (
        "400 ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set "
        "for this role.")


def test_a_session_does_no_more_than_its_policy(server, iam, name):
    _, key = make_user(iam, name, ALLOW_ALL)
    role = make_role(iam, name, {"AWS": "111122223333"})
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=ALLOW_ALL)
    only_queues = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]})
    sts = client(server, "sts", key)
    for given in (
            sts.assume_role(RoleArn=role["Arn"], RoleSessionName="now", Policy=only_queues),
            sts.get_federation_token(Name="guest", Policy=only_queues)):
        assert given["PackedPolicySize"] > 0
        session = keys_of(given["Credentials"])
        client(server, "sqs", session).list_queues()
        assert "AccessDenied" in refused(client(server, "dynamodb", session).list_tables)


def test_a_web_identity_needs_a_provider_and_no_signature(server, iam, name):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    def token(**claims):
        body = {"iss": f"https://{name}.invalid", "sub": "ann", "aud": "films",
                "exp": int(time.time()) + 600, **claims}
        return f"{part({'alg': 'RS256'})}.{part(body)}.c2ln"

    sts = client(server, "sts", signature_version=UNSIGNED)
    provider = f"arn:aws:iam::111122223333:oidc-provider/{name}.invalid"
    role = make_role(iam, name, {"Federated": provider}, ["sts:AssumeRoleWithWebIdentity"],
                     Condition={"StringEquals": {f"{name}.invalid:sub": "ann"}})

    def answer(given):
        return refused(sts.assume_role_with_web_identity, RoleArn=role["Arn"],
                       RoleSessionName="web", WebIdentityToken=given)

    assert answer(token()) == ("400 InvalidIdentityToken: No OpenIDConnect provider found in your "
                               f"account for https://{name}.invalid")
    iam.create_open_id_connect_provider(Url=f"https://{name}.invalid", ClientIDList=["films"])
    assert answer(token(aud="books")) == "400 InvalidIdentityToken: Incorrect token audience"
    assert answer(token(sub="bob")) == (
        "403 AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity")
    assert answer(token(exp=1000)).startswith("400 ExpiredTokenException: ")
    given = sts.assume_role_with_web_identity(RoleArn=role["Arn"], RoleSessionName="web",
                                              WebIdentityToken=token())
    assert (given["Provider"], given["Audience"], given["SubjectFromWebIdentityToken"]) == (
        provider, "films", "ann")
    assert refused(sts.get_caller_identity).startswith("403 MissingAuthenticationToken: ")
