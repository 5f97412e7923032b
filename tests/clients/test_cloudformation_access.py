"""What stacks may where policies decide: roles have to trust CloudFormation, and topics are told in
the name of who makes the stack."""

import json

import matinee_server
import pytest
from enforced_cloud import Cloud, allow, refused
from polling import eventually

BODY = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    data = tmp_path_factory.mktemp("stacks") / "data"
    with matinee_server.Server(data, ["--iam", "enforce"]) as server:
        yield Cloud(server)


def made(client, name):
    def status():
        told = client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        return None if told.endswith("_IN_PROGRESS") else told
    return eventually(status, seconds=60)


def test_a_role_has_to_trust_cloudformation(cloud, name):
    client = cloud.client("cloudformation")
    other = cloud.role(f"{name}-other", allow("sqs:*"), trusts="lambda.amazonaws.com")
    for role in (other, other.replace("-other", "-none")):
        for call, more in ((client.create_stack, {}),
                           (client.create_change_set,
                            {"ChangeSetName": "set", "ChangeSetType": "CREATE"})):
            told = refused(lambda: call(StackName=name, TemplateBody=BODY, RoleARN=role, **more))
            assert told == (
                "ValidationError", 400, f"Role {role} is invalid or cannot be assumed")
    trusted = cloud.role(f"{name}-own", allow("sqs:*"), trusts="cloudformation.amazonaws.com")
    client.create_stack(StackName=name, TemplateBody=BODY, RoleARN=trusted)
    assert made(client, name) == "CREATE_COMPLETE"
    # The stack stands still once its role is gone, until another one is named.
    iam = cloud.client("iam")
    iam.delete_role_policy(RoleName=f"{name}-own", PolicyName="p")
    iam.delete_role(RoleName=f"{name}-own")
    assert refused(lambda: client.delete_stack(StackName=name))[0] == "ValidationError"
    again = cloud.role(f"{name}-again", allow("sqs:*"), trusts="cloudformation.amazonaws.com")
    client.delete_stack(StackName=name, RoleARN=again)


def test_topics_are_told_by_who_may_publish(cloud, name):
    topic = cloud.client("sns").create_topic(Name=name)["TopicArn"]
    deploys = allow(["cloudformation:*", "sqs:*"])
    silent = cloud.client("cloudformation", cloud.user(f"{name}-silent", deploys))
    call = {"StackName": name, "TemplateBody": BODY, "NotificationARNs": [topic]}
    code, status, message = refused(lambda: silent.create_stack(**call))
    assert (code, status) == ("AccessDenied", 403)
    assert "is not authorized to perform: sns:Publish" in message and topic in message
    code, _, _ = refused(lambda: silent.create_change_set(
        ChangeSetName="set", ChangeSetType="CREATE", **call))
    assert code == "AccessDenied"
    loud = cloud.client("cloudformation", cloud.user(
        f"{name}-loud", deploys, allow("sns:Publish", topic)))
    loud.create_stack(**call)
    assert made(loud, name) == "CREATE_COMPLETE"
    # What the stack has told so far it goes on telling: who changes it needs the same.
    assert refused(lambda: silent.update_stack(
        StackName=name, UsePreviousTemplate=True, Tags=[{"Key": "a", "Value": "b"}]))[0] == (
            "AccessDenied")
    cloud.client("cloudformation").update_stack(
        StackName=name, UsePreviousTemplate=True, Tags=[{"Key": "a", "Value": "b"}])
    assert made(loud, name) == "UPDATE_COMPLETE"


def test_the_role_of_a_stack_publishes_instead(cloud, name):
    client = cloud.client("cloudformation")
    topic = cloud.client("sns").create_topic(Name=name)["TopicArn"]
    silent = cloud.role(f"{name}-silent", allow("sqs:*"), trusts="cloudformation.amazonaws.com")
    call = {"StackName": name, "TemplateBody": BODY, "NotificationARNs": [topic]}
    code, _, message = refused(lambda: client.create_stack(RoleARN=silent, **call))
    assert code == "AccessDenied" and f"{name}-silent" in message
    loud = cloud.role(f"{name}-loud", allow("sqs:*"), allow("sns:Publish", topic),
                      trusts="cloudformation.amazonaws.com")
    client.create_stack(RoleARN=loud, **call)
    assert made(client, name) == "CREATE_COMPLETE"
