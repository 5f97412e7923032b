"""Limits of EventBridge, what it refuses, and the words of its dead letters."""

import json

import aws_clients
import pytest
from botocore.exceptions import ClientError

OTHER = aws_clients.OTHER_ACCOUNT
ROLE = "arn:aws:iam::000000000000:role/events"
MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def events(endpoint):
    return aws_clients.client("events", endpoint)


@pytest.fixture(scope="module")
def sqs_client(endpoint):
    return aws_clients.client("sqs", endpoint)


def make_queue(sqs, name, principal="events.amazonaws.com", **attributes):
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": principal},
                      "Action": "sqs:SendMessage", "Resource": arn}})})
    return url, arn


def rule_to(events, name, target, bus="default"):
    events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps({"source": [name]}))
    events.put_targets(Rule=name, EventBusName=bus, Targets=[target])


def put(events, source, detail="{}", **more):
    return events.put_events(Entries=[{"Source": source, "DetailType": "t", "Detail": detail,
                                       **more}])


def error_of(call):
    with pytest.raises(ClientError) as raised:
        call()
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def detail_of(size):
    return json.dumps({"x": "x" * (size - len('{"x": ""}'))})


def dead_letter(sqs, url):
    [message] = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10,
                                    MessageAttributeNames=["All"])["Messages"]
    return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}


def test_entries_may_have_a_mebibyte_together(events, name):
    size = MEBIBYTE - len(name) - len("t")
    assert put(events, name, detail_of(size))["FailedEntryCount"] == 0
    assert error_of(lambda: put(events, name, detail_of(size + 1))) == (
        "ValidationException", "Total size of the entries in the request is over the limit.")
    # Quotes take two bytes on their way.
    assert put(events, name, json.dumps({"x": '"' * (size // 4)}))["FailedEntryCount"] == 0


def test_a_large_event_reaches_a_queue_and_is_too_long_for_a_topic(endpoint, events, sqs_client,
                                                                   name):
    url, arn = make_queue(sqs_client, name)
    dead_url, dead = make_queue(sqs_client, name + "-dead")
    sns = aws_clients.client("sns", endpoint)
    topic = sns.create_topic(Name=name, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                      "Action": "sns:Publish", "Resource": "*"}})})["TopicArn"]
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    events.put_targets(Rule=name, Targets=[
        {"Id": "q", "Arn": arn}, {"Id": "t", "Arn": topic, "DeadLetterConfig": {"Arn": dead}}])
    put(events, name, detail_of(MEBIBYTE - 1000))
    [message] = sqs_client.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    assert len(message["Body"]) > MEBIBYTE - 1000
    reasons = dead_letter(sqs_client, dead_url)
    assert reasons["ERROR_CODE"] == "INVALID_PARAMETER" and reasons["TARGET_ARN"] == topic
    assert "Message too long" in reasons["ERROR_MESSAGE"]
    assert "EXHAUSTED_RETRY_CONDITION" not in reasons
    sns.set_topic_attributes(TopicArn=topic, AttributeName="MaximumMessageSize",
                             AttributeValue=str(MEBIBYTE))
    inbox = make_queue(sqs_client, name + "-in", "sns.amazonaws.com")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=inbox[1],
                  Attributes={"RawMessageDelivery": "true"})
    put(events, name, detail_of(MEBIBYTE - 1000))
    [message] = sqs_client.receive_message(QueueUrl=inbox[0], WaitTimeSeconds=10)["Messages"]
    assert len(message["Body"]) > MEBIBYTE - 1000


@pytest.mark.parametrize("policy, suffix, code", [
    (True, "-gone", "NO_RESOURCE"), (False, "", "NO_RESOURCE")])
def test_dead_letters_say_why_in_the_words_of_events(events, sqs_client, name, policy, suffix,
                                                     code):
    url, arn = make_queue(sqs_client, name)
    if not policy:
        sqs_client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    dead_url, dead = make_queue(sqs_client, name + "-dead")
    rule_to(events, name, {"Id": "q", "Arn": arn + suffix, "DeadLetterConfig": {"Arn": dead}})
    put(events, name)
    reasons = dead_letter(sqs_client, dead_url)
    assert reasons["ERROR_CODE"] == code and reasons["RETRY_ATTEMPTS"] == "0"


def test_an_event_does_not_go_on_to_a_third_region(endpoint, events, sqs_client, name):
    west = aws_clients.client("events", endpoint, region="us-west-2")
    east2 = aws_clients.client("events", endpoint, region="us-east-2")
    queues = aws_clients.client("sqs", endpoint, region="us-west-2")
    third = east2.create_event_bus(Name=name)["EventBusArn"]
    second = west.create_event_bus(Name=name)["EventBusArn"]
    dead_url = queues.create_queue(QueueName=name)["QueueUrl"]
    dead = f"arn:aws:sqs:us-west-2:000000000000:{name}"
    queues.set_queue_attributes(QueueUrl=dead_url, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                      "Action": "sqs:SendMessage", "Resource": dead}})})
    rule_to(events, name, {"Id": "b", "Arn": second, "RoleArn": ROLE})
    rule_to(west, name, {"Id": "b", "Arn": third, "RoleArn": ROLE,
                         "DeadLetterConfig": {"Arn": dead}}, bus=name)
    put(events, name)
    assert dead_letter(queues, dead_url)["ERROR_CODE"] == "THIRD_REGION_HOP_DETECTED"


@pytest.mark.parametrize("target", [
    f"arn:aws:events:us-east-1:{OTHER}:event-bus/default",
    "arn:aws:events:us-west-2:000000000000:event-bus/default",
    f"arn:aws:sqs:us-east-1:{OTHER}:q", f"arn:aws:sns:us-east-1:{OTHER}:t"])
def test_targets_of_other_accounts_and_regions_need_a_role(events, name, target):
    assert error_of(lambda: rule_to(events, name, {"Id": "x", "Arn": target})) == (
        "ValidationException", f"RoleArn is required for target {target}.")
    rule_to(events, name, {"Id": "x", "Arn": target, "RoleArn": ROLE})


def test_a_bus_of_another_account_gets_events_as_they_are(events, name):
    target = f"arn:aws:events:us-east-1:{OTHER}:event-bus/default"
    code, message = error_of(lambda: rule_to(events, name, {
        "Id": "x", "Arn": target, "RoleArn": ROLE, "InputPath": "$.detail"}))
    assert code == "ValidationException" and "event bus of another account" in message


def test_a_rule_may_have_both_a_pattern_and_a_schedule(events, name):
    events.put_rule(Name=name, EventPattern='{"source": ["s"]}', ScheduleExpression="rate(1 day)")
    events.disable_rule(Name=name)
    rule = events.describe_rule(Name=name)
    assert rule["State"] == "DISABLED" and rule["ScheduleExpression"] == "rate(1 day)"
    events.put_rule(Name=name, EventPattern='{"source": ["t"]}')
    rule = events.describe_rule(Name=name)
    assert rule["State"] == "ENABLED" and "ScheduleExpression" not in rule


@pytest.mark.parametrize("policy", [
    {"MaximumRetryAttempts": 186}, {"MaximumRetryAttempts": -1},
    {"MaximumEventAgeInSeconds": 59}, {"MaximumEventAgeInSeconds": 86_401}])
def test_retry_policies_have_limits(endpoint, name, policy):
    lenient = aws_clients.client("events", endpoint, parameter_validation=False)
    lenient.put_rule(Name=name, EventPattern='{"source": ["s"]}')
    code, _ = error_of(lambda: lenient.put_targets(Rule=name, Targets=[
        {"Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:q", "RetryPolicy": policy}]))
    assert code == "ValidationException"
