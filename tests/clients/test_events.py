"""Event buses as boto3 sees them: rules, targets, what queues get, archives, and who may."""

import datetime
import json
import subprocess

import aws_clients
import matinee_server
import pytest
from botocore.exceptions import ClientError
from polling import eventually

ROLE = "arn:aws:iam::000000000000:role/events"
OTHER = {"aws_access_key_id": aws_clients.OTHER_ACCOUNT, "aws_secret_access_key": "secret"}


@pytest.fixture(scope="module")
def events(endpoint):
    return aws_clients.client("events", endpoint)


@pytest.fixture(scope="module")
def sqs_client(endpoint):
    return aws_clients.client("sqs", endpoint)


@pytest.fixture
def queue(sqs_client, name):
    return make_queue(sqs_client, name)


def make_queue(sqs, name, **attributes):
    """A queue that rules may send to: its URL and ARN."""
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])[
        "Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                       "Action": "sqs:SendMessage", "Resource": arn}]})})
    return url, arn


def receive(sqs, url):
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages", [])
    assert len(messages) == 1
    return messages[0]["Body"]


def error_of(call):
    """Code and message of the error that a call is answered with."""
    with pytest.raises(ClientError) as raised:
        call()
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def rule_to(events, name, target, pattern=None, bus="default"):
    arn = events.put_rule(Name=name, EventBusName=bus,
                          EventPattern=json.dumps(pattern or {"source": [name]}))["RuleArn"]
    answer = events.put_targets(Rule=name, EventBusName=bus, Targets=[target])
    assert answer["FailedEntryCount"] == 0 and answer["FailedEntries"] == []
    return arn


def put(events, source, detail, **more):
    answer = events.put_events(Entries=[{"Source": source, "DetailType": "Test",
                                         "Detail": json.dumps(detail), **more}])
    assert answer["FailedEntryCount"] == 0
    return answer["Entries"][0]["EventId"]


def test_a_queue_gets_the_event_of_its_rule(events, sqs_client, queue, name):
    rule_to(events, name, {"Id": "q", "Arn": queue[1]})
    event_id = put(events, name, {"n": 1}, Resources=["arn:x"],
                   Time=datetime.datetime(2026, 1, 2, 3, 4, 5, 6, datetime.UTC))
    body = receive(sqs_client, queue[0])
    assert list(json.loads(body)) == ["version", "id", "detail-type", "source", "account", "time",
                                      "region", "resources", "detail"]
    event = json.loads(body)
    assert event["id"] == event_id and event["time"] == "2026-01-02T03:04:05Z"
    assert event["detail"] == {"n": 1} and event["resources"] == ["arn:x"]


def test_a_transformer_makes_the_message_of_a_fifo_queue(events, sqs_client, name):
    url, arn = make_queue(sqs_client, name + ".fifo", FifoQueue="true")
    assert error_of(lambda: rule_to(events, name, {"Id": "q", "Arn": arn})) == (
        "ValidationException", "Parameter(s) SqsParameters must be specified for target: q.")
    rule_to(events, name, {
        "Id": "q", "Arn": arn, "SqsParameters": {"MessageGroupId": "g"},
        "InputTransformer": {"InputPathsMap": {"x": "$.detail.x"},
                             "InputTemplate": '{"x": <x>, "rule": "<aws.events.rule-name>"}'}})
    put(events, name, {"x": [1, 2]})
    assert json.loads(receive(sqs_client, url)) == {"x": [1, 2], "rule": name}


def test_one_bus_sends_to_another_in_another_region_under_a_new_id(endpoint, events, sqs_client,
                                                                   name):
    west = aws_clients.client("events", endpoint, region="us-west-2")
    url, arn = make_queue(aws_clients.client("sqs", endpoint, region="us-west-2"), name)
    bus = west.create_event_bus(Name=name)["EventBusArn"]
    rule_to(west, name, {"Id": "q", "Arn": arn}, bus=name)
    rule_to(events, name, {"Id": "b", "Arn": bus, "RoleArn": ROLE})
    event_id = put(events, name, {})
    event = json.loads(receive(aws_clients.client("sqs", endpoint, region="us-west-2"), url))
    assert event["region"] == "us-east-1" and event["id"] != event_id


def test_another_account_needs_the_policy_of_the_bus(endpoint, events, name):
    bus = events.create_event_bus(Name=name)["EventBusArn"]
    other = aws_clients.client("events", endpoint, credentials=OTHER)
    with pytest.raises(ClientError) as refused:
        put(other, name, {}, EventBusName=bus)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    events.put_permission(EventBusName=name, Action="events:PutEvents",
                          Principal=aws_clients.OTHER_ACCOUNT, StatementId="let")
    policy = json.loads(events.describe_event_bus(Name=name)["Policy"])
    assert policy["Statement"] == [{
        "Sid": "let", "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{aws_clients.OTHER_ACCOUNT}:root"},
        "Action": "events:PutEvents", "Resource": bus}]
    put(other, name, {}, EventBusName=bus)
    events.remove_permission(EventBusName=name, StatementId="let")
    assert "Policy" not in events.describe_event_bus(Name=name)


def test_buses_are_made_listed_and_deleted(events, name):
    events.create_event_bus(Name=name, Description="d", Tags=[{"Key": "k", "Value": "v"}])
    listed = events.list_event_buses(NamePrefix=name)["EventBuses"]
    assert [bus["Name"] for bus in listed] == [name]
    assert events.list_event_buses(NamePrefix="default")["EventBuses"][0]["Name"] == "default"
    assert events.list_tags_for_resource(ResourceARN=listed[0]["Arn"])["Tags"] == [
        {"Key": "k", "Value": "v"}]
    assert error_of(lambda: events.create_event_bus(Name=name)) == (
        "ResourceAlreadyExistsException", f"Event bus {name} already exists.")
    events.delete_event_bus(Name=name)
    assert error_of(lambda: events.describe_event_bus(Name=name)) == (
        "ResourceNotFoundException", f"Event bus {name} does not exist.")
    assert error_of(lambda: events.delete_event_bus(Name="default")) == (
        "ValidationException", "Cannot delete event bus default.")


def test_rules_and_targets_are_listed_in_pages(events, queue, name):
    for number in range(5):
        rule_to(events, f"{name}-{number}", {"Id": "q", "Arn": queue[1]})
    first = events.list_rule_names_by_target(TargetArn=queue[1], Limit=2)
    second = events.list_rule_names_by_target(TargetArn=queue[1], Limit=2,
                                              NextToken=first["NextToken"])
    third = events.list_rule_names_by_target(TargetArn=queue[1], Limit=2,
                                             NextToken=second["NextToken"])
    assert first["RuleNames"] + second["RuleNames"] + third["RuleNames"] == [
        f"{name}-{number}" for number in range(5)]
    assert "NextToken" not in third
    page = events.list_rules(NamePrefix=name, Limit=3)
    assert len(page["Rules"]) == 3 and "CreatedBy" not in page["Rules"][0]
    assert len(events.list_rules(NamePrefix=name, NextToken=page["NextToken"])["Rules"]) == 2
    events.put_targets(Rule=f"{name}-0", Targets=[{"Id": "a", "Arn": queue[1],
                                                   "InputPath": "$.detail"}])
    assert events.list_targets_by_rule(Rule=f"{name}-0")["Targets"] == [
        {"Id": "a", "Arn": queue[1], "InputPath": "$.detail"}, {"Id": "q", "Arn": queue[1]}]
    assert error_of(lambda: events.delete_rule(Name=f"{name}-0")) == (
        "ValidationException", "Rule can't be deleted since it has targets.")
    events.remove_targets(Rule=f"{name}-0", Ids=["a", "q"])
    events.delete_rule(Name=f"{name}-0")
    assert error_of(lambda: events.describe_rule(Name=f"{name}-0")) == (
        "ResourceNotFoundException", f"Rule {name}-0 does not exist on EventBus default.")


def test_ids_of_targets_have_a_form(events, queue, name):
    code, message = error_of(lambda: rule_to(events, name, {"Id": "a b", "Arn": queue[1]}))
    assert code == "ValidationException"
    assert message == (
        "1 validation error detected: Value 'a b' at 'targets.1.member.id' failed to satisfy "
        r"constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+")


def test_a_log_group_takes_no_role(events, name):
    group = f"arn:aws:logs:us-east-1:000000000000:log-group:{name}"
    assert error_of(lambda: rule_to(events, name, {
        "Id": "l", "Arn": group, "RoleArn": "arn:aws:iam::000000000000:role/r"})) == (
        "ValidationException", f"RoleArn is not supported for target {group}.")


def test_patterns_are_tried(events):
    event = {"id": "1", "account": "1", "source": "s", "time": "2026-01-01T00:00:00Z",
             "region": "r", "detail-type": "t"}
    assert events.test_event_pattern(EventPattern='{"source": ["s"]}', Event=json.dumps(event))[
        "Result"]
    assert error_of(lambda: events.test_event_pattern(EventPattern='{"source": ["s"]}',
                                                      Event="{}")) == (
        "ValidationException", "Parameter Event is not valid.")
    code, message = error_of(lambda: events.put_rule(Name="bad", EventPattern='{"a": "b"}'))
    assert code == "InvalidEventPatternException"
    assert message.startswith('Event pattern is not valid. Reason: "a" must be an object')


def test_archives_and_replays_answer_as_aws(events, name):
    bus = events.create_event_bus(Name=name)["EventBusArn"]
    made = events.create_archive(ArchiveName=name, EventSourceArn=bus, RetentionDays=1)
    assert made["State"] == "ENABLED"
    put(events, "s", {}, EventBusName=name)
    archive = events.describe_archive(ArchiveName=name)
    assert archive["EventCount"] == 1 and "Description" not in archive
    assert "ArchiveArn" not in events.list_archives(NamePrefix=name)["Archives"][0]
    now = datetime.datetime.now(datetime.UTC)
    hour = datetime.timedelta(hours=1)
    started = events.start_replay(ReplayName=name, EventSourceArn=made["ArchiveArn"],
                                  EventStartTime=now - hour, EventEndTime=now + hour,
                                  Destination={"Arn": bus})
    assert started["State"] == "STARTING"
    assert error_of(lambda: events.start_replay(
        ReplayName=name + "2", EventSourceArn=made["ArchiveArn"], EventStartTime=now,
        EventEndTime=now, Destination={"Arn": bus})) == (
        "ValidationException",
        "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.")
    assert events.describe_replay(ReplayName=name)["Destination"]["Arn"] == bus
    assert error_of(lambda: events.update_archive(ArchiveName="none")) == (
        "ValidationException",
        "At least one of EventPattern, RetentionDays or Description must be provided.")


def test_a_failed_delivery_goes_to_the_dead_letters_with_its_reasons(events, sqs_client, queue,
                                                                     name):
    rule = rule_to(events, name, {
        "Id": "q", "Arn": queue[1] + "-gone", "DeadLetterConfig": {"Arn": queue[1]},
        "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}})
    put(events, name, {})
    message = sqs_client.receive_message(QueueUrl=queue[0], WaitTimeSeconds=10,
                                         MessageAttributeNames=["All"])["Messages"][0]
    attributes = {key: value["StringValue"]
                  for key, value in message["MessageAttributes"].items()}
    assert attributes["RULE_ARN"] == rule and attributes["TARGET_ARN"] == queue[1] + "-gone"
    assert attributes["RETRY_ATTEMPTS"] == "0" and attributes["ERROR_CODE"] == "NO_RESOURCE"


def test_a_log_group_gets_each_event_in_a_stream_of_its_own(endpoint, events, name):
    logs = aws_clients.client("logs", endpoint)
    logs.create_log_group(logGroupName=name)
    group = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["logGroupArn"]
    logs.put_resource_policy(policyName=name, policyDocument=json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                       "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                       "Resource": group + ":*"}]}))
    rule_to(events, name, {"Id": "l", "Arn": group})
    ids = [put(events, name, {"n": number}) for number in range(2)]

    def both():
        found = logs.filter_log_events(logGroupName=name)["events"]
        return found if len(found) == 2 else None

    found = eventually(both)
    assert sorted(json.loads(event["message"])["id"] for event in found) == sorted(ids)
    assert len({event["logStreamName"] for event in found}) == 2


def test_a_daily_rule_fires_when_the_clock_is_moved(tmp_path, name):
    with matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"]) as server:
        events = aws_clients.client("events", server.url)
        sqs = aws_clients.client("sqs", server.url)
        url, arn = make_queue(sqs, name)
        rule = events.put_rule(Name=name, ScheduleExpression="cron(0 12 * * ? *)")["RuleArn"]
        events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": arn}])
        subprocess.run([matinee_server.find_binary(), "clock", "advance", "1d", "--cloud",
                        server.url], check=True, timeout=60, capture_output=True)
        event = json.loads(receive(sqs, url))
        assert event["detail-type"] == "Scheduled Event" and event["source"] == "aws.events"
        assert event["time"].endswith("T12:00:00Z") and event["resources"] == [rule]
        assert event["detail"] == {}


def test_policies_decide_where_iam_is_enforced(tmp_path, name):
    with matinee_server.Server(tmp_path / "data", arguments=["--iam", "enforce"]) as server:
        root = {"aws_access_key_id": aws_clients.OTHER_ACCOUNT, "aws_secret_access_key": "secret"}
        iam = aws_clients.client("iam", server.url, credentials=root)
        iam.create_user(UserName=name)
        account = aws_clients.OTHER_ACCOUNT
        statements = [
            {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*",
             "Condition": {"StringEquals": {"events:source": "mine"}}},
            {"Effect": "Allow", "Action": "events:PutRule",
             "Resource": [f"arn:aws:events:us-east-1:{account}:rule/mine-*",
                          f"arn:aws:events:us-east-1:{account}:rule/b/mine-*"]}]
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": statements}))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        events = aws_clients.client("events", server.url, credentials={
            "aws_access_key_id": key["AccessKeyId"],
            "aws_secret_access_key": key["SecretAccessKey"]})
        bus = aws_clients.client("events", server.url, credentials=root).create_event_bus(
            Name="b")["EventBusArn"]
        put(events, "mine", {})
        assert error_of(lambda: put(events, "yours", {}))[0] == "AccessDeniedException"
        pattern = '{"source":["mine"]}'
        events.put_rule(Name="mine-1", EventPattern=pattern)
        events.put_rule(Name="mine-1", EventPattern=pattern, EventBusName="default")
        events.put_rule(Name="mine-1", EventPattern=pattern, EventBusName="b")
        events.put_rule(Name="mine-1", EventPattern=pattern, EventBusName=bus)
        for more in ({}, {"EventBusName": "b"}, {"EventBusName": bus}):
            code, message = error_of(
                lambda more=more: events.put_rule(Name="yours", EventPattern=pattern, **more))
            assert code == "AccessDeniedException"
            assert ("rule/b/yours" if more else "rule/yours") in message
        assert error_of(lambda: events.list_rules())[0] == "AccessDeniedException"


def test_why_a_rule_does_not_match_is_told(matinee, events, name, tmp_path):
    rule = events.put_rule(Name=name, EventPattern='{"source":["a"]}')["RuleArn"]
    file = tmp_path / "event.json"
    file.write_text(json.dumps({"source": "b", "detail-type": "t", "detail": {}}))
    run = subprocess.run([matinee_server.find_binary(), "why", "--rule", rule, "--event", str(file),
                          "--cloud", matinee.url], capture_output=True, text=True, timeout=60)
    assert 'source is "b" and must be "a"' in run.stdout, run.stdout + run.stderr
