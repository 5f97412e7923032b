"""Keys where policies are enforced: key policies, grants, encryption contexts, and services that
use keys for their callers.
"""

import json

import aws_clients
import matinee_server
import pytest
from botocore.exceptions import ClientError

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def keys(access_key, secret="secret"):
    return {"aws_access_key_id": access_key, "aws_secret_access_key": secret}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("kms") / "data"
    with matinee_server.Server(data, ["--iam", "enforce"]) as running:
        yield running


def client(server, service, who=None):
    config = {"s3": {"addressing_style": "path"}} if service == "s3" else {}
    return aws_clients.client(service, server.url, credentials=who or keys(ACCOUNT), **config)


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def make_user(server, name, *statements):
    """The key of a new user with a policy of these statements, and its ARN."""
    iam = client(server, "iam")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*statements))
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return keys(made["AccessKeyId"], made["SecretAccessKey"]), arn


def is_denied(call):
    try:
        call()
        return False
    except ClientError as error:
        return error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")


def own_policy(*more):
    return document({"Sid": "root", "Effect": "Allow", "Principal": {"AWS": ROOT},
                     "Action": "kms:*", "Resource": "*"}, *more)


def test_the_default_policy_leaves_it_to_the_policies_of_users(server, name):
    admin = client(server, "kms")
    key = admin.create_key()["KeyMetadata"]
    admin.create_alias(AliasName=f"alias/{name}", TargetKeyId=key["KeyId"])
    may, _ = make_user(server, name + "-may", {"Effect": "Allow", "Action": "kms:Encrypt",
                                               "Resource": key["Arn"]})
    may_not, _ = make_user(server, name + "-may-not")
    for text in (key["KeyId"], f"alias/{name}"):
        client(server, "kms", may).encrypt(KeyId=text, Plaintext=b"x")
        assert is_denied(lambda: client(server, "kms", may_not).encrypt(KeyId=text,
                                                                        Plaintext=b"x"))
    blob = admin.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert is_denied(lambda: client(server, "kms", may).decrypt(CiphertextBlob=blob))


def test_a_policy_without_the_account_leaves_nothing_to_users(server, name):
    admin = client(server, "kms")
    user, arn = make_user(server, name, {"Effect": "Allow", "Action": "kms:*", "Resource": "*"})
    policy = document({"Effect": "Allow", "Principal": {"AWS": f"{ROOT[:-4]}user/nobody"},
                       "Action": "kms:*", "Resource": "*"})
    key = admin.create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]
    assert is_denied(lambda: client(server, "kms", user).describe_key(KeyId=key["KeyId"]))
    named = document({"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "kms:DescribeKey",
                      "Resource": "*"})
    other = admin.create_key(Policy=named, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]
    client(server, "kms", user).describe_key(KeyId=other["KeyId"])


def test_a_grant_lets_in_for_its_operations_and_context(server, name):
    admin = client(server, "kms")
    key = admin.create_key()["KeyMetadata"]
    user, arn = make_user(server, name)
    kms = client(server, "kms", user)
    assert is_denied(lambda: kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x"))
    grant = admin.create_grant(KeyId=key["KeyId"], GranteePrincipal=arn, Operations=["Encrypt"],
                               Constraints={"EncryptionContextSubset": {"team": "a"}})
    kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext={"team": "a", "b": "c"})
    assert is_denied(lambda: kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x"))
    assert is_denied(lambda: kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256",
                                                   EncryptionContext={"team": "a"}))
    admin.revoke_grant(KeyId=key["KeyId"], GrantId=grant["GrantId"])
    assert is_denied(lambda: kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x",
                                         EncryptionContext={"team": "a"}))


def test_conditions_see_context_and_tags(server, name):
    admin = client(server, "kms")
    key = admin.create_key(Tags=[{"TagKey": "stage", "TagValue": "test"}])["KeyMetadata"]
    user, _ = make_user(server, name, {
        "Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*",
        "Condition": {"StringEquals": {"kms:EncryptionContext:team": "a",
                                       "aws:ResourceTag/stage": "test",
                                       "kms:KeySpec": "SYMMETRIC_DEFAULT"}}})
    kms = client(server, "kms", user)
    kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext={"team": "a"})
    assert is_denied(lambda: kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x",
                                         EncryptionContext={"team": "b"}))
    other = admin.create_key()["KeyMetadata"]
    assert is_denied(lambda: kms.encrypt(KeyId=other["KeyId"], Plaintext=b"x",
                                         EncryptionContext={"team": "a"}))


def test_s3_and_sqs_use_keys_in_the_name_of_their_callers(server, name):
    admin, s3 = client(server, "kms"), client(server, "s3")
    key = admin.create_key()["KeyMetadata"]
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"x", ServerSideEncryption="aws:kms",
                  SSEKMSKeyId=key["KeyId"])
    everything = {"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "*"}
    user, _ = make_user(server, name, everything)
    assert is_denied(lambda: client(server, "s3", user).get_object(Bucket=name, Key="k"))
    via = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key["Arn"],
           "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}
    reader, _ = make_user(server, name + "-reader", everything, via)
    assert client(server, "s3", reader).get_object(Bucket=name, Key="k")["Body"].read() == b"x"
    blob = admin.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert is_denied(lambda: client(server, "kms", reader).decrypt(CiphertextBlob=blob))
    url = client(server, "sqs").create_queue(
        QueueName=name, Attributes={"KmsMasterKeyId": key["KeyId"]})["QueueUrl"]
    with pytest.raises(ClientError) as raised:
        client(server, "sqs", user).send_message(QueueUrl=url, MessageBody="m")
    assert raised.value.response["Error"]["Code"] == "KMS.AccessDeniedException"


@pytest.mark.parametrize("key, value", [
    ("aws:CalledVia", "s3.amazonaws.com"), ("aws:CalledViaFirst", "s3.amazonaws.com"),
    ("aws:CalledViaLast", "s3.amazonaws.com"), ("aws:ViaAWSService", "true")])
def test_a_key_is_told_through_whom_it_is_used(server, name, key, value):
    admin, s3 = client(server, "kms"), client(server, "s3")
    arn = admin.create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=arn)
    operator = "ForAnyValue:StringEquals" if key == "aws:CalledVia" else "StringEquals"
    reader, _ = make_user(
        server, name, {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "kms:*", "Resource": arn,
         "Condition": {operator: {key: value}}})
    assert client(server, "s3", reader).get_object(Bucket=name, Key="k")["Body"].read() == b"x"
    assert is_denied(lambda: client(server, "kms", reader).describe_key(KeyId=arn))


def test_the_keys_of_aws_are_for_their_services_alone(server, name):
    admin, s3 = client(server, "kms"), client(server, "s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"x", ServerSideEncryption="aws:kms")
    user, _ = make_user(server, name, {"Effect": "Allow", "Action": ["s3:*", "kms:Describe*"],
                                       "Resource": "*"})
    assert client(server, "s3", user).get_object(Bucket=name, Key="k")["Body"].read() == b"x"
    client(server, "kms", user).describe_key(KeyId="alias/aws/s3")
    assert is_denied(lambda: admin.encrypt(KeyId="alias/aws/s3", Plaintext=b"x"))
