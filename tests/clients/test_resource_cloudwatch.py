"""Composite alarms, as clients and stacks make them."""

import json

import aws_clients
import pytest
from botocore.exceptions import ClientError
from polling import eventually
from stack_kit import Stack, attribute, ref


@pytest.fixture
def cloudwatch(endpoint):
    return aws_clients.client("cloudwatch", endpoint)


def metric_alarm(cloudwatch, name):
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace=name, MetricName="m", Statistic="Sum", Period=86400,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="LessThanThreshold",
        TreatMissingData="ignore")


def composite(cloudwatch, name):
    found = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    return found["CompositeAlarms"][0]


def test_a_composite_alarm_follows_its_children(cloudwatch, name):
    first, second, both = f"{name}-1", f"{name}-2", f"{name}-both"
    metric_alarm(cloudwatch, first)
    metric_alarm(cloudwatch, second)
    rule = f'ALARM("{first}") AND NOT OK({second})'
    cloudwatch.put_composite_alarm(AlarmName=both, AlarmRule=rule,
                                   Tags=[{"Key": "k", "Value": "v"}])
    cloudwatch.get_waiter("composite_alarm_exists").wait(
        AlarmNames=[both], AlarmTypes=["CompositeAlarm"])
    made = composite(cloudwatch, both)
    assert (made["AlarmRule"], made["StateValue"]) == (rule, "OK")
    tags = cloudwatch.list_tags_for_resource(ResourceARN=made["AlarmArn"])["Tags"]
    assert tags == [{"Key": "k", "Value": "v"}]

    cloudwatch.set_alarm_state(AlarmName=first, StateValue="ALARM", StateReason="by hand")
    went_off = composite(cloudwatch, both)
    assert went_off["StateValue"] == "ALARM"
    assert " transitioned to ALARM at " in went_off["StateReason"]
    causes = json.loads(went_off["StateReasonData"])["triggeringAlarms"]
    assert [cause["arn"].rpartition(":")[2] for cause in causes] == [first]
    items = cloudwatch.describe_alarm_history(
        AlarmName=both, AlarmTypes=["CompositeAlarm"])["AlarmHistoryItems"]
    assert "Alarm updated from OK to ALARM" in [item["HistorySummary"] for item in items]

    children = cloudwatch.describe_alarms(ChildrenOfAlarmName=both)["MetricAlarms"]
    assert [child["AlarmName"] for child in children] == [first, second]
    parent, = cloudwatch.describe_alarms(ParentsOfAlarmName=second)["CompositeAlarms"]
    assert parent == {"AlarmName": both, "AlarmArn": made["AlarmArn"]}

    with pytest.raises(ClientError, match="as there are composite alarm") as error:
        cloudwatch.delete_alarms(AlarmNames=[first])
    assert error.value.response["Error"]["Code"] == "ValidationError"
    cloudwatch.delete_alarms(AlarmNames=[first, second, both])
    assert cloudwatch.describe_alarms(
        AlarmNamePrefix=name, AlarmTypes=["CompositeAlarm", "MetricAlarm"])["MetricAlarms"] == []


@pytest.mark.parametrize(("rule", "reason"), [
    ("()", r"Error in AlarmRule \[Unsupported token '\)' at char 1\]"),
    ("ALARM(no-such-alarm)", r"alarms \[no-such-alarm\] in the alarm rule do not exist"),
])
def test_a_wrong_rule_is_refused(cloudwatch, name, rule, reason):
    with pytest.raises(ClientError, match=reason) as error:
        cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=rule)
    assert error.value.response["Error"]["Code"] == "ValidationError"


def test_a_stack_has_a_composite_alarm_that_tells_a_topic(endpoint, cloudwatch, name):
    stack = Stack(endpoint, name)
    sqs = aws_clients.client("sqs", endpoint)

    def alarm():
        return {"Type": "AWS::CloudWatch::Alarm", "Properties": {
            "Namespace": name, "MetricName": "m", "Statistic": "Sum", "Period": 86400,
            "EvaluationPeriods": 1, "Threshold": 1, "TreatMissingData": "ignore",
            "ComparisonOperator": "LessThanThreshold"}}

    resources = {
        "First": alarm(), "Second": alarm(),
        "Any": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {
            "AlarmRule": {"Fn::Sub": 'ALARM("${First}") OR ALARM(${Second.Arn})'},
            "AlarmActions": [ref("Topic")]}},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {
            "Queues": [ref("Queue")], "PolicyDocument": {"Statement": [{
                "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage", "Resource": "*"}]}}},
        "Subscription": {"Type": "AWS::SNS::Subscription", "Properties": {
            "TopicArn": ref("Topic"), "Protocol": "sqs", "RawMessageDelivery": True,
            "Endpoint": attribute("Queue", "Arn")}}}
    outputs = stack.create(resources, {
        "Any": ref("Any"), "Arn": attribute("Any", "Arn"), "Second": ref("Second"),
        "Queue": ref("Queue")})
    assert outputs["Any"].startswith(f"{name}-Any-")
    assert outputs["Arn"].endswith(f":alarm:{outputs['Any']}")
    cloudwatch.set_alarm_state(AlarmName=outputs["Second"], StateValue="ALARM", StateReason="r")

    def message():
        got = sqs.receive_message(QueueUrl=outputs["Queue"], WaitTimeSeconds=5)
        return got.get("Messages")

    told = json.loads(eventually(message)[0]["Body"])
    assert (told["AlarmName"], told["NewStateValue"]) == (outputs["Any"], "ALARM")
    assert told["TriggeringChildren"][0]["State"]["Value"] == "ALARM"

    resources["Any"]["Properties"] = {"AlarmRule": "FALSE", "AlarmDescription": "changed"}
    del resources["Second"]
    stack.update(resources)
    changed = composite(cloudwatch, outputs["Any"])
    assert (changed["AlarmRule"], changed["AlarmDescription"]) == ("FALSE", "changed")
    assert (changed["StateValue"], changed["AlarmActions"]) == ("OK", [])
    stack.delete()
