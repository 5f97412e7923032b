"""Stacks as boto3 sees them: made, changed, shown by change sets, rolled back and removed."""

import json

import aws_clients
import pytest
from botocore.exceptions import ClientError, WaiterError

WAIT = {"Delay": 1, "MaxAttempts": 30}


def error_of(call):
    """(code, message) of what the call is refused with."""
    with pytest.raises(ClientError) as raised:
        call()
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


@pytest.fixture(scope="module")
def cloudformation(endpoint):
    return aws_clients.client("cloudformation", endpoint)


@pytest.fixture(scope="module")
def sqs_client(endpoint):
    return aws_clients.client("sqs", endpoint)


@pytest.fixture(scope="module")
def sns_client(endpoint):
    return aws_clients.client("sns", endpoint)


class Stacks:
    """Makes stacks and removes them at the end of the test."""

    def __init__(self, client, name):
        self.client = client
        self.name = name

    def create(self, template, **more):
        self.client.create_stack(StackName=self.name, TemplateBody=json.dumps(template), **more)
        return self.wait("stack_create_complete")

    def update(self, template, **more):
        self.client.update_stack(StackName=self.name, TemplateBody=json.dumps(template), **more)
        return self.wait("stack_update_complete")

    def wait(self, waiter, name=None):
        self.client.get_waiter(waiter).wait(StackName=name or self.name, WaiterConfig=WAIT)
        return self.describe(name)

    def describe(self, name=None):
        return self.client.describe_stacks(StackName=name or self.name)["Stacks"][0]

    def outputs(self):
        return {o["OutputKey"]: o["OutputValue"] for o in self.describe().get("Outputs", [])}

    def ids(self):
        resources = self.client.list_stack_resources(StackName=self.name)
        return {r["LogicalResourceId"]: r["PhysicalResourceId"]
                for r in resources["StackResourceSummaries"]}

    def events(self, name=None):
        """(logical id, status, reason), oldest first."""
        events = self.client.describe_stack_events(StackName=name or self.name)["StackEvents"]
        return [(e["LogicalResourceId"], e["ResourceStatus"], e.get("ResourceStatusReason"))
                for e in reversed(events)]

    def changes(self, template, change_set="change", values=False, **more):
        """What a change set tells, by logical id."""
        self.client.create_change_set(StackName=self.name, ChangeSetName=change_set,
                                      TemplateBody=json.dumps(template), **more)
        self.client.get_waiter("change_set_create_complete").wait(
            StackName=self.name, ChangeSetName=change_set, WaiterConfig=WAIT)
        told = self.client.describe_change_set(
            StackName=self.name, ChangeSetName=change_set, IncludePropertyValues=values)
        return {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"]
                for c in told["Changes"]}


@pytest.fixture
def stacks(cloudformation, name):
    made = Stacks(cloudformation, name)
    yield made
    cloudformation.delete_stack(StackName=name)


def template(name, **queue):
    """A topic that sends to a queue."""
    return {
        "Parameters": {"Title": {"Type": "String", "Default": "Premieres"}},
        "Resources": {
            "Subscription": {
                "Type": "AWS::SNS::Subscription",
                "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs",
                               "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}}},
            "Topic": {"Type": "AWS::SNS::Topic",
                      "Properties": {"TopicName": f"{name}-topic",
                                     "DisplayName": {"Ref": "Title"}}},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": queue}},
        "Outputs": {"Url": {"Value": {"Ref": "Queue"}},
                    "Topic": {"Value": {"Ref": "Topic"}, "Description": "Where to publish"}}}


def test_a_stack_makes_what_its_template_says(stacks, sqs_client, sns_client, name):
    stack = stacks.create(template(name, VisibilityTimeout=45),
                          Tags=[{"Key": "team", "Value": "a"}])
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["Parameters"] == [{"ParameterKey": "Title", "ParameterValue": "Premieres"}]
    assert stack["EnableTerminationProtection"] is False and "LastUpdatedTime" not in stack
    url = stacks.outputs()["Url"]
    attributes = sqs_client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "45"
    assert attributes["QueueArn"].split(":")[-1].startswith(f"{name}-Queue-")
    tags = sqs_client.list_queue_tags(QueueUrl=url)["Tags"]
    assert tags == {"team": "a", "aws:cloudformation:logical-id": "Queue",
                    "aws:cloudformation:stack-name": name,
                    "aws:cloudformation:stack-id": stack["StackId"]}
    topic = stacks.outputs()["Topic"]
    assert topic.endswith(f":{name}-topic")
    subscriptions = sns_client.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [s["Endpoint"] for s in subscriptions] == [attributes["QueueArn"]]
    events = stacks.events()
    assert events[0] == (name, "CREATE_IN_PROGRESS", "User Initiated")
    assert events[-1] == (name, "CREATE_COMPLETE", None)
    assert [e[1:] for e in events if e[0] == "Queue"] == [
        ("CREATE_IN_PROGRESS", None), ("CREATE_IN_PROGRESS", "Resource creation Initiated"),
        ("CREATE_COMPLETE", None)]
    assert events.index(("Subscription", "CREATE_IN_PROGRESS", None)) > events.index(
        ("Topic", "CREATE_COMPLETE", None))


def test_events_have_ids_of_their_own(stacks, cloudformation, name):
    stacks.create(template(name))
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    assert len({e["EventId"] for e in events}) == len(events)
    assert events[0]["ResourceStatus"] == "CREATE_COMPLETE"


def test_an_update_changes_in_place_replaces_and_removes(stacks, sqs_client, name):
    stacks.create(template(name, VisibilityTimeout=45))
    before = stacks.ids()
    changed = template(name, VisibilityTimeout=50)
    changed["Resources"]["Topic"]["Properties"]["TopicName"] = f"{name}-other"
    del changed["Resources"]["Subscription"]
    stack = stacks.update(changed)
    assert stack["StackStatus"] == "UPDATE_COMPLETE" and "LastUpdatedTime" in stack
    after = stacks.ids()
    assert after["Queue"] == before["Queue"]
    assert after["Topic"].endswith("-other") and set(after) == {"Queue", "Topic"}
    attributes = sqs_client.get_queue_attributes(QueueUrl=after["Queue"], AttributeNames=["All"])
    assert attributes["Attributes"]["VisibilityTimeout"] == "50"
    events = stacks.events()
    start = events.index((name, "UPDATE_IN_PROGRESS", "User Initiated"))
    clean_up = events.index((name, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", None))
    assert ("Queue", "UPDATE_COMPLETE", None) in events[start:clean_up]
    assert ("Topic", "UPDATE_IN_PROGRESS",
            "Requested update requires the creation of a new physical resource; hence creating "
            "one.") in events[start:clean_up]
    assert ("Topic", "DELETE_COMPLETE", None) in events[clean_up:]
    assert ("Subscription", "DELETE_COMPLETE", None) in events[clean_up:]


def test_nothing_to_update_is_said(stacks, cloudformation, name):
    stacks.create(template(name))
    error = error_of(lambda: stacks.update(template(name)))
    assert error == ("ValidationError", "No updates are to be performed.")
    cloudformation.create_change_set(StackName=name, ChangeSetName="same",
                                     TemplateBody=json.dumps(template(name)))
    with pytest.raises(WaiterError):
        cloudformation.get_waiter("change_set_create_complete").wait(
            StackName=name, ChangeSetName="same", WaiterConfig=WAIT)
    told = cloudformation.describe_change_set(StackName=name, ChangeSetName="same")
    assert (told["Status"], told["ExecutionStatus"], told["Changes"]) == (
        "FAILED", "UNAVAILABLE", [])
    assert told["StatusReason"] == (
        "The submitted information didn't contain changes. Submit different information to create "
        "a change set.")
    error = error_of(lambda: cloudformation.execute_change_set(StackName=name,
                                                               ChangeSetName="same"))
    assert error == ("InvalidChangeSetStatus",
                     f"ChangeSet [{told['ChangeSetId']}] cannot be executed in its current status "
                     "of [FAILED]")


def test_a_change_set_makes_a_stack_when_it_is_executed(stacks, cloudformation, name):
    changes = stacks.changes(template(name), ChangeSetType="CREATE")
    assert {i: (c["Action"], c["Scope"], c["Details"]) for i, c in changes.items()} == {
        i: ("Add", [], []) for i in ("Queue", "Subscription", "Topic")}
    stack = stacks.describe()
    assert (stack["StackStatus"], stack["StackStatusReason"]) == (
        "REVIEW_IN_PROGRESS", "User Initiated")
    assert stacks.ids() == {}
    cloudformation.execute_change_set(StackName=name, ChangeSetName="change")
    stack = stacks.wait("stack_create_complete")
    told = cloudformation.describe_change_set(ChangeSetName=stack["ChangeSetId"])
    assert (told["Status"], told["ExecutionStatus"]) == ("CREATE_COMPLETE", "EXECUTE_COMPLETE")
    assert stacks.events()[0] == (name, "REVIEW_IN_PROGRESS", "User Initiated")


def test_a_change_set_shows_what_changes_and_what_is_replaced(stacks, name):
    stacks.create(template(name, VisibilityTimeout=45))
    changed = template(name, VisibilityTimeout=50)
    changed["Resources"]["Topic"]["Properties"]["TopicName"] = f"{name}-other"
    changed["Resources"]["Dead"] = {"Type": "AWS::SQS::Queue"}
    changes = stacks.changes(changed)
    assert changes["Queue"]["Replacement"] == "False"
    assert changes["Queue"]["Details"] == [{
        "ChangeSource": "DirectModification", "Evaluation": "Static",
        "Target": {"Attribute": "Properties", "Name": "VisibilityTimeout",
                   "RequiresRecreation": "Never"}}]
    assert (changes["Topic"]["Replacement"], changes["Topic"]["PolicyAction"]) == (
        "True", "ReplaceAndDelete")
    assert changes["Dead"]["Action"] == "Add" and "PhysicalResourceId" not in changes["Dead"]
    causes = {d["CausingEntity"]: (d["ChangeSource"], d["Evaluation"])
              for d in changes["Subscription"]["Details"]}
    assert causes == {"Topic": ("ResourceReference", "Static"),
                      "Queue.Arn": ("ResourceAttribute", "Dynamic")}
    shown = stacks.changes(changed, change_set="values", values=True)
    assert json.loads(shown["Queue"]["BeforeContext"]) == {
        "Properties": {"VisibilityTimeout": 45}}
    target = shown["Queue"]["Details"][0]["Target"]
    assert (target["Path"], target["BeforeValue"], target["AfterValue"]) == (
        "/Properties/VisibilityTimeout", "45", "50")


def test_a_failed_creation_is_rolled_back_with_its_reason(stacks, cloudformation, sqs_client, name):
    failing = template(name)
    failing["Resources"]["Bad"] = {"Type": "AWS::SQS::Queue", "DependsOn": "Queue",
                                   "Properties": {"QueueName": "no blanks allowed"}}
    with pytest.raises(WaiterError):
        stacks.create(failing)
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"
    assert not stacks.ids()
    assert sqs_client.list_queues(QueueNamePrefix=f"{name}-").get("QueueUrls", []) == []
    failed = [e for e in stacks.events() if e[1] == "CREATE_FAILED"]
    assert failed[0][0] == "Bad" and "Resource handler returned message" in failed[0][2]
    assert any(e[1] == "ROLLBACK_IN_PROGRESS" and "[Bad]" in e[2] for e in stacks.events())


def test_a_deleted_stack_is_told_by_its_arn_alone(stacks, cloudformation, sqs_client, name):
    stack = stacks.create(template(name))
    url = stacks.outputs()["Url"]
    cloudformation.delete_stack(StackName=name)
    stacks.wait("stack_delete_complete", stack["StackId"])
    deleted = stacks.describe(stack["StackId"])
    assert deleted["StackStatus"] == "DELETE_COMPLETE" and "DeletionTime" in deleted
    assert error_of(lambda: stacks.describe()) == (
        "ValidationError", f"Stack with id {name} does not exist")
    assert error_of(lambda: sqs_client.get_queue_attributes(QueueUrl=url))[0].endswith(
        "NonExistentQueue")
    assert stacks.events(stack["StackId"])[-1] == (name, "DELETE_COMPLETE", None)


def test_termination_protection_keeps_a_stack(stacks, cloudformation, name):
    stacks.create(template(name), EnableTerminationProtection=True)
    assert error_of(lambda: cloudformation.delete_stack(StackName=name)) == (
        "ValidationError",
        f"Stack [{name}] cannot be deleted while TerminationProtection is enabled")
    cloudformation.update_termination_protection(StackName=name,
                                                 EnableTerminationProtection=False)


def test_an_export_in_use_keeps_its_stack(stacks, cloudformation, name):
    exporting = template(name)
    exporting["Outputs"]["Url"]["Export"] = {"Name": f"{name}-url"}
    stacks.create(exporting)
    user = Stacks(cloudformation, f"{name}-user")
    user.create({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
                 "Outputs": {"Theirs": {"Value": {"Fn::ImportValue": f"{name}-url"}}}})
    assert user.outputs()["Theirs"] == stacks.outputs()["Url"]
    error = error_of(lambda: cloudformation.delete_stack(StackName=name))
    assert error[1] == (f"Delete canceled. Cannot delete export {name}-url as it is in use by "
                        f"{name}-user.")
    without = template(name)
    with pytest.raises(WaiterError):
        stacks.update(without)
    assert stacks.wait("stack_rollback_complete")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    cloudformation.delete_stack(StackName=user.name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=user.name,
                                                            WaiterConfig=WAIT)
