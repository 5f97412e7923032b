"""Stacks for tests that are about what is in them."""

import json

import aws_clients
import pytest
from botocore.exceptions import ClientError

WAIT = {"Delay": 1, "MaxAttempts": 60}


def error_of(call, **arguments):
    """(code, message) of what the call is refused with."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


def body_of(template):
    return template if isinstance(template, str) else json.dumps(template)


class Stack:
    """One stack of a name, made, changed and removed to its end."""

    def __init__(self, endpoint, name):
        self.client = aws_clients.client("cloudformation", endpoint)
        self.name = name

    def create(self, template=None, **more):
        if template is not None:
            more["TemplateBody"] = body_of(template)
        self.client.create_stack(StackName=self.name, **more)
        return self.wait("stack_create_complete")

    def update(self, template, **more):
        self.client.update_stack(StackName=self.name, TemplateBody=body_of(template), **more)
        return self.wait("stack_update_complete")

    def delete(self):
        self.client.delete_stack(StackName=self.name)
        self.client.get_waiter("stack_delete_complete").wait(StackName=self.name,
                                                             WaiterConfig=WAIT)

    def wait(self, waiter):
        self.client.get_waiter(waiter).wait(StackName=self.name, WaiterConfig=WAIT)
        return self.describe()

    def describe(self):
        return self.client.describe_stacks(StackName=self.name)["Stacks"][0]

    def outputs(self):
        return {o["OutputKey"]: o["OutputValue"] for o in self.describe().get("Outputs", [])}

    def ids(self):
        resources = self.client.list_stack_resources(StackName=self.name)
        return {r["LogicalResourceId"]: r["PhysicalResourceId"]
                for r in resources["StackResourceSummaries"]}

    def reasons(self, logical_id):
        """Why things have happened to a resource, oldest first."""
        events = self.client.describe_stack_events(StackName=self.name)["StackEvents"]
        return [e["ResourceStatusReason"] for e in reversed(events)
                if e["LogicalResourceId"] == logical_id and "ResourceStatusReason" in e]


@pytest.fixture
def stack(endpoint, name):
    made = Stack(endpoint, name)
    yield made
    made.client.delete_stack(StackName=name)
