"""The resources that CloudFormation makes itself: nested stacks, custom resources, wait conditions;
and what is said of all others: secrets put in, drift, notifications."""

import json
import urllib.request

import aws_clients
import functions_kit
import polling
import pytest
from botocore.exceptions import WaiterError
from whole_stacks import error_of, stack  # noqa: F401: a fixture

QUEUE = {"Type": "AWS::SQS::Queue"}
ROLE = functions_kit.ROLE


@pytest.fixture(scope="module")
def cloudformation(endpoint):
    return aws_clients.client("cloudformation", endpoint)


@pytest.fixture(scope="module")
def queues(endpoint):
    return aws_clients.client("sqs", endpoint)


@pytest.fixture(scope="module")
def topics(endpoint):
    return aws_clients.client("sns", endpoint)


def put(url, document):
    request = urllib.request.Request(url, json.dumps(document).encode(), method="PUT",
                                     headers={"Content-Type": ""})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.status


def with_provider(code, runtime, **properties):
    """A custom resource, and the function behind it as inline code."""
    return {
        "Resources": {
            "Provider": {"Type": "AWS::Lambda::Function", "Properties": {
                "Runtime": runtime, "Handler": "index.handler", "Role": ROLE, "Timeout": 30,
                "Code": {"ZipFile": code}}},
            "Thing": {"Type": "Custom::Thing", "Properties": {
                "ServiceToken": {"Fn::GetAtt": ["Provider", "Arn"]}} | properties}},
        "Outputs": {"Id": {"Value": {"Ref": "Thing"}},
                    "Twice": {"Value": {"Fn::GetAtt": ["Thing", "Twice"]}}}}


PYTHON = """
import cfnresponse

def handler(event, context):
    if event["ResourceProperties"].get("Bad") and event["RequestType"] == "Create":
        return cfnresponse.send(event, context, cfnresponse.FAILED, {}, "thing", reason="too bad")
    word = event["ResourceProperties"].get("Word", "")
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Twice": word + word}, "thing-" + word)
"""

NODE = """
const response = require('cfn-response');
exports.handler = function (event, context) {
  const word = event.ResourceProperties.Word;
  response.send(event, context, response.SUCCESS, {Twice: word + word}, 'thing-' + word);
};
"""


def test_a_custom_resource_is_made_changed_and_removed_by_a_function_in_python(stack):
    stack.create(with_provider(PYTHON, "python3.12", Word="a"))
    assert stack.outputs() == {"Id": "thing-a", "Twice": "aa"}
    stack.update(with_provider(PYTHON, "python3.12", Word="b"))
    assert stack.outputs() == {"Id": "thing-b", "Twice": "bb"}
    stack.delete()


def test_a_custom_resource_is_made_by_a_function_for_node(stack):
    stack.create(with_provider(NODE, "nodejs20.x", Word="n"))
    assert stack.outputs() == {"Id": "thing-n", "Twice": "nn"}


def test_what_a_provider_refuses_is_the_reason_of_the_failure(stack):
    with pytest.raises(WaiterError):
        stack.create(with_provider(PYTHON, "python3.12", Bad="yes"))
    assert polling.eventually(lambda: stack.describe()["StackStatus"] == "ROLLBACK_COMPLETE")
    assert any(reason.startswith("Received response status [FAILED] from custom resource. "
                                 "Message returned: too bad")
               for reason in stack.reasons("Thing"))


def test_what_is_answered_with_no_echo_is_not_shown(stack):
    template = with_provider(PYTHON.replace('"thing-" + word)', '"thing", noEcho=True)'),
                             "python3.12", Word="hush")
    template["Resources"]["Setting"] = {"Type": "AWS::SSM::Parameter", "Properties": {
        "Type": "String", "Value": {"Fn::GetAtt": ["Thing", "Twice"]}}}
    template["Outputs"]["Setting"] = {"Value": {"Fn::GetAtt": ["Setting", "Value"]}}
    stack.create(template)
    # As at AWS, outputs tell it all the same.
    assert stack.outputs()["Twice"] == stack.outputs()["Setting"] == "hushhush"
    events = stack.client.describe_stack_events(StackName=stack.name)["StackEvents"]
    told = {e["ResourceProperties"] for e in events if e["LogicalResourceId"] == "Setting"}
    assert {json.loads(t)["Value"] for t in told} == {"****"}
    drift = stack.client.detect_stack_resource_drift(
        StackName=stack.name, LogicalResourceId="Setting")["StackResourceDrift"]
    assert drift["StackResourceDriftStatus"] == "IN_SYNC" and "hush" not in json.dumps(
        drift, default=str)
    del template["Resources"]["Setting"], template["Outputs"]["Setting"]
    stack.client.create_change_set(StackName=stack.name, ChangeSetName="set",
                                   TemplateBody=json.dumps(template))
    changes = stack.client.describe_change_set(StackName=stack.name, ChangeSetName="set",
                                               IncludePropertyValues=True)["Changes"]
    assert [c["ResourceChange"]["Action"] for c in changes] == ["Remove"]
    assert "hush" not in json.dumps(changes)


def test_a_topic_is_told_too_and_anybody_may_answer(stack, topics, queues, name):
    url, arn = functions_kit.make_queue(queues, name)
    topic = topics.create_topic(Name=name)["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn,
                     Attributes={"RawMessageDelivery": "true"})
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage",
            "Resource": arn}]})})
    stack.client.create_stack(StackName=stack.name, TemplateBody=json.dumps({"Resources": {
        "Thing": {"Type": "Custom::Thing", "Properties": {"ServiceToken": topic, "Size": 5}}}}))

    def answer():
        message = queues.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"][0]
        queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        request = json.loads(message["Body"])
        copied = {k: request[k] for k in ("StackId", "RequestId", "LogicalResourceId")}
        assert put(request["ResponseURL"], copied | {
            "Status": "SUCCESS", "PhysicalResourceId": "by-hand"}) == 200
        return request

    request = answer()
    assert request["RequestType"] == "Create"
    assert request["ResourceProperties"] == {"ServiceToken": topic, "Size": "5"}
    stack.wait("stack_create_complete")
    assert stack.ids() == {"Thing": "by-hand"}
    stack.client.delete_stack(StackName=stack.name)
    assert answer()["RequestType"] == "Delete"
    stack.client.get_waiter("stack_delete_complete").wait(
        StackName=stack.name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def test_a_wait_condition_is_there_once_its_handle_was_signalled(stack):
    stack.client.create_stack(StackName=stack.name, TemplateBody=json.dumps({"Resources": {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {"Type": "AWS::CloudFormation::WaitCondition", "Properties": {
            "Handle": {"Ref": "Handle"}, "Timeout": 60, "Count": 2}}},
        "Outputs": {"Data": {"Value": {"Fn::GetAtt": ["Wait", "Data"]}}}}))
    url = polling.eventually(lambda: stack.ids().get("Handle"))
    for word in ("one", "two"):
        assert put(url, {"Status": "SUCCESS", "UniqueId": word, "Data": word.upper(),
                         "Reason": ""}) == 200
    stack.wait("stack_create_complete")
    assert json.loads(stack.outputs()["Data"]) == {"one": "ONE", "two": "TWO"}


def test_a_resource_with_a_creation_policy_waits_for_signals_to_itself(stack):
    stack.client.create_stack(StackName=stack.name, TemplateBody=json.dumps({"Resources": {
        "Wait": {"Type": "AWS::CloudFormation::WaitCondition",
                 "CreationPolicy": {"ResourceSignal": {"Count": 1, "Timeout": "PT1M"}}}}}))

    def signal(unique_id):
        return stack.client.signal_resource(StackName=stack.name, LogicalResourceId="Wait",
                                            UniqueId=unique_id, Status="SUCCESS")

    polling.eventually(lambda: "Wait" in stack.ids())
    signal("a")
    stack.wait("stack_create_complete")
    assert "does not wait for signals" in error_of(signal, unique_id="b")[1]


def test_stacks_stand_in_stacks_and_give_each_other_their_outputs(stack, s3, bucket, endpoint):
    s3.put_object(Bucket=bucket, Key="inner.json", Body=json.dumps({
        "Parameters": {"Word": {"Type": "String"}}, "Resources": {"Queue": QUEUE},
        "Outputs": {"Word": {"Value": {"Fn::Sub": "<${Word}>"}}}}))
    url = f"{endpoint}/{bucket}/inner.json"

    def inner(word):
        return {"Type": "AWS::CloudFormation::Stack", "Properties": {
            "TemplateURL": url, "Parameters": {"Word": word}}}

    def outer(word):
        return {"Resources": {
            "First": inner(word),
            "Second": inner({"Fn::GetAtt": ["First", "Outputs.Word"]})},
            "Outputs": {"Word": {"Value": {"Fn::GetAtt": ["Second", "Outputs.Word"]}}}}

    stack.create(outer("x"))
    assert stack.outputs() == {"Word": "<<x>>"}
    first = stack.ids()["First"]
    told = stack.client.describe_stacks(StackName=first)["Stacks"][0]
    assert told["StackName"].startswith(f"{stack.name}-First-")
    assert told["ParentId"] == told["RootId"] == stack.describe()["StackId"]
    stack.update(outer("y"))
    assert stack.outputs() == {"Word": "<<y>>"}
    stack.delete()
    assert stack.client.describe_stacks(StackName=first)["Stacks"][0]["StackStatus"] == \
        "DELETE_COMPLETE"


def test_a_nested_stack_that_fails_fails_the_one_around_it(stack, s3, bucket, endpoint):
    s3.put_object(Bucket=bucket, Key="bad.json", Body=json.dumps({"Resources": {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 100000}}}}))
    with pytest.raises(WaiterError):
        stack.create({"Resources": {"Inner": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateURL": f"{endpoint}/{bucket}/bad.json"}}}})
    assert any("was not successfully created" in reason for reason in stack.reasons("Inner"))


def test_values_and_secrets_are_put_in_and_never_told(stack, endpoint, queues, name):
    ssm = aws_clients.client("ssm", endpoint)
    secrets = aws_clients.client("secretsmanager", endpoint)
    ssm.put_parameter(Name=f"/{name}", Type="String", Value="12")
    ssm.put_parameter(Name=f"/{name}", Type="String", Value="13", Overwrite=True)
    secrets.create_secret(Name=name, SecretString=json.dumps({"delay": "7"}))
    stack.create({"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {
        "DelaySeconds": f"{{{{resolve:secretsmanager:{name}:SecretString:delay}}}}",
        "VisibilityTimeout": f"{{{{resolve:ssm:/{name}:1}}}}"}}}})
    attributes = queues.get_queue_attributes(QueueUrl=stack.ids()["Queue"],
                                             AttributeNames=["All"])["Attributes"]
    assert (attributes["DelaySeconds"], attributes["VisibilityTimeout"]) == ("7", "12")
    events = stack.client.describe_stack_events(StackName=stack.name)["StackEvents"]
    told = [json.loads(e["ResourceProperties"]) for e in events if "ResourceProperties" in e]
    assert told and all(p["DelaySeconds"].startswith("{{resolve:") for p in told)


def test_drift_tells_what_was_changed_behind_the_back_of_the_stack(stack, queues):
    stack.create({"Resources": {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 5}},
        "Same": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 6}},
        "Gone": QUEUE}})
    ids = stack.ids()
    queues.set_queue_attributes(QueueUrl=ids["Queue"], Attributes={"DelaySeconds": "9"})
    queues.delete_queue(QueueUrl=ids["Gone"])
    detection = stack.client.detect_stack_drift(StackName=stack.name)["StackDriftDetectionId"]
    told = stack.client.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
    assert (told["DetectionStatus"], told["StackDriftStatus"],
            told["DriftedStackResourceCount"]) == ("DETECTION_COMPLETE", "DRIFTED", 2)
    drifts = {d["LogicalResourceId"]: d for d in stack.client.describe_stack_resource_drifts(
        StackName=stack.name)["StackResourceDrifts"]}
    assert {k: d["StackResourceDriftStatus"] for k, d in drifts.items()} == {
        "Queue": "MODIFIED", "Same": "IN_SYNC", "Gone": "DELETED"}
    assert drifts["Queue"]["PropertyDifferences"] == [
        {"PropertyPath": "/DelaySeconds", "ExpectedValue": "5", "ActualValue": "9",
         "DifferenceType": "NOT_EQUAL"}]
    assert json.loads(drifts["Queue"]["ActualProperties"]).keys() == {"DelaySeconds"}
    assert stack.describe()["DriftInformation"]["StackDriftStatus"] == "DRIFTED"
    queues.set_queue_attributes(QueueUrl=ids["Queue"], Attributes={"DelaySeconds": "5"})
    one = stack.client.detect_stack_resource_drift(StackName=stack.name, LogicalResourceId="Queue")
    assert one["StackResourceDrift"]["StackResourceDriftStatus"] == "IN_SYNC"


def test_topics_are_told_every_event_of_a_stack(stack, topics, queues, name):
    url, arn = functions_kit.make_queue(queues, name)
    topic = topics.create_topic(Name=name)["TopicArn"]
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage",
            "Resource": arn}]})})
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    stack.create({"Resources": {"Queue": QUEUE}}, NotificationARNs=[topic])
    told = []

    def is_complete():
        for message in queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10,
                                              WaitTimeSeconds=1).get("Messages", []):
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            told.append(json.loads(message["Body"]))
        return len(told) >= 5

    assert polling.eventually(is_complete)
    assert {t["Subject"] for t in told} == {"AWS CloudFormation Notification"}
    lines = [t["Message"].splitlines() for t in told]
    assert any("LogicalResourceId='Queue'" in text and "ResourceStatus='CREATE_COMPLETE'" in text
               for text in lines)
    assert any(f"LogicalResourceId='{name}'" in text and "ResourceStatus='CREATE_COMPLETE'" in text
               for text in lines)


def test_resources_that_are_there_are_taken_into_a_stack(stack, queues, name):
    url = queues.create_queue(QueueName=f"{name}-old")["QueueUrl"]
    stack.create({"Resources": {"First": QUEUE}})
    stack.client.create_change_set(
        StackName=stack.name, ChangeSetName="import", ChangeSetType="IMPORT",
        ResourcesToImport=[{"ResourceType": "AWS::SQS::Queue", "LogicalResourceId": "Old",
                            "ResourceIdentifier": {"QueueUrl": url}}],
        TemplateBody=json.dumps({"Resources": {"First": QUEUE, "Old": {
            "Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain",
            "Properties": {"QueueName": f"{name}-old"}}}}))
    stack.client.get_waiter("change_set_create_complete").wait(
        StackName=stack.name, ChangeSetName="import", WaiterConfig={"Delay": 1})
    told = stack.client.describe_change_set(StackName=stack.name, ChangeSetName="import")
    assert [c["ResourceChange"]["Action"] for c in told["Changes"]] == ["Import"]
    stack.client.execute_change_set(StackName=stack.name, ChangeSetName="import")
    stack.wait("stack_import_complete")
    assert stack.ids()["Old"] == url
    stack.delete()
    assert queues.get_queue_url(QueueName=f"{name}-old")["QueueUrl"] == url
    queues.delete_queue(QueueUrl=url)
