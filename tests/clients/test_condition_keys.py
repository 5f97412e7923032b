"""Condition keys where policies are enforced: a user may do something only while a condition holds
that is about the key. Each case is a call that passes and one that does not.
"""

import datetime
import json
import urllib.request

import aws_clients
import matinee_server
import pytest
from botocore.exceptions import ClientError

ACCOUNT = "111122223333"
TAG = [{"Key": "team", "Value": "films"}]
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]})


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("keys") / "data"
    with matinee_server.Server(data, ["--iam", "enforce"]) as running:
        yield running


def client(server, service, who=None):
    root = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "secret"}
    config = {}
    if service == "s3":
        config = {"s3": {"addressing_style": "path"}, "signature_version": "s3v4"}
    return aws_clients.client(service, server.url, credentials=who or root, **config)


def user(server, name, action, condition):
    """The key of a user that may do that while the condition holds."""
    iam = client(server, "iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition}]}))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"aws_access_key_id": key["AccessKeyId"],
            "aws_secret_access_key": key["SecretAccessKey"]}


def is_denied(call, **parameters):
    try:
        call(**parameters)
        return False
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"), error
        return True


def equals(**keys):
    return {"StringEquals": {key.replace("__", ":", 1): value for key, value in keys.items()}}


def test_users_roles_and_policies_are_known_by_their_tags(server, name):
    iam = client(server, "iam")
    for key in ("aws:ResourceTag/team", "iam:ResourceTag/TEAM"):
        mine = f"{name}-{key[:3]}"
        who = client(server, "iam", user(server, mine, "iam:*", {"StringEquals": {key: "films"}}))
        iam.create_user(UserName=mine + "-a", Tags=TAG)
        iam.create_user(UserName=mine + "-b", Path="/other/")
        iam.create_role(RoleName=mine, AssumeRolePolicyDocument=TRUST, Tags=TAG)
        who.get_user(UserName=mine + "-a")
        who.get_role(RoleName=mine)
        assert is_denied(who.get_user, UserName=mine + "-b")
        assert is_denied(who.get_user, UserName=mine + "-none")


def test_who_renames_needs_both_names(server, name):
    iam = client(server, "iam")
    arn = f"arn:aws:iam::{ACCOUNT}:group/a/{name}"
    who = client(server, "iam", user(server, name, "iam:UpdateGroup",
                                     {"StringEquals": {"aws:username": name}}))
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "iam:UpdateGroup", "Resource": [arn, arn + "-new"]}]}))
    iam.create_group(GroupName=name, Path="/a/")
    assert is_denied(who.update_group, GroupName=name, NewGroupName=name + "-other")
    assert is_denied(who.update_group, GroupName=name, NewPath="/b/")
    who.update_group(GroupName=name, NewGroupName=name + "-new")


def test_a_boundary_may_be_asked_for(server, name):
    iam = client(server, "iam")
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    who = client(server, "iam", user(server, name, "iam:*",
                                     equals(iam__PermissionsBoundary=boundary)))
    assert is_denied(who.create_user, UserName=name + "-free")
    who.create_user(UserName=name + "-bound", PermissionsBoundary=boundary)
    who.attach_user_policy(UserName=name + "-bound", PolicyArn=boundary)
    iam.create_user(UserName=name + "-free")
    assert is_denied(who.attach_user_policy, UserName=name + "-free", PolicyArn=boundary)


def test_alarms_are_known_by_their_tags(server, name):
    alarm = {"Namespace": "n", "MetricName": "m", "Period": 60, "EvaluationPeriods": 1,
             "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold", "Statistic": "Sum"}
    root = client(server, "cloudwatch")
    root.put_metric_alarm(AlarmName=name, Tags=TAG, **alarm)
    root.put_metric_alarm(AlarmName=name + "-other", **alarm)
    who = client(server, "cloudwatch", user(server, name, "cloudwatch:DeleteAlarms",
                                            {"StringEquals": {"aws:ResourceTag/team": "films"}}))
    assert is_denied(who.delete_alarms, AlarmNames=[name + "-other"])
    who.delete_alarms(AlarmNames=[name])


@pytest.mark.parametrize("key, value, good, bad", [
    ("kms:KeySpec", "RSA_2048", {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}, {}),
    ("kms:KeySpec", "SYMMETRIC_DEFAULT", {}, {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}),
    ("kms:KeyUsage", "ENCRYPT_DECRYPT", {}, {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}),
    ("kms:KeyOrigin", "EXTERNAL", {"Origin": "EXTERNAL"}, {}),
    ("kms:MultiRegion", "true", {"MultiRegion": True}, {})])
def test_keys_that_are_to_be_made(server, name, key, value, good, bad):
    kms = client(server, "kms", user(server, name, "kms:CreateKey", {"StringEquals": {key: value}}))
    kms.create_key(**good)
    assert is_denied(kms.create_key, **bad)


def test_how_a_key_is_used(server, name):
    root = client(server, "kms")
    one, two = (root.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    blob = root.encrypt(KeyId=one, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]
    who = client(server, "kms", user(server, name, "kms:ReEncrypt*", {
        "Bool": {"kms:ReEncryptOnSameKey": "true"},
        "StringEqualsIfExists": {"kms:EncryptionContext:a": "b"}}))
    who.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext={"a": "b"}, DestinationKeyId=one,
                   DestinationEncryptionContext={"a": "b"})
    assert is_denied(who.re_encrypt, CiphertextBlob=blob, SourceEncryptionContext={"a": "b"},
                     DestinationKeyId=two)
    assert is_denied(who.re_encrypt, CiphertextBlob=blob, SourceEncryptionContext={"a": "b"},
                     DestinationKeyId=one, DestinationEncryptionContext={"a": "c"})
    who = client(server, "kms", user(server, name + "-e", "kms:Encrypt", equals(
        kms__EncryptionAlgorithm="SYMMETRIC_DEFAULT")))
    who.encrypt(KeyId=one, Plaintext=b"x")
    who = client(server, "kms", user(server, name + "-g", "kms:CreateGrant", {
        "StringEquals": {"kms:GrantConstraintType": "EncryptionContextSubset",
                         "kms:EncryptionContext:a": "b"},
        "Bool": {"kms:GrantIsForAWSResource": "false"}}))
    grant = {"KeyId": one, "Operations": ["Decrypt"],
             "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:user/{name}"}
    who.create_grant(Constraints={"EncryptionContextSubset": {"a": "b"}}, **grant)
    assert is_denied(who.create_grant, Constraints={"EncryptionContextEquals": {"a": "b"}}, **grant)
    assert is_denied(who.create_grant, **grant)


def test_the_key_of_a_secret(server, name):
    key = client(server, "kms").create_key()["KeyMetadata"]
    who = client(server, "secretsmanager", user(
        server, name, ["secretsmanager:CreateSecret", "kms:*"],
        {"StringEqualsIfExists": {"secretsmanager:KmsKeyArn": key["Arn"]}}))
    who.create_secret(Name=name, SecretString="x", KmsKeyId=key["KeyId"])
    other = client(server, "kms").create_key()["KeyMetadata"]["KeyId"]
    assert is_denied(who.create_secret, Name=name + "2", SecretString="x", KmsKeyId=other)


def test_tags_of_buckets_count_once_that_is_enabled(server, name):
    s3 = client(server, "s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": TAG})
    who = client(server, "s3", user(server, name, "s3:ListBucket",
                                    {"StringEquals": {"aws:ResourceTag/team": "films"}}))
    assert is_denied(who.list_objects_v2, Bucket=name)
    s3.put_bucket_abac(Bucket=name, AbacStatus={"Status": "Enabled"})
    who.list_objects_v2(Bucket=name)


def test_uploads_that_must_not_overwrite(server, name):
    s3 = client(server, "s3")
    s3.create_bucket(Bucket=name)
    who = client(server, "s3", user(server, name, "s3:PutObject", {
        "Null": {"s3:if-none-match": "false"}, "Bool": {"s3:ObjectCreationOperation": "true"}}))
    who.put_object(Bucket=name, Key="a", IfNoneMatch="*")
    assert is_denied(who.put_object, Bucket=name, Key="b")
    assert is_denied(who.create_multipart_upload, Bucket=name, Key="b")
    parts = client(server, "s3", user(server, name + "-parts", "s3:PutObject", {
        "Bool": {"s3:ObjectCreationOperation": "false"}}))
    parts.create_multipart_upload(Bucket=name, Key="b")
    assert is_denied(parts.put_object, Bucket=name, Key="b")


def test_locks_are_limited(server, name):
    s3 = client(server, "s3")
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket=name, Key="a")
    who = client(server, "s3", user(server, name, "s3:*", {
        "NumericLessThanEquals": {"s3:object-lock-remaining-retention-days": "10"},
        "StringEquals": {"s3:object-lock-mode": "GOVERNANCE"}}))

    def retention(mode, days):
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
        return {"Mode": mode, "RetainUntilDate": until}

    who.put_object_retention(Bucket=name, Key="a", Retention=retention("GOVERNANCE", 9))
    for wrong in (retention("GOVERNANCE", 30), retention("COMPLIANCE", 9)):
        assert is_denied(who.put_object_retention, Bucket=name, Key="a", Retention=wrong)


def test_how_a_request_to_s3_is_signed(server, name):
    s3 = client(server, "s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a", Body=b"x")
    condition = equals(s3__authType="REST-QUERY-STRING", s3__signatureversion="AWS4-HMAC-SHA256")
    who = client(server, "s3", user(server, name, "s3:GetObject", condition))
    assert is_denied(who.get_object, Bucket=name, Key="a")
    url = who.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "a"})
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"x"
