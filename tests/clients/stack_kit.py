"""Stacks for tests: made, changed and deleted by boto3, and waited for."""

import json

import aws_clients
from polling import eventually

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


class Stack:
    """A stack of resources that a test describes as {logical id: {"Type", "Properties"}}."""

    def __init__(self, endpoint, name):
        self.client = aws_clients.client("cloudformation", endpoint)
        self.name = name
        self.id = None

    def create(self, resources, outputs=None):
        """Waits for its end, and gives its outputs."""
        self.id = self.client.create_stack(
            StackName=self.name, TemplateBody=_template(resources, outputs),
            Capabilities=CAPABILITIES)["StackId"]
        assert self._settled() == "CREATE_COMPLETE", self.reasons()
        self._require_no_drift()
        return self.outputs()

    def fail_to_create(self, resources):
        """Gives the reasons of what failed; nothing is left."""
        self.id = self.client.create_stack(
            StackName=self.name, TemplateBody=_template(resources, None),
            Capabilities=CAPABILITIES)["StackId"]
        assert self._settled() == "ROLLBACK_COMPLETE", self.reasons()
        return self.reasons()

    def update(self, resources, outputs=None):
        self.client.update_stack(StackName=self.name, TemplateBody=_template(resources, outputs),
                                 Capabilities=CAPABILITIES)
        assert self._settled() == "UPDATE_COMPLETE", self.reasons()
        self._require_no_drift()
        return self.outputs()

    def delete(self):
        self.client.delete_stack(StackName=self.name)
        assert self._settled() == "DELETE_COMPLETE", self.reasons()

    def fail_to_delete(self):
        self.client.delete_stack(StackName=self.name)
        assert self._settled() == "DELETE_FAILED", self.reasons()
        return self.reasons()

    def drifts(self):
        """What differs from the template, which is nothing right after a stack was deployed."""
        detection = self.client.detect_stack_drift(StackName=self.id)["StackDriftDetectionId"]
        status = self.client.describe_stack_drift_detection_status(
            StackDriftDetectionId=detection)
        assert status["DetectionStatus"] == "DETECTION_COMPLETE", status
        drifts = self.client.describe_stack_resource_drifts(
            StackName=self.id, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"])
        return [(drift["ResourceType"], drift["StackResourceDriftStatus"],
                 drift.get("PropertyDifferences", [])) for drift in drifts["StackResourceDrifts"]]

    def outputs(self):
        return {output["OutputKey"]: output["OutputValue"]
                for output in self._described().get("Outputs", [])}

    def ids(self):
        """{logical id: physical id}"""
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"]
                for resource in self.client.describe_stack_resources(StackName=self.id)[
                    "StackResources"]}

    def reasons(self):
        """Of what failed, the oldest first."""
        events = self.client.describe_stack_events(StackName=self.id)["StackEvents"]
        return [event["ResourceStatusReason"] for event in reversed(events)
                if event["ResourceStatus"].endswith("_FAILED") and "ResourceStatusReason" in event]

    def _require_no_drift(self):
        drifts = self.drifts()
        assert drifts == [], drifts

    def _described(self):
        return self.client.describe_stacks(StackName=self.id)["Stacks"][0]

    def _settled(self):
        def status():
            now = self._described()["StackStatus"]
            return None if now.endswith("_IN_PROGRESS") else now
        return eventually(status, seconds=60)


def _template(resources, outputs):
    template = {"Resources": resources}
    if outputs:
        template["Outputs"] = {name: {"Value": value} for name, value in outputs.items()}
    return json.dumps(template)


def ref(name):
    return {"Ref": name}


def attribute(name, path):
    return {"Fn::GetAtt": [name, path]}
