"""IAM's policies as boto3 sees them: managed, inline, attached, and AWS's own."""

import json

import pytest
from test_iam import ALLOW, LAMBDA, account, iam, refused  # noqa: F401: fixtures

TEXT = json.dumps(ALLOW)
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture
def policy(iam):  # noqa: F811
    return iam.create_policy(PolicyName="reader", PolicyDocument=TEXT)["Policy"]["Arn"]


def test_answers_about_a_policy_have_exactly_the_members_of_aws(iam, policy):  # noqa: F811
    got = iam.get_policy(PolicyArn=policy)["Policy"]
    assert sorted(got) == ["Arn", "AttachmentCount", "CreateDate", "DefaultVersionId",
                           "IsAttachable", "Path", "PermissionsBoundaryUsageCount", "PolicyId",
                           "PolicyName", "Tags", "UpdateDate"]
    assert (got["AttachmentCount"], got["DefaultVersionId"], got["Tags"]) == (0, "v1", [])
    listed = iam.list_policies(Scope="Local")["Policies"]
    assert "Tags" not in listed[0]
    version = iam.get_policy_version(PolicyArn=policy, VersionId="v1")["PolicyVersion"]
    assert sorted(version) == ["CreateDate", "Document", "IsDefaultVersion", "VersionId"]
    assert version["Document"] == ALLOW
    assert refused(iam.create_policy, PolicyName="READER", PolicyDocument=TEXT) == (
        "EntityAlreadyExists",
        "A policy called READER already exists. Duplicate names are not allowed.", 409)


@pytest.mark.parametrize("text", ["", "[]", "{", "not json", '{"Version":"2012-10-17"}'])
def test_texts_that_are_no_policies(iam, text):  # noqa: F811
    if not text:
        return  # boto3 sends no empty text
    code, _, status = refused(iam.create_policy, PolicyName="odd", PolicyDocument=text)
    assert (code, status) == ("MalformedPolicyDocument", 400)


def test_versions_come_the_newest_first(iam, policy):  # noqa: F811
    for default in (False, True):
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=TEXT, SetAsDefault=default)
    listed = iam.list_policy_versions(PolicyArn=policy)["Versions"]
    assert [version["VersionId"] for version in listed] == ["v3", "v2", "v1"]
    assert "Document" not in listed[0]
    assert iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"] == "v3"
    iam.set_default_policy_version(PolicyArn=policy, VersionId="v1")
    assert iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"] == "v1"
    assert refused(iam.get_policy_version, PolicyArn=policy, VersionId="v9")[0] == "NoSuchEntity"
    assert refused(iam.delete_policy, PolicyArn=policy)[0] == "DeleteConflict"
    for version in ("v2", "v3"):
        iam.delete_policy_version(PolicyArn=policy, VersionId=version)
    iam.delete_policy(PolicyArn=policy)


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_policies_of_each_kind_of_holder(iam, policy, kind):  # noqa: F811
    name = {f"{kind.capitalize()}Name": "holder"}
    more = {"AssumeRolePolicyDocument": LAMBDA} if kind == "role" else {}
    getattr(iam, f"create_{kind}")(**name, **more)

    def call(form, **parameters):
        return getattr(iam, form.format(kind))(**name, **parameters)

    assert call("list_{}_policies")["PolicyNames"] == []
    call("put_{}_policy", PolicyName="a=b", PolicyDocument=TEXT)
    got = call("get_{}_policy", PolicyName="a=b")
    assert got["PolicyDocument"] == ALLOW
    assert got[f"{kind.capitalize()}Name"] == "holder"
    assert call("list_{}_policies")["PolicyNames"] == ["a=b"]
    for arn in (policy, READ_ONLY):
        call("attach_{}_policy", PolicyArn=arn)
    attached = call("list_attached_{}_policies")
    assert {entry["PolicyName"] for entry in attached["AttachedPolicies"]} == {
        "reader", "ReadOnlyAccess"}
    assert iam.get_policy(PolicyArn=READ_ONLY)["Policy"]["AttachmentCount"] == 1
    entities = iam.list_entities_for_policy(PolicyArn=policy)
    assert [entry[f"{kind.capitalize()}Name"]
            for entry in entities[f"Policy{kind.capitalize()}s"]] == ["holder"]
    delete = getattr(iam, f"delete_{kind}")
    assert refused(delete, **name) == (
        "DeleteConflict", "Cannot delete entity, must detach all policies first.", 409)
    for arn in (policy, READ_ONLY):
        call("detach_{}_policy", PolicyArn=arn)
    assert refused(lambda: call("detach_{}_policy", PolicyArn=policy)) == (
        "NoSuchEntity", f"Policy {policy} was not found.", 404)
    assert refused(delete, **name) == (
        "DeleteConflict", "Cannot delete entity, must delete policies first.", 409)
    call("delete_{}_policy", PolicyName="a=b")
    assert refused(lambda: call("get_{}_policy", PolicyName="a=b")) == (
        "NoSuchEntity", f"The {kind} policy with name a=b cannot be found.", 404)
    delete(**name)


def test_percent_signs_travel_unchanged(iam):  # noqa: F811
    document = {"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::a%3Ab/ü+*"}}
    arn = iam.create_policy(PolicyName="odd", PolicyDocument=json.dumps(
        document, ensure_ascii=False, indent=2))["Policy"]["Arn"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert version["Document"] == document


def test_a_boundary_is_a_structure_in_answers(iam, policy):  # noqa: F811
    made = iam.create_user(UserName="ann", PermissionsBoundary=policy)["User"]
    boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": policy}
    assert made["PermissionsBoundary"] == boundary
    assert iam.get_user(UserName="ann")["User"]["PermissionsBoundary"] == boundary
    assert "PermissionsBoundary" not in iam.list_users()["Users"][0]
    used = iam.list_entities_for_policy(PolicyArn=policy, PolicyUsageFilter="PermissionsBoundary")
    assert [user["UserName"] for user in used["PolicyUsers"]] == ["ann"]
    iam.delete_user_permissions_boundary(UserName="ann")
    assert "PermissionsBoundary" not in iam.get_user(UserName="ann")["User"]


def test_the_policies_of_aws_are_listed(iam):  # noqa: F811
    pages = iam.get_paginator("list_policies").paginate(Scope="AWS", PathPrefix="/service-role/")
    listed = [policy for page in pages for policy in page["Policies"]]
    assert len(listed) > 100
    assert all(policy["Path"].startswith("/service-role/") for policy in listed)
    names = [policy["PolicyName"] for policy in listed]
    assert "AWSLambdaBasicExecutionRole" in names
    assert len(names) == len(set(names))
    assert refused(iam.attach_role_policy, RoleName="x", PolicyArn="arn:aws:iam::aws:bucket")[0] \
        == "NoSuchEntity"
    iam.create_role(RoleName="x", AssumeRolePolicyDocument=LAMBDA)
    assert refused(iam.attach_role_policy, RoleName="x", PolicyArn="arn:aws:iam::aws:bucket/b") \
        == ("InvalidInput", "ARN arn:aws:iam::aws:bucket/b is not valid.", 400)


def test_everything_of_an_account(iam, policy):  # noqa: F811
    iam.create_user(UserName="ann", Tags=[{"Key": "team", "Value": "film"}])
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=TEXT)
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=LAMBDA)
    iam.attach_role_policy(RoleName="worker", PolicyArn=policy)
    details = iam.get_account_authorization_details()
    assert details["UserDetailList"][0]["UserPolicyList"] == [
        {"PolicyName": "own", "PolicyDocument": ALLOW}]
    assert details["RoleDetailList"][0]["AttachedManagedPolicies"][0]["PolicyArn"] == policy
    assert details["Policies"][0]["PolicyVersionList"][0]["Document"] == ALLOW
    assert details["IsTruncated"] is False
    only = iam.get_account_authorization_details(Filter=["Group"])
    assert only["UserDetailList"] == []
