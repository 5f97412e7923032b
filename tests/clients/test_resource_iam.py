"""AWS::IAM types in stacks."""

import json

import aws_clients
import pytest
from botocore.exceptions import ClientError
from stack_kit import Stack, attribute, ref

TRUST = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": "lambda.amazonaws.com"}}]}
ALLOW = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}


@pytest.fixture
def iam(endpoint):
    return aws_clients.client("iam", endpoint)


def test_a_role_with_its_policies_is_made_changed_replaced_and_deleted(endpoint, iam, name):
    stack = Stack(endpoint, name)
    role = {"Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": TRUST, "Description": "of the shop",
        "Policies": [{"PolicyName": "own", "PolicyDocument": ALLOW}]}}
    resources = {
        "Role": role,
        "Inline": {"Type": "AWS::IAM::Policy", "Properties": {
            "PolicyName": "more", "PolicyDocument": ALLOW, "Roles": [ref("Role")]}},
        "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {
            "PolicyDocument": ALLOW, "Roles": [ref("Role")]}},
        "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [ref("Role")]}}}
    outputs = stack.create(resources, {
        "Name": ref("Role"), "Arn": attribute("Role", "Arn"), "Id": attribute("Role", "RoleId"),
        "Policy": ref("Managed")})
    first = outputs["Name"]
    assert first.startswith(f"{name}-Role-")
    assert outputs["Arn"] == f"arn:aws:iam::000000000000:role/{first}"
    assert outputs["Id"].startswith("AROA")
    assert iam.list_role_policies(RoleName=first)["PolicyNames"] == ["more", "own"]
    attached = iam.list_attached_role_policies(RoleName=first)["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [outputs["Policy"]]
    assert iam.get_role(RoleName=first)["Role"].get("Tags") is None

    role["Properties"] |= {"Description": "of the other shop", "MaxSessionDuration": 7200}
    del role["Properties"]["Policies"]
    stack.update(resources)
    described = iam.get_role(RoleName=first)["Role"]
    assert (described["Description"], described["MaxSessionDuration"]) == (
        "of the other shop", 7200)
    assert iam.list_role_policies(RoleName=first)["PolicyNames"] == ["more"]

    role["Properties"]["Path"] = "/shop/"
    second = stack.update(resources, {"Name": ref("Role")})["Name"]
    assert second != first
    assert iam.list_role_policies(RoleName=second)["PolicyNames"] == ["more"]
    with pytest.raises(ClientError) as raised:
        iam.get_role(RoleName=first)
    assert aws_clients.code_of(raised) == "NoSuchEntity"

    stack.delete()
    with pytest.raises(ClientError) as raised:
        iam.get_role(RoleName=second)
    assert aws_clients.code_of(raised) == "NoSuchEntity"


def test_users_have_groups_and_keys(endpoint, iam, name):
    stack = Stack(endpoint, name)
    resources = {
        "Staff": {"Type": "AWS::IAM::Group"},
        "Ann": {"Type": "AWS::IAM::User", "Properties": {
            "Tags": [{"Key": "team", "Value": "films"}]}},
        "Addition": {"Type": "AWS::IAM::UserToGroupAddition", "Properties": {
            "GroupName": ref("Staff"), "Users": [ref("Ann")]}},
        "Key": {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": ref("Ann")}}}
    outputs = stack.create(resources, {
        "User": ref("Ann"), "Group": ref("Staff"), "Key": ref("Key"),
        "Secret": attribute("Key", "SecretAccessKey")})
    user = outputs["User"]
    groups = iam.list_groups_for_user(UserName=user)["Groups"]
    assert [group["GroupName"] for group in groups] == [outputs["Group"]]
    # The key is one that calls are signed with.
    sts = aws_clients.client("sts", endpoint, credentials={
        "aws_access_key_id": outputs["Key"], "aws_secret_access_key": outputs["Secret"]})
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::000000000000:user/{user}"

    resources["Key"]["Properties"]["Status"] = "Inactive"
    updated = stack.update(resources, {"Secret": attribute("Key", "SecretAccessKey")})
    assert updated["Secret"] == outputs["Secret"]
    assert iam.list_access_keys(UserName=user)["AccessKeyMetadata"][0]["Status"] == "Inactive"
    stack.delete()
    assert user not in json.dumps(iam.list_users()["Users"], default=str)


def test_a_role_that_is_there_already_fails_its_stack_and_stays(endpoint, iam, name):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    reasons = Stack(endpoint, name).fail_to_create({"Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": name, "AssumeRolePolicyDocument": TRUST}}})
    assert f"Role with name {name} already exists" in reasons[0]
    assert "HandlerErrorCode: AlreadyExists" in reasons[0]
    assert iam.get_role(RoleName=name)["Role"]["RoleName"] == name


def test_a_user_of_a_stack_has_a_device_for_a_second_factor(endpoint, iam, name):
    stack = Stack(endpoint, name)
    resources = {
        "Ann": {"Type": "AWS::IAM::User"},
        "Phone": {"Type": "AWS::IAM::VirtualMFADevice", "Properties": {
            "Path": "/shop/", "Users": [ref("Ann")], "Tags": [{"Key": "k", "Value": "v"}]}}}
    outputs = stack.create(resources, {"Serial": ref("Phone"), "User": ref("Ann")})
    device, = iam.list_mfa_devices(UserName=outputs["User"])["MFADevices"]
    assert device["SerialNumber"] == outputs["Serial"]
    assert outputs["Serial"].startswith(f"arn:aws:iam::000000000000:mfa/shop/{name}-Phone-")

    resources["Phone"]["Properties"].update(Users=[], Tags=[])
    stack.update(resources)
    assert iam.list_mfa_devices(UserName=outputs["User"])["MFADevices"] == []
    assert iam.list_mfa_device_tags(SerialNumber=outputs["Serial"])["Tags"] == []
    stack.delete()
    serials = [each["SerialNumber"] for each in iam.list_virtual_mfa_devices()["VirtualMFADevices"]]
    assert outputs["Serial"] not in serials
