"""A template of two hundred resources is deployed, and a change of one touches no other."""

import json
import time

import aws_clients
import pytest

TRUST = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole"}]}


@pytest.fixture(scope="module")
def cloudformation(endpoint):
    return aws_clients.client("cloudformation", endpoint)


def template(changed=None):
    """A hundred queues, and a function for each that knows it."""
    resources = {"Role": {"Type": "AWS::IAM::Role",
                          "Properties": {"AssumeRolePolicyDocument": TRUST}}}
    for number in range(100):
        resources[f"Queue{number}"] = {
            "Type": "AWS::SQS::Queue",
            "Properties": {"VisibilityTimeout": 60 if number == changed else 30}}
        resources[f"Function{number}"] = {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Runtime": "python3.12", "Handler": "index.handler",
                           "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                           "Code": {"ZipFile": "def handler(event, context):\n  return 1\n"},
                           "Environment": {"Variables": {"QUEUE": {"Ref": f"Queue{number}"}}}}}
    return json.dumps({"Resources": resources})


def wait_until(client, name, statuses):
    """Seconds until the stack is in one of these."""
    start = time.monotonic()
    while True:
        stack = client.describe_stacks(StackName=name)["Stacks"][0]
        if stack["StackStatus"] in statuses:
            return time.monotonic() - start
        assert stack["StackStatus"].endswith("IN_PROGRESS"), stack
        assert time.monotonic() - start < 120, stack


def test_two_hundred_resources_are_made_and_one_is_changed(cloudformation, name, record_property):
    stack = {"StackName": name, "Capabilities": ["CAPABILITY_IAM"]}
    cloudformation.create_stack(TemplateBody=template(), **stack)
    record_property("seconds to make", wait_until(cloudformation, name, ["CREATE_COMPLETE"]))
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = [r for page in pages for r in page["StackResourceSummaries"]]
    assert len(resources) == 201
    assert {r["ResourceStatus"] for r in resources} == {"CREATE_COMPLETE"}
    cloudformation.update_stack(TemplateBody=template(changed=7), **stack)
    record_property("seconds to change", wait_until(cloudformation, name, ["UPDATE_COMPLETE"]))
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
    events = [e for page in pages for e in page["StackEvents"]]
    touched = {e["LogicalResourceId"] for e in events if e["ResourceStatus"].startswith("UPDATE")}
    assert touched == {name, "Queue7"}
    cloudformation.delete_stack(StackName=name)
