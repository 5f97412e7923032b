"""Secrets Manager as boto3 and the aws CLI see it: what answers have, and what errors say."""

import json
import re

import aws_cli
import aws_clients
import matinee_server
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

NOT_FOUND = "Secrets Manager can't find the specified secret."
MARKED = ("You can't perform this operation on the secret because it was marked for deletion.")


@pytest.fixture(scope="module")
def secrets(endpoint):
    return aws_clients.client("secretsmanager", endpoint)


def message_of(raised):
    return raised.value.response["Error"]["Message"]


def test_answers_have_the_members_that_aws_gives(secrets, name):
    made = secrets.create_secret(Name=name, SecretString="value")
    assert set(made) - {"ResponseMetadata"} == {"ARN", "Name", "VersionId"}
    assert re.search(f":secret:{name}-[a-zA-Z0-9]{{6}}$", made["ARN"])
    read = secrets.get_secret_value(SecretId=name)
    assert set(read) - {"ResponseMetadata"} == {
        "ARN", "CreatedDate", "Name", "SecretString", "VersionId", "VersionStages"}
    described = secrets.describe_secret(SecretId=name)
    assert set(described) - {"ResponseMetadata"} == {
        "ARN", "CreatedDate", "LastAccessedDate", "LastChangedDate", "Name", "VersionIdsToStages"}
    listed = secrets.list_secrets(Filters=[{"Key": "name", "Values": [name]}])["SecretList"][0]
    assert listed["SecretVersionsToStages"] == {made["VersionId"]: ["AWSCURRENT"]}
    policy = secrets.get_resource_policy(SecretId=name)
    assert set(policy) - {"ResponseMetadata"} == {"ARN", "Name"}


def test_errors_have_their_text_in_a_member_with_a_capital(secrets, name):
    with pytest.raises(secrets.exceptions.ResourceNotFoundException) as raised:
        secrets.get_secret_value(SecretId=name)
    assert raised.value.response["Message"] == NOT_FOUND
    with pytest.raises(ClientError) as raised:
        secrets.get_secret_value(SecretId="a b")
    assert error_of(raised) == ("ValidationException", 400)
    assert message_of(raised).startswith("Invalid name. Must be a valid name containing")


def test_bytes_are_kept(secrets, name):
    secrets.create_secret(Name=name, SecretBinary=b"\x00\xff" * 1000)
    read = secrets.get_secret_value(SecretId=name)
    assert read["SecretBinary"] == b"\x00\xff" * 1000
    assert "SecretString" not in read


def test_large_values_and_too_large_ones(secrets, name):
    secrets.create_secret(Name=name, SecretString="x" * 65536)
    assert len(secrets.get_secret_value(SecretId=name)["SecretString"]) == 65536
    with pytest.raises(ClientError) as raised:
        secrets.put_secret_value(SecretId=name, SecretString="x" * 65537)
    assert error_of(raised) == ("ValidationException", 400)
    assert "x" * 100 not in message_of(raised)


def test_labels_move_by_hand(secrets, name):
    one = secrets.create_secret(Name=name, SecretString="1")["VersionId"]
    two = secrets.put_secret_value(SecretId=name, SecretString="2",
                                   VersionStages=["AWSPENDING"])["VersionId"]
    secrets.update_secret_version_stage(SecretId=name, VersionStage="AWSCURRENT",
                                        MoveToVersionId=two, RemoveFromVersionId=one)
    secrets.update_secret_version_stage(SecretId=name, VersionStage="AWSPENDING",
                                        RemoveFromVersionId=two)
    assert secrets.describe_secret(SecretId=name)["VersionIdsToStages"] == {
        one: ["AWSPREVIOUS"], two: ["AWSCURRENT"]}
    versions = secrets.list_secret_version_ids(SecretId=name)["Versions"]
    assert [entry["VersionId"] for entry in versions] == [one, two]
    assert versions[0]["KmsKeyIds"] == ["DefaultEncryptionKey"]


def test_deletion_can_be_taken_back(secrets, name):
    secrets.create_secret(Name=name, SecretString="1")
    secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    for call in (lambda: secrets.get_secret_value(SecretId=name),
                 lambda: secrets.put_secret_value(SecretId=name, SecretString="2"),
                 lambda: secrets.tag_resource(SecretId=name, Tags=[{"Key": "k", "Value": "v"}]),
                 lambda: secrets.get_resource_policy(SecretId=name)):
        with pytest.raises(secrets.exceptions.InvalidRequestException) as raised:
            call()
        assert message_of(raised) == MARKED
    assert "DeletedDate" in secrets.describe_secret(SecretId=name)
    secrets.restore_secret(SecretId=name)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "1"
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.describe_secret(SecretId=name)
    secrets.create_secret(Name=name, SecretString="again")


def test_a_key_that_goes_takes_the_value_along(secrets, endpoint, name):
    kms = aws_clients.client("kms", endpoint)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    secrets.create_secret(Name=name, SecretString="1", KmsKeyId=key)
    assert secrets.describe_secret(SecretId=name)["KmsKeyId"] == key
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with pytest.raises(secrets.exceptions.DecryptionFailure):
        secrets.get_secret_value(SecretId=name)
    with pytest.raises(secrets.exceptions.EncryptionFailure):
        secrets.put_secret_value(SecretId=name, SecretString="2")


def test_batches_tell_errors_one_by_one(secrets, name):
    secrets.create_secret(Name=name, SecretString="1")
    answer = secrets.batch_get_secret_value(SecretIdList=[name, name + "x"])
    assert [value["SecretString"] for value in answer["SecretValues"]] == ["1"]
    assert answer["Errors"] == [{"SecretId": name + "x", "ErrorCode": "ResourceNotFoundException",
                                 "Message": NOT_FOUND}]


def test_lists_come_in_pages(secrets, name):
    for number in range(7):
        secrets.create_secret(Name=f"{name}/{number}", SecretString="1")
    pages = secrets.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "name", "Values": [name]}], PaginationConfig={"PageSize": 3},
        SortBy="name", SortOrder="desc")
    found = [entry["Name"] for page in pages for entry in page["SecretList"]]
    assert found == [f"{name}/{number}" for number in range(6, -1, -1)]


def test_replicas_are_read_elsewhere(secrets, endpoint, name):
    there = aws_clients.client("secretsmanager", endpoint, region="eu-west-1")
    secrets.create_secret(Name=name, SecretString="1", AddReplicaRegions=[{"Region": "eu-west-1"}])
    secrets.put_secret_value(SecretId=name, SecretString="2")
    assert there.get_secret_value(SecretId=name)["SecretString"] == "2"
    with pytest.raises(there.exceptions.InvalidRequestException):
        there.put_secret_value(SecretId=name, SecretString="3")
    secrets.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=["eu-west-1"])
    with pytest.raises(there.exceptions.ResourceNotFoundException):
        there.get_secret_value(SecretId=name)


def test_rotation_is_configured_only_where_its_function_may_be_called(secrets, name):
    made = secrets.create_secret(Name=name, SecretString="1")
    function = "arn:aws:lambda:us-east-1:111122223333:function:r"
    with pytest.raises(ClientError) as raised:
        secrets.rotate_secret(SecretId=name)
    assert error_of(raised) == ("InvalidRequestException", 400)
    for expression in ["rate(3 hours)", "cron(5 8 * * ? *)", "every day"]:
        with pytest.raises(ClientError) as raised:
            secrets.rotate_secret(SecretId=name, RotationLambdaARN=function,
                                  RotationRules={"ScheduleExpression": expression})
        assert error_of(raised) in [("InvalidParameterException", 400),
                                    ("ValidationException", 400)]
    assert "RotationEnabled" not in secrets.describe_secret(SecretId=name)
    with pytest.raises(ClientError) as raised:
        secrets.rotate_secret(SecretId=name, RotationLambdaARN=function,
                              RotationRules={"ScheduleExpression": "cron(0 8 1 * ? *)",
                                             "Duration": "2h"})
    assert error_of(raised) == ("AccessDeniedException", 400)
    assert message_of(raised) == (
        "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function "
        "policy grants access to the principal secretsmanager.amazonaws.com.")
    shown = secrets.describe_secret(SecretId=name)
    assert "RotationEnabled" not in shown
    assert shown["VersionIdsToStages"] == {made["VersionId"]: ["AWSCURRENT"]}


def test_passwords_have_what_was_asked_for(secrets):
    password = secrets.get_random_password(PasswordLength=20, ExcludePunctuation=True)
    assert re.fullmatch("[A-Za-z0-9]{20}", password["RandomPassword"])


def test_the_command_line(endpoint, name, tmp_path):
    cli = aws_cli.Cli(endpoint, tmp_path)
    made = cli("secretsmanager", "create-secret", "--name", name, "--secret-string", "swordfish")
    assert cli("secretsmanager", "get-secret-value", "--secret-id",
               made["ARN"])["SecretString"] == "swordfish"
    with pytest.raises(aws_cli.Failed) as raised:
        cli("secretsmanager", "create-secret", "--name", name)
    assert f"The operation failed because the secret {name} already exists." in raised.value.error


def test_secrets_survive_kill_9(tmp_path):
    data = tmp_path / "data"
    with matinee_server.Server(data) as server:
        secrets = aws_clients.client("secretsmanager", server.url)
        secrets.create_secret(Name="s", SecretString="1")
        secrets.put_secret_value(SecretId="s", SecretString="2")
        server.kill()
    with matinee_server.Server(data) as server:
        secrets = aws_clients.client("secretsmanager", server.url)
        assert secrets.get_secret_value(SecretId="s")["SecretString"] == "2"
        assert secrets.get_secret_value(
            SecretId="s", VersionStage="AWSPREVIOUS")["SecretString"] == "1"


def account(server, service, number):
    return aws_clients.client(service, server.url, credentials={
        "aws_access_key_id": number, "aws_secret_access_key": "secret"})


def allow(principal, actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{number}:root"},
         "Action": action, "Resource": "*"} for number, action in zip(principal, actions)]})


def test_another_account_reads_what_policies_let_it(tmp_path):
    owner, other = "111122223333", "444455556666"
    with matinee_server.Server(tmp_path / "data", ["--iam", "enforce"]) as server:
        kms = account(server, "kms", owner)
        key = kms.create_key(Policy=allow([owner, other], ["kms:*", "kms:Decrypt"]))
        secrets = account(server, "secretsmanager", owner)
        arn = secrets.create_secret(Name="s", SecretString="1",
                                    KmsKeyId=key["KeyMetadata"]["Arn"])["ARN"]
        stranger = account(server, "secretsmanager", other)
        with pytest.raises(ClientError) as raised:
            stranger.get_secret_value(SecretId=arn)
        assert error_of(raised) == ("AccessDeniedException", 400)
        assert f"secretsmanager:GetSecretValue on resource: {arn}" in message_of(raised)
        secrets.put_resource_policy(
            SecretId="s", ResourcePolicy=allow([other], ["secretsmanager:GetSecretValue"]))
        assert stranger.get_secret_value(SecretId=arn)["SecretString"] == "1"
        with pytest.raises(ClientError):
            stranger.put_secret_value(SecretId=arn, SecretString="2")
