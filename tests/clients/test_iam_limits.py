"""IAM's quotas, pages of one, odd names, and the operations that are alike for users, groups and
roles.
"""

import json

import aws_clients
import pytest
from botocore.exceptions import ClientError

ACCOUNT = "111122223333"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]})
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


@pytest.fixture
def iam(endpoint):
    """Sends what a client would refuse to send."""
    return aws_clients.client("iam", endpoint, parameter_validation=False, credentials={
        "aws_access_key_id": ACCOUNT, "aws_secret_access_key": "secret"})


def refused(call, **parameters):
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response
    return error["Error"]["Code"], error["Error"]["Message"]


def document_of(size):
    text = POLICY.replace(" ", "").replace('"Effect"', '"Sid":"","Effect"')
    return text.replace('"Sid":""', f'"Sid":"{"A" * (size - len(text))}"')


def page_through(call, member, **parameters):
    """All that there is, one by one."""
    found = []
    while True:
        answer = call(MaxItems=1, **parameters)
        assert len(answer[member]) <= 1
        found += answer[member]
        if not answer["IsTruncated"]:
            assert "Marker" not in answer
            return found
        parameters["Marker"] = answer["Marker"]


@pytest.mark.parametrize("bad", ["a b", "a/b", "ä", "a\n", "a:b", "a*", "a\x01"])
def test_names_with_odd_characters_are_refused_in_words(iam, bad):
    assert refused(iam.create_user, UserName=bad) == ("ValidationError", (
        "The specified value for userName is invalid. It must contain only alphanumeric "
        "characters and/or the following: +=,.@_-"))


@pytest.mark.parametrize("bad", ["x", "/x", "x/", "//", "/a b/", "/ä/", "/\x7f/x"])
def test_paths_begin_and_end_with_a_slash(iam, name, bad):
    code, message = refused(iam.create_role, RoleName=name, Path=bad,
                            AssumeRolePolicyDocument=TRUST)
    assert code == "ValidationError" and "It must begin and end with /" in message


def test_errors_can_be_read_whatever_they_quote(iam, name):
    code, message = refused(iam.create_policy, PolicyName=name, PolicyDocument=POLICY + "\x01")
    assert code == "ValidationError" and "policyDocument" in message


@pytest.mark.parametrize("alias", ["A", "A_b", "-ab", "ab-", "a--b", "a" * 64])
def test_aliases_have_a_form(iam, alias):
    assert refused(iam.create_account_alias, AccountAlias=alias)[0] == "ValidationError"


def test_white_space_does_not_count_in_a_policy(iam, name):
    iam.create_policy(PolicyName=name, PolicyDocument=document_of(6144) + " " * 1000)
    assert refused(iam.create_policy, PolicyName=name + "2", PolicyDocument=document_of(6145)) == (
        "LimitExceeded", "Cannot exceed quota for PolicySize: 6144")


def test_a_policy_has_five_versions(iam, name):
    arn = iam.create_policy(PolicyName=name, PolicyDocument=POLICY)["Policy"]["Arn"]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=POLICY)
    assert refused(iam.create_policy_version, PolicyArn=arn, PolicyDocument=POLICY)[0] == \
        "LimitExceeded"
    versions = page_through(iam.list_policy_versions, "Versions", PolicyArn=arn)
    assert sorted(each["VersionId"] for each in versions) == ["v1", "v2", "v3", "v4", "v5"]
    assert refused(iam.delete_policy_version, PolicyArn=arn, VersionId="v1")[0] == "DeleteConflict"
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=POLICY)
    assert made["PolicyVersion"]["VersionId"] == "v6", "numbers are not used again"


class Holder:
    """A user, group or role, as the operations with its name."""

    sizes = {"user": 2048, "group": 5120, "role": 10240}

    def __init__(self, iam, kind, name):
        self.iam, self.kind = iam, kind
        self.name = {f"{kind.capitalize()}Name": name}
        more = {"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}
        self.run("create_{}", **more)

    def run(self, operation, **parameters):
        return getattr(self.iam, operation.format(self.kind))(**self.name, **parameters)

    def refused(self, operation, **parameters):
        return refused(getattr(self.iam, operation.format(self.kind)), **self.name, **parameters)


@pytest.fixture(params=["user", "group", "role"])
def holder(request, iam, name):
    return Holder(iam, request.param, name)


def test_ten_policies_are_attached_at_most(iam, holder, name):
    arns = [iam.create_policy(PolicyName=f"{name}-{i}", PolicyDocument=POLICY)["Policy"]["Arn"]
            for i in range(11)]
    for arn in arns[:10]:
        holder.run("attach_{}_policy", PolicyArn=arn)
    holder.run("attach_{}_policy", PolicyArn=arns[0])
    kind = holder.kind.capitalize()
    assert holder.refused("attach_{}_policy", PolicyArn=arns[10]) == (
        "LimitExceeded", f"Cannot exceed quota for PoliciesPer{kind}: 10")
    attached = page_through(getattr(iam, f"list_attached_{holder.kind}_policies"),
                            "AttachedPolicies", **holder.name)
    assert sorted(each["PolicyArn"] for each in attached) == sorted(arns[:10])
    [entity] = page_through(iam.list_entities_for_policy, f"Policy{kind}s", PolicyArn=arns[0])
    assert entity[f"{kind}Name"] == name
    assert holder.refused("delete_{}")[0] == "DeleteConflict"
    for arn in arns[:10]:
        holder.run("detach_{}_policy", PolicyArn=arn)
    assert holder.refused("detach_{}_policy", PolicyArn=arns[0])[0] == "NoSuchEntity"
    holder.run("delete_{}")


def test_inline_policies_share_a_size(iam, holder):
    size = holder.sizes[holder.kind]
    holder.run("put_{}_policy", PolicyName="a", PolicyDocument=document_of(size - 100))
    holder.run("put_{}_policy", PolicyName="b=", PolicyDocument=document_of(100))
    assert holder.refused("put_{}_policy", PolicyName="b=", PolicyDocument=document_of(101)) == (
        "LimitExceeded", f"Maximum policy size of {size} bytes exceeded for {holder.kind} "
                         f"{next(iter(holder.name.values()))}")
    names = page_through(getattr(iam, f"list_{holder.kind}_policies"), "PolicyNames",
                         **holder.name)
    assert names == ["a", "b="]
    kept = holder.run("get_{}_policy", PolicyName="b=")
    assert kept["PolicyDocument"] == json.loads(document_of(100))
    for each in names:
        holder.run("delete_{}_policy", PolicyName=each)
    assert holder.refused("get_{}_policy", PolicyName="a") == (
        "NoSuchEntity", f"The {holder.kind} policy with name a cannot be found.")
    holder.run("delete_{}")


@pytest.mark.parametrize("kind, make, argument", [
    ("user", {}, "UserName"), ("role", {"AssumeRolePolicyDocument": TRUST}, "RoleName"),
    ("policy", {"PolicyDocument": POLICY}, "PolicyArn"),
    ("instance_profile", {}, "InstanceProfileName"),
    ("open_id_connect_provider", {}, "OpenIDConnectProviderArn")])
def test_tags_are_paged_merged_and_removed(iam, name, kind, make, argument):
    word = "".join(part.capitalize() for part in kind.split("_"))
    named = {"Url": f"https://{name}.invalid"} if "connect" in kind else {f"{word}Name": name}
    made = getattr(iam, f"create_{kind}")(**named, **make)
    about = {argument: name}
    if argument.endswith("Arn"):
        about = {argument: made.get("OpenIDConnectProviderArn") or made["Policy"]["Arn"]}

    def run(operation, **parameters):
        return getattr(iam, operation.format(kind))(**about, **parameters)

    run("tag_{}", Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    run("tag_{}", Tags=[{"Key": "a", "Value": "2"}, {"Key": "c", "Value": "3"}])
    run("untag_{}", TagKeys=["b", "nothing"])
    tags = page_through(getattr(iam, f"list_{kind}_tags"), "Tags", **about)
    assert {each["Key"]: each["Value"] for each in tags} == {"a": "2", "c": "3"}
    tag = getattr(iam, f"tag_{kind}")
    for bad in ([{"Key": "x", "Value": ""}, {"Key": "X", "Value": ""}],
                [{"Key": "aws:x", "Value": ""}]):
        assert refused(tag, **about, Tags=bad)[0] == "InvalidInput"
    for bad in ([{"Key": "k" * 129, "Value": ""}], [{"Key": "k", "Value": "v" * 257}],
                [{"Key": "a*", "Value": ""}]):
        assert refused(tag, **about, Tags=bad)[0] == "ValidationError"
    many = [{"Key": str(number), "Value": ""} for number in range(49)]
    assert refused(tag, **about, Tags=many)[0] == "LimitExceeded"


@pytest.mark.parametrize("operation", ["list_users", "list_groups", "list_roles", "list_policies",
                                       "list_instance_profiles", "list_server_certificates"])
def test_pages_have_between_one_and_a_thousand_members(iam, operation):
    call = getattr(iam, operation)
    for number in (0, -1, 1001):
        assert refused(call, MaxItems=number)[0] == "ValidationError"
    for marker in ("???", ""):
        assert refused(call, Marker=marker)[0] == "ValidationError"
    assert refused(call, PathPrefix="bad")[0] == "ValidationError"


def test_the_simulator_gives_a_page_at_a_time(iam):
    actions = [f"s3:Get{number}" for number in range(5)]
    results = page_through(iam.simulate_custom_policy, "EvaluationResults",
                           PolicyInputList=[POLICY], ActionNames=actions,
                           ResourceArns=["arn:aws:s3:::a", "arn:aws:s3:::b"])
    assert [each["EvalActionName"] for each in results] == actions
    assert all(len(each["ResourceSpecificResults"]) == 2 for each in results)
