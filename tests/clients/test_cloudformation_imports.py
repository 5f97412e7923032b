"""What is there before a stack, and becomes a part of it."""

import json

import aws_clients
import pytest
from whole_stacks import stack  # noqa: F401: a fixture

QUEUE = {"Type": "AWS::SQS::Queue"}


def bucket(name, policy="Retain"):
    return {"Type": "AWS::S3::Bucket", "DeletionPolicy": policy,
            "Properties": {"BucketName": name}}


def parameter(name):
    return {"Type": "AWS::SSM::Parameter", "DeletionPolicy": "RetainExceptOnCreate",
            "Properties": {"Name": name, "Type": "String", "Value": "wanted"}}


@pytest.fixture
def s3(endpoint):
    return aws_clients.client("s3", endpoint)


def change(stack, resources, kind):
    """{action: logical ids} of a change set that takes in what is there."""
    stack.client.create_change_set(
        StackName=stack.name, ChangeSetName="set", ChangeSetType=kind,
        ImportExistingResources=True, TemplateBody=json.dumps({
            "Parameters": {"Name": {"Type": "String", "Default": "x"}}, "Resources": resources}))
    told = stack.client.describe_change_set(StackName=stack.name, ChangeSetName="set")
    assert told["ImportExistingResources"] is True
    actions = {}
    for entry in told["Changes"]:
        one = entry["ResourceChange"]
        actions.setdefault(one["Action"], []).append(one["LogicalResourceId"])
    return told, actions


def test_what_a_template_names_and_is_there_is_taken_in(endpoint, stack, s3, name):
    ssm = aws_clients.client("ssm", endpoint)
    s3.create_bucket(Bucket=f"{name}-old")
    s3.put_object(Bucket=f"{name}-old", Key="film", Body=b"Alien")
    ssm.put_parameter(Name=f"/{name}/x", Type="String", Value="there")
    resources = {"Old": bucket(f"{name}-old"), "New": bucket(f"{name}-new", "Delete"),
                 "Setting": parameter({"Fn::Sub": f"/{name}/${{Name}}"}), "Queue": QUEUE}
    told, actions = change(stack, resources, "CREATE")
    assert told["Status"] == "CREATE_COMPLETE"
    assert actions == {"Add": ["New", "Queue"], "Import": ["Old", "Setting"]}
    stack.client.execute_change_set(StackName=stack.name, ChangeSetName="set")
    stack.wait("stack_create_complete")
    ids = stack.ids()
    assert ids["Old"] == f"{name}-old" and ids["Setting"] == f"/{name}/x"
    events = stack.client.describe_stack_events(StackName=stack.name)["StackEvents"]
    assert [e["ResourceStatus"] for e in reversed(events) if e["LogicalResourceId"] == "Old"] == [
        "IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"]
    # It is as it was, not as the template says: drift tells.
    assert ssm.get_parameter(Name=f"/{name}/x")["Parameter"]["Value"] == "there"
    drift = stack.client.detect_stack_resource_drift(StackName=stack.name,
                                                     LogicalResourceId="Setting")
    assert drift["StackResourceDrift"]["StackResourceDriftStatus"] == "MODIFIED"

    # It belongs to this stack now, and no other one takes it.
    second = type(stack)(endpoint, f"{name}-second")
    _, actions = change(second, {"Mine": bucket(f"{name}-old")}, "CREATE")
    assert actions == {"Add": ["Mine"]}
    second.delete()

    stack.delete()
    assert s3.get_object(Bucket=f"{name}-old", Key="film")["Body"].read() == b"Alien"


def test_an_update_takes_in_only_what_would_be_kept(stack, s3, name):
    stack.create({"Resources": {"Queue": QUEUE}})
    s3.create_bucket(Bucket=name)
    told, actions = change(stack, {"Queue": QUEUE, "Old": bucket(name, "Delete")}, "UPDATE")
    assert told["Status"] == "FAILED" and actions == {}
    assert told["StatusReason"] == (
        "CloudFormation is attempting to import some resources because they already exist in your "
        "account. The resources must have the DeletionPolicy attribute set to 'Retain' or "
        "'RetainExceptOnCreate' in the template for successful import. The affected resources are "
        f"Old ({{BucketName={name}}})")
    stack.client.delete_change_set(StackName=stack.name, ChangeSetName="set")
    told, actions = change(stack, {"Queue": QUEUE, "Old": bucket(name)}, "UPDATE")
    assert actions == {"Import": ["Old"]}
    stack.client.execute_change_set(StackName=stack.name, ChangeSetName="set")
    stack.wait("stack_update_complete")
    assert stack.ids()["Old"] == name
    stack.delete()
    s3.delete_bucket(Bucket=name)
