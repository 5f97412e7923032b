"""`matinee policy check`, and the policy simulator of IAM: what would be decided, and why."""

import json
import os
import subprocess

import aws_clients
import matinee_server
import pytest
from botocore.exceptions import ClientError

ACCOUNT = "111122223333"
KEYS = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "secret"}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("check") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def iam(server):
    return aws_clients.client("iam", server.url, credentials=KEYS)


def check(server, *arguments, account=ACCOUNT, fails=False):
    found = subprocess.run(
        [matinee_server.find_binary(), "policy", "check", "--cloud", server.url, *arguments],
        capture_output=True, text=True,
        env={**os.environ, "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "secret"})
    assert (found.returncode != 0) == fails, found.stderr
    return found.stderr if fails else found.stdout


def checked(server, *arguments):
    return json.loads(check(server, *arguments, "--format", "json"))


def test_a_decision_is_explained_statement_by_statement(server, iam, name):
    arn = iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "red"}])["User"]["Arn"]
    condition = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(
        allow("sqs:*"), {"Sid": "reads", **allow("s3:Get*", "arn:aws:s3:::films/*")},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}))
    of_film = ["--principal", arn, "--action", "s3:GetObject",
               "--resource", "arn:aws:s3:::films/a"]
    found = checked(server, *of_film)
    assert found["Allowed"] is True
    assert found["Statements"] == [
        {"PolicyType": "identity-based policy", "Policy": "p", "Number": 1, "Effect": "Allow",
         "Applies": False, "Decides": False, "Mismatch": "it is about other actions"},
        {"PolicyType": "identity-based policy", "Policy": "p", "Number": 2, "Sid": "reads",
         "Effect": "Allow", "Applies": True, "Decides": True},
        {"PolicyType": "identity-based policy", "Policy": "p", "Number": 3, "Effect": "Deny",
         "Applies": False, "Decides": False,
         "Mismatch": "its condition StringEquals of aws:PrincipalTag/team does not hold"}]
    text = check(server, *of_film)
    assert text.startswith(f"{arn} may s3:GetObject on arn:aws:s3:::films/a, because an "
                           "identity-based policy allows it\n")
    assert "Allow 2 of the identity-based policy p (reads): applies, and decides" in text
    denied = check(server, *of_film, "--context", "aws:PrincipalTag/team=blue")
    assert denied.startswith(f"Refused. User: {arn} is not authorized to perform: s3:GetObject on "
                             "resource: arn:aws:s3:::films/a with an explicit deny in an "
                             "identity-based policy\n")


def test_policies_of_resources_are_looked_at(server, name):
    s3 = aws_clients.client("s3", server.url, credentials=KEYS)
    s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket=name, Policy=document(
        {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
         "Resource": f"arn:aws:s3:::{name}/secret/*"}))
    root = f"arn:aws:iam::{ACCOUNT}:root"
    found = checked(server, "--principal", root, "--action", "s3:GetObject",
                    "--resource", f"arn:aws:s3:::{name}/secret/a")
    assert found["Allowed"] is False
    assert found["Reason"].endswith("with an explicit deny in a resource-based policy")
    found = checked(server, "--principal", root, "--action", "s3:GetObject",
                    "--resource", f"arn:aws:s3:::{name}/a")
    assert found["Allowed"] is True


def test_a_role_is_checked_as_its_sessions_and_by_its_trust_policy(server, iam, name):
    user = iam.create_user(UserName=name)["User"]["Arn"]
    role = iam.create_role(RoleName=name, Path="/shop/", AssumeRolePolicyDocument=document(
        {"Effect": "Allow", "Principal": {"AWS": user}, "Action": "sts:AssumeRole"}))["Role"]["Arn"]
    found = checked(server, "--principal", user, "--action", "sts:AssumeRole", "--resource", role)
    assert found["Allowed"] is True
    assert found["Statements"][0]["PolicyType"] == "role trust policy"
    found = checked(server, "--principal", role, "--action", "sqs:SendMessage")
    assert found["Principal"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/check"
    assert found["Reason"] == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{name}/check is not authorized to perform: "
        "sqs:SendMessage because no identity-based policy allows the sqs:SendMessage action")


def test_keys_without_a_value_are_named(server, iam, name):
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(
        allow("*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})))
    question = ["--principal", arn, "--action", "sqs:ListQueues"]
    assert checked(server, *question)["AbsentKeys"] == ["aws:sourceip"]
    assert checked(server, *question, "--context", "aws:SourceIp=10.1.2.3")["Allowed"] is True


def test_what_cannot_be_checked_is_refused_in_a_sentence(server):
    nobody = f"arn:aws:iam::{ACCOUNT}:user/nobody"
    assert "The user with name nobody cannot be found." in check(
        server, "--principal", nobody, "--action", "s3:GetObject", fails=True)
    assert "444455556666" in check(server, "--principal", "arn:aws:iam::444455556666:root",
                                   "--action", "s3:GetObject", fails=True)
    assert "--context takes KEY=VALUE" in check(
        server, "--principal", nobody, "--action", "s3:GetObject", "--context", "x", fails=True)


@pytest.mark.parametrize("holder", ["user", "group", "role"])
def test_the_simulator_asks_the_policies_of_users_groups_and_roles(iam, name, holder):
    policy = document(allow("s3:GetObject", "arn:aws:s3:::films"))
    policy_arn = iam.create_policy(PolicyName=name, PolicyDocument=policy)["Policy"]["Arn"]
    if holder == "user":
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        iam.attach_user_policy(UserName=name, PolicyArn=policy_arn)
    elif holder == "group":
        arn = iam.create_group(GroupName=name)["Group"]["Arn"]
        iam.attach_group_policy(GroupName=name, PolicyArn=policy_arn)
    else:
        trust = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
                          "Action": "sts:AssumeRole"})
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        iam.attach_role_policy(RoleName=name, PolicyArn=policy_arn)
    answer = iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=["arn:aws:s3:::films"])
    del answer["ResponseMetadata"]
    matched = [{"SourcePolicyId": name, "SourcePolicyType": "IAM Policy",
                "StartPosition": {"Line": 1, "Column": policy.index("[") + 2},
                "EndPosition": {"Line": 1, "Column": policy.rindex("}]") + 2}}]

    def result(action, decision, statements):
        return {"EvalActionName": action, "EvalResourceName": "arn:aws:s3:::films",
                "EvalDecision": decision, "MatchedStatements": statements,
                "MissingContextValues": [], "EvalDecisionDetails": {},
                "OrganizationsDecisionDetail": {"AllowedByOrganizations": True},
                "ResourceSpecificResults": [
                    {"EvalResourceName": "arn:aws:s3:::films", "EvalResourceDecision": decision,
                     "MatchedStatements": statements, "MissingContextValues": []}]}

    assert answer == {"IsTruncated": False, "EvaluationResults": [
        result("s3:GetObject", "allowed", matched), result("s3:PutObject", "implicitDeny", [])]}


def test_the_simulator_pages_through_many_actions(iam):
    pages = iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[document(allow("s3:*"))], PaginationConfig={"PageSize": 3},
        ActionNames=[f"s3:Action{number}" for number in range(10)])
    results = [result for page in pages for result in page["EvaluationResults"]]
    assert [result["EvalActionName"] for result in results] == [f"s3:Action{n}" for n in range(10)]
    assert {result["EvalDecision"] for result in results} == {"allowed"}


def test_the_simulator_refuses_what_is_no_policy(iam):
    with pytest.raises(ClientError) as raised:
        iam.simulate_custom_policy(PolicyInputList=["{"], ActionNames=["s3:GetObject"])
    assert aws_clients.code_of(raised) == "InvalidInput"
