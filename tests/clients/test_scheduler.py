"""EventBridge Scheduler as boto3 and the aws CLI see it, on a clock that is moved."""

import datetime
import json

import aws_cli
import aws_clients
import matinee_server
import pytest
from botocore.exceptions import ClientError
from moved_clock import Clock

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/scheduler"
OFF = {"Mode": "OFF"}


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"]) as server:
        yield server


@pytest.fixture
def scheduler(server):
    return aws_clients.client("scheduler", server.url)


@pytest.fixture
def queue(server):
    sqs = aws_clients.client("sqs", server.url)
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url,
                                   AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def bodies():
        """What arrives: deliveries are under way for a moment when the clock stands again."""
        found = []
        for _ in range(20):
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10,
                                           WaitTimeSeconds=1 if not found else 0)
            if not messages.get("Messages"):
                break
            for message in messages["Messages"]:
                found.append(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    bodies.arn = arn
    return bodies


@pytest.fixture
def clock(server):
    return Clock(server)


def at(time):
    return f"at({time.strftime('%Y-%m-%dT%H:%M:%S')})"


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_schedule_is_made_told_changed_listed_and_deleted(scheduler, queue):
    arn = scheduler.create_schedule(
        Name="nightly", ScheduleExpression="cron(0 2 * * ? *)", FlexibleTimeWindow=OFF,
        ScheduleExpressionTimezone="Europe/Berlin", Description="cleans up",
        Target={"Arn": queue.arn, "RoleArn": ROLE, "Input": "clean"})["ScheduleArn"]
    assert arn == "arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly"
    told = scheduler.get_schedule(Name="nightly")
    assert told["State"] == "ENABLED" and told["ActionAfterCompletion"] == "NONE"
    assert told["Target"] == {"Arn": queue.arn, "RoleArn": ROLE, "Input": "clean",
                              "RetryPolicy": {"MaximumEventAgeInSeconds": 86400,
                                              "MaximumRetryAttempts": 185}}
    assert isinstance(told["CreationDate"], datetime.datetime)
    scheduler.update_schedule(Name="nightly", ScheduleExpression="rate(1 day)",
                              FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5},
                              State="DISABLED", Target={"Arn": queue.arn, "RoleArn": ROLE})
    told = scheduler.get_schedule(Name="nightly", GroupName="default")
    assert "Description" not in told and "Input" not in told["Target"]
    assert told["ScheduleExpressionTimezone"] == "UTC"
    assert [one["Name"] for one in scheduler.list_schedules(State="DISABLED")["Schedules"]] == [
        "nightly"]
    assert scheduler.list_schedules(NamePrefix="x")["Schedules"] == []
    scheduler.delete_schedule(Name="nightly")
    assert refused(scheduler.get_schedule, Name="nightly") == (
        "ResourceNotFoundException", "Schedule nightly does not exist.")


def test_groups_have_tags_and_pages_and_take_their_schedules_along(scheduler, queue):
    for name in ("one", "two", "three"):
        scheduler.create_schedule_group(Name=name, Tags=[{"Key": "team", "Value": "night"}])
    pages = scheduler.get_paginator("list_schedule_groups").paginate(
        PaginationConfig={"PageSize": 1})
    names = [group["Name"] for page in pages for group in page["ScheduleGroups"]]
    assert names == ["default", "one", "three", "two"]
    arn = scheduler.get_schedule_group(Name="one")["Arn"]
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "cost", "Value": "1"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [
        {"Key": "cost", "Value": "1"}]
    scheduler.create_schedule(Name="s", GroupName="one", ScheduleExpression="rate(1 day)",
                              FlexibleTimeWindow=OFF, Target={"Arn": queue.arn, "RoleArn": ROLE})
    scheduler.delete_schedule_group(Name="one")
    for _ in range(1000):
        try:
            assert scheduler.get_schedule_group(Name="one")["State"] == "DELETING"
        except scheduler.exceptions.ResourceNotFoundException:
            break
    assert refused(scheduler.get_schedule, Name="s", GroupName="one")[0] == (
        "ResourceNotFoundException")


def test_broken_requests_are_told_in_words(scheduler, queue):
    target = {"Arn": queue.arn, "RoleArn": ROLE}
    create = scheduler.create_schedule
    assert refused(create, Name="a", ScheduleExpression="rate(1 week)", FlexibleTimeWindow=OFF,
                   Target=target) == ("ValidationException",
                                      "Invalid Schedule Expression rate(1 week).")
    code, message = refused(create, Name="a b", ScheduleExpression="rate(1 day)",
                            FlexibleTimeWindow={"Mode": "MAYBE"}, Target=target)
    assert code == "ValidationException" and message.startswith("2 validation errors detected")
    create(Name="a", ScheduleExpression="rate(1 day)", FlexibleTimeWindow=OFF, Target=target)
    assert refused(create, Name="a", ScheduleExpression="rate(1 day)", FlexibleTimeWindow=OFF,
                   Target=target) == ("ConflictException", "Schedule a already exists.")
    code, message = refused(create, Name="f", ScheduleExpression="rate(1 day)",
                            FlexibleTimeWindow=OFF,
                            Target={"Arn": "arn:aws:kinesis:us-east-1:000000000000:stream/s",
                                    "RoleArn": ROLE})
    assert code == "ValidationException" and "does not serve" in message


def test_tomorrows_schedule_fires_today_and_deletes_itself(clock, scheduler, queue):
    when = clock.now() + datetime.timedelta(hours=20)
    scheduler.create_schedule(Name="once", ScheduleExpression=at(when), FlexibleTimeWindow=OFF,
                              ActionAfterCompletion="DELETE",
                              Target={"Arn": queue.arn, "RoleArn": ROLE,
                                      "Input": "it is <aws.scheduler.scheduled-time>"})
    clock.advance(days=1)
    assert queue() == [f"it is {when.strftime('%Y-%m-%dT%H:%M:%SZ')}"]
    assert scheduler.list_schedules()["Schedules"] == []


def test_a_schedule_fires_between_its_start_and_its_end_and_then_deletes_itself(
        clock, scheduler, queue):
    now = clock.now().replace(microsecond=0)
    day = datetime.timedelta(days=1)
    for name, action in (("goes", "DELETE"), ("stays", "NONE")):
        scheduler.create_schedule(
            Name=name, ScheduleExpression="rate(1 day)", FlexibleTimeWindow=OFF,
            StartDate=now + day, EndDate=now + 3 * day, ActionAfterCompletion=action,
            Target={"Arn": queue.arn, "RoleArn": ROLE,
                    "Input": f"{name} <aws.scheduler.scheduled-time>"})
    clock.set(now + day - datetime.timedelta(seconds=1))
    assert queue() == []
    clock.set(now + 2.5 * day)
    assert len(scheduler.list_schedules()["Schedules"]) == 2
    clock.set(now + 4 * day)
    assert sorted(queue()) == [
        f"{name} {(now + count * day).strftime('%Y-%m-%dT%H:%M:%SZ')}"
        for name in ("goes", "stays") for count in (1, 2, 3)]
    assert [one["Name"] for one in scheduler.list_schedules()["Schedules"]] == ["stays"]


def test_a_flexible_window_lets_it_fire_later_but_says_when_it_was_scheduled(
        server, clock, scheduler, queue):
    when = clock.now().replace(microsecond=0) + datetime.timedelta(hours=1)
    for number in range(20):
        scheduler.create_schedule(
            Name=f"s{number}", ScheduleExpression=at(when),
            FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
            Target={"Arn": queue.arn, "RoleArn": ROLE, "Input": "<aws.scheduler.scheduled-time>"})
    sqs = aws_clients.client("sqs", server.url)
    url = sqs.get_queue_url(QueueName="queue")["QueueUrl"]
    clock.set(when + datetime.timedelta(minutes=15))
    sent = []
    while len(sent) < 20:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5,
                                           AttributeNames=["SentTimestamp"])["Messages"]:
            assert message["Body"] == when.strftime("%Y-%m-%dT%H:%M:%SZ")
            sent.append(int(message["Attributes"]["SentTimestamp"]) / 1000 - when.timestamp())
    assert all(0 <= late < 15 * 60 for late in sent)
    assert len({late // 60 for late in sent}) > 3


def test_a_repeated_call_is_known_by_its_token(clock, scheduler, queue):
    target = {"Arn": queue.arn, "RoleArn": ROLE}
    hourly = {"Name": "s", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": OFF,
              "Target": target}
    scheduler.create_schedule(**hourly, ClientToken="create")
    scheduler.create_schedule(**hourly, ClientToken="create")
    assert refused(scheduler.create_schedule, **hourly, ClientToken="other")[0] == (
        "ConflictException")
    changed = {**hourly, "ScheduleExpression": "rate(2 hours)"}
    scheduler.update_schedule(**changed, ClientToken="update")
    modified = scheduler.get_schedule(Name="s")["LastModificationDate"]
    clock.advance(minutes=1)
    scheduler.update_schedule(**changed, ClientToken="update")
    assert scheduler.get_schedule(Name="s")["LastModificationDate"] == modified
    assert refused(scheduler.update_schedule, **hourly, ClientToken="update")[0] == (
        "ConflictException")
    scheduler.delete_schedule(Name="s", ClientToken="delete")
    scheduler.delete_schedule(Name="s", ClientToken="delete")
    assert refused(scheduler.delete_schedule, Name="s", ClientToken="other")[0] == (
        "ResourceNotFoundException")
    # What was made since then is not what the call was about.
    scheduler.create_schedule(**hourly, ClientToken="again")
    scheduler.delete_schedule(Name="s", ClientToken="delete")
    assert scheduler.get_schedule(Name="s")["State"] == "ENABLED"
    scheduler.create_schedule_group(Name="g", ClientToken="create")
    scheduler.create_schedule_group(Name="g", ClientToken="create")
    scheduler.delete_schedule_group(Name="g", ClientToken="delete")
    scheduler.delete_schedule_group(Name="g", ClientToken="delete")


def test_universal_targets_are_operations_of_any_service(server, clock, scheduler):
    calls = {
        "dynamodb:putItem": {"TableName": "films", "Item": {"id": {"S": "a"}, "n": {"N": "1"}}},
        "s3:putObject": {"Bucket": "bucket", "Key": "k", "ContentType": "text/x"},
        "sns:publish": {"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:topic", "Message": "m"},
        "ssm:putParameter": {"Name": "p", "Value": "v", "Type": "String"},
        "cloudwatchlogs:createLogGroup": {"LogGroupName": "group"},
        "secretsmanager:createSecret": {"Name": "secret", "SecretString": "s"},
        "kms:createAlias": {"AliasName": "alias/scheduled"},
        "iam:createUser": {"UserName": "user"},
        "eventbridge:putRule": {"Name": "rule", "EventPattern": '{"source": ["s"]}'}}
    client = lambda service, **config: aws_clients.client(  # noqa: E731
        service, server.url, **config)
    dynamodb, sqs, sns = client("dynamodb"), client("sqs"), client("sns")
    s3 = client("s3", s3={"addressing_style": "path"})
    dynamodb.create_table(TableName="films", BillingMode="PAY_PER_REQUEST",
                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    s3.create_bucket(Bucket="bucket")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    url = sqs.create_queue(QueueName="heard", Attributes={"Policy": json.dumps({
        "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage", "Resource": "*"}})})["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs",
                  Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:heard")
    calls["kms:createAlias"]["TargetKeyId"] = client("kms").create_key()["KeyMetadata"]["KeyId"]
    when = clock.now() + datetime.timedelta(minutes=5)
    for operation, given in calls.items():
        scheduler.create_schedule(
            Name=operation.replace(":", "-"), ScheduleExpression=at(when), FlexibleTimeWindow=OFF,
            Target={"Arn": f"arn:aws:scheduler:::aws-sdk:{operation}", "RoleArn": ROLE,
                    "Input": json.dumps(given)})
    clock.advance(minutes=6)
    heard = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert [json.loads(message["Body"])["Message"] for message in heard] == ["m"]
    assert dynamodb.get_item(TableName="films", Key={"id": {"S": "a"}})["Item"]["n"] == {"N": "1"}
    assert s3.head_object(Bucket="bucket", Key="k")["ContentType"] == "text/x"
    assert client("ssm").get_parameter(Name="p")["Parameter"]["Value"] == "v"
    groups = client("logs").describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["group"]
    assert client("secretsmanager").get_secret_value(SecretId="secret")["SecretString"] == "s"
    assert client("kms").describe_key(KeyId="alias/scheduled")["KeyMetadata"]["Enabled"]
    assert client("iam").get_user(UserName="user")["User"]["UserName"] == "user"
    assert client("events").describe_rule(Name="rule")["State"] == "ENABLED"


def test_universal_targets_that_cannot_be_called_are_refused(scheduler):
    def refusal(operation, given="{}"):
        return refused(scheduler.create_schedule, Name="s", ScheduleExpression="rate(1 day)",
                       FlexibleTimeWindow=OFF, Target={
                           "Arn": f"arn:aws:scheduler:::aws-sdk:{operation}", "RoleArn": ROLE,
                           "Input": given})
    for operation in ("sqs:receiveMessage", "dynamodb:getItem", "s3:listBuckets"):
        code, message = refusal(operation)
        assert code == "ValidationException" and "only reads" in message
    assert "not an operation that Matinee serves" in refusal("ec2:startInstances")[1]
    assert "not an operation that Matinee serves" in refusal("sqs:sendPigeon")[1]
    assert "not a JSON object" in refusal("sqs:sendMessage", "[1]")[1]


def test_the_aws_cli_makes_and_lists_schedules(server, queue, tmp_path):
    cli = aws_cli.Cli(server.url, tmp_path)
    target = json.dumps({"Arn": queue.arn, "RoleArn": ROLE})
    cli("scheduler", "create-schedule", "--name", "cli", "--schedule-expression", "rate(5 minutes)",
        "--flexible-time-window", "Mode=OFF", "--target", target)
    listed = cli("scheduler", "list-schedules")["Schedules"]
    assert [one["Name"] for one in listed] == ["cli"]
