"""IAM as boto3 sees it: users, groups, roles and instance profiles."""

import itertools
import json

import aws_clients
import pytest
from botocore.exceptions import ClientError

numbers = itertools.count(100_000_000_001)
ALLOW = {"Version": "2012-10-17",
         "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}]}


def trust(principal):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]})


LAMBDA = trust({"Service": "lambda.amazonaws.com"})


@pytest.fixture
def account():
    return str(next(numbers))


@pytest.fixture
def iam(endpoint, account):
    """IAM in an account that nobody else uses."""
    credentials = {"aws_access_key_id": account, "aws_secret_access_key": "secret"}
    return aws_clients.client("iam", endpoint, credentials=credentials)


def refused(call, **parameters):
    """Code, message and status of an error."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    answer = raised.value.response
    assert answer["Error"]["Type"] == "Sender"
    return (answer["Error"]["Code"], answer["Error"]["Message"],
            answer["ResponseMetadata"]["HTTPStatusCode"])


def test_answers_about_a_user_have_exactly_the_members_of_aws(iam, account):
    made = iam.create_user(UserName="ann")["User"]
    assert sorted(made) == ["Arn", "CreateDate", "Path", "UserId", "UserName"]
    assert made["Arn"] == f"arn:aws:iam::{account}:user/ann"
    assert made["CreateDate"].microsecond == 0
    assert iam.get_user(UserName="ann")["User"] == made
    assert iam.list_users()["Users"] == [made]
    assert iam.list_users()["IsTruncated"] is False


def test_the_root_user_is_who_asks_without_a_name(iam, account):
    root = iam.get_user()["User"]
    assert sorted(root) == ["Arn", "CreateDate", "UserId"]
    assert root["UserId"] == account


@pytest.mark.parametrize("call, parameters, message", [
    ("get_user", {"UserName": "nobody"}, "The user with name nobody cannot be found."),
    ("get_group", {"GroupName": "none"}, "The group with name none cannot be found."),
    ("get_role", {"RoleName": "none"}, "The role with name none cannot be found."),
    ("list_attached_role_policies", {"RoleName": "none"},
     "The role with name none cannot be found."),
    ("get_instance_profile", {"InstanceProfileName": "none"},
     "Instance Profile none cannot be found."),
    ("get_policy", {"PolicyArn": "arn:aws:iam::aws:policy/Nothing"},
     "Policy arn:aws:iam::aws:policy/Nothing was not found."),
])
def test_what_is_not_there_is_told_by_its_name(iam, call, parameters, message):
    assert refused(getattr(iam, call), **parameters) == ("NoSuchEntity", message, 404)


def test_names_with_other_characters_are_told_so(iam):
    code, message, status = refused(iam.create_role, RoleName="a b",
                                    AssumeRolePolicyDocument=LAMBDA)
    assert (code, status) == ("ValidationError", 400)
    assert message == ("The specified value for roleName is invalid. It must contain only "
                       "alphanumeric characters and/or the following: +=,.@_-")


def test_names_that_are_too_long_are_told_with_their_limit(iam):
    name = "x" * 65
    assert refused(iam.create_user, UserName=name)[:2] == (
        "ValidationError", f"1 validation error detected: Value '{name}' at 'userName' failed to "
                           "satisfy constraint: Member must have length less than or equal to 64")


def test_wrong_choices_are_told_without_value_and_choices(iam):
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    answer = refused(iam.update_access_key, UserName="ann", AccessKeyId=key["AccessKeyId"],
                     Status="Sleeping")
    assert answer[:2] == ("ValidationError", "1 validation error detected: Value at 'status' "
                          "failed to satisfy constraint: Member must satisfy enum value set")


def test_a_group_and_its_users(iam):
    iam.create_group(GroupName="makers", Path="/film/")
    for name in ("ann", "bob"):
        iam.create_user(UserName=name)
        iam.add_user_to_group(GroupName="makers", UserName=name)
    group = iam.get_group(GroupName="makers")
    assert [user["UserName"] for user in group["Users"]] == ["ann", "bob"]
    listed = iam.list_groups_for_user(UserName="ann")
    assert listed["IsTruncated"] is False
    assert [sorted(group) for group in listed["Groups"]] == [
        ["Arn", "CreateDate", "GroupId", "GroupName", "Path"]]
    page = iam.get_group(GroupName="makers", MaxItems=1)
    assert page["IsTruncated"]
    rest = iam.get_group(GroupName="makers", MaxItems=1, Marker=page["Marker"])
    assert [user["UserName"] for user in rest["Users"]] == ["bob"]
    iam.update_group(GroupName="makers", NewGroupName="crew", NewPath="/")
    assert iam.list_groups_for_user(UserName="bob")["Groups"][0]["Arn"].endswith(":group/crew")
    iam.remove_user_from_group(GroupName="crew", UserName="ann")
    assert refused(iam.delete_group, GroupName="crew") == (
        "DeleteConflict", "Cannot delete entity, must remove users from group first.", 409)


def test_answers_about_a_role_have_exactly_the_members_of_aws(iam):
    made = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=LAMBDA)["Role"]
    assert sorted(made) == ["Arn", "AssumeRolePolicyDocument", "CreateDate", "Path", "RoleId",
                            "RoleName"]
    assert made["AssumeRolePolicyDocument"] == json.loads(LAMBDA)
    got = iam.get_role(RoleName="worker")["Role"]
    assert got["MaxSessionDuration"] == 3600
    assert got["RoleLastUsed"] == {}
    listed = iam.list_roles(PathPrefix="/nowhere/")
    assert listed["Roles"] == []
    iam.update_role(RoleName="worker", Description="works", MaxSessionDuration=7200)
    got = iam.get_role(RoleName="worker")["Role"]
    assert (got["Description"], got["MaxSessionDuration"]) == ("works", 7200)


def test_trust_policies_keep_their_form(iam, account):
    odd = {"Statement": {"Action": ["sts:AssumeRole"], "Effect": "Allow",
                         "Principal": {"AWS": "111111111111"}}, "Version": "2012-10-17"}
    iam.create_role(RoleName="odd", AssumeRolePolicyDocument=json.dumps(odd))
    assert iam.get_role(RoleName="odd")["Role"]["AssumeRolePolicyDocument"] == odd
    nobody = f"arn:aws:iam::{account}:role/nobody"
    assert refused(iam.update_assume_role_policy, RoleName="odd",
                   PolicyDocument=trust({"AWS": nobody})) == (
        "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{nobody}"', 400)
    long = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
         "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:a": "x" * 2048}}}]})
    assert refused(iam.update_assume_role_policy, RoleName="odd", PolicyDocument=long) == (
        "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048", 409)


def test_an_instance_profile_and_its_role(iam):
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=LAMBDA)
    made = iam.create_instance_profile(InstanceProfileName="machine")["InstanceProfile"]
    assert made["Roles"] == []
    iam.add_role_to_instance_profile(InstanceProfileName="machine", RoleName="worker")
    got = iam.get_instance_profile(InstanceProfileName="machine")["InstanceProfile"]
    assert sorted(got["Roles"][0]) == ["Arn", "AssumeRolePolicyDocument", "CreateDate", "Path",
                                       "RoleId", "RoleName"]
    assert iam.list_instance_profile_tags(InstanceProfileName="machine")["Tags"] == []
    iam.tag_instance_profile(InstanceProfileName="machine", Tags=[
        {"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    iam.tag_instance_profile(InstanceProfileName="machine", Tags=[{"Key": "a", "Value": "2"}])
    iam.untag_instance_profile(InstanceProfileName="machine", TagKeys=["nothing"])
    assert iam.list_instance_profile_tags(InstanceProfileName="machine")["Tags"] == [
        {"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}]
    assert refused(iam.create_instance_profile, InstanceProfileName="machine") == (
        "EntityAlreadyExists", "Instance Profile machine already exists.", 409)
    listed = iam.list_instance_profiles_for_role(RoleName="worker")["InstanceProfiles"]
    assert [profile["InstanceProfileName"] for profile in listed] == ["machine"]
    iam.remove_role_from_instance_profile(InstanceProfileName="machine", RoleName="worker")
    iam.delete_instance_profile(InstanceProfileName="machine")


@pytest.mark.parametrize("service, name", [
    ("ecs.amazonaws.com", "AWSServiceRoleForECS"),
    ("eks.amazonaws.com", "AWSServiceRoleForAmazonEKS"),
    ("batch.amazonaws.com", "AWSServiceRoleForBatch")])
def test_service_linked_roles_have_the_names_of_aws(iam, service, name):
    role = iam.create_service_linked_role(AWSServiceName=service, Description="why")["Role"]
    assert role["RoleName"] == name
    assert role["Path"] == f"/aws-service-role/{service}/"
    statement = role["AssumeRolePolicyDocument"]["Statement"][0]
    assert statement["Principal"] == {"Service": service}
    assert refused(iam.create_service_linked_role, AWSServiceName=service, CustomSuffix="x")[:2] \
        == ("InvalidInput", f"Custom suffix is not allowed for {service}")
    task = iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/{service}/{name}/")
    status = iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    assert status["Status"] == "SUCCEEDED"
    assert "Reason" not in status


def test_access_keys_belong_to_users(iam, endpoint, account):
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    assert sorted(key) == ["AccessKeyId", "CreateDate", "SecretAccessKey", "Status", "UserName"]
    assert key["AccessKeyId"].startswith("AKIA") and len(key["AccessKeyId"]) == 20
    listed = iam.list_access_keys(UserName="ann")
    assert [sorted(entry) for entry in listed["AccessKeyMetadata"]] == [
        ["AccessKeyId", "CreateDate", "Status", "UserName"]]
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert used["UserName"] == "ann"
    assert used["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    iam.create_access_key(UserName="ann")
    assert refused(iam.create_access_key, UserName="ann") == (
        "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", 409)
    assert refused(iam.delete_user, UserName="ann") == (
        "DeleteConflict", "Cannot delete entity, must delete access keys first.", 409)
    iam.delete_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"])
    assert refused(iam.delete_access_key, UserName="ann", AccessKeyId=key["AccessKeyId"])[0] == \
        "NoSuchEntity"


def test_an_account_has_one_alias(iam):
    alias = f"studio-{next(numbers)}"
    assert iam.list_account_aliases()["AccountAliases"] == []
    iam.create_account_alias(AccountAlias=alias)
    assert iam.list_account_aliases()["AccountAliases"] == [alias]
    iam.delete_account_alias(AccountAlias=alias)
    assert refused(iam.delete_account_alias, AccountAlias=alias)[0] == "NoSuchEntity"


def test_the_summary_counts(iam):
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="makers")
    iam.create_policy(PolicyName="reader", PolicyDocument=json.dumps(ALLOW))
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["Users"], summary["Groups"], summary["Policies"]) == (1, 1, 1)
    assert summary["UsersQuota"] == 5000
    iam.delete_user(UserName="ann")
    assert iam.get_account_summary()["SummaryMap"]["Users"] == 0
