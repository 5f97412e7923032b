"""EventBridge Scheduler as boto3 and the aws CLI see it, on a clock that is moved."""

import datetime
import json
import subprocess

import aws_cli
import aws_clients
import matinee_server
import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/scheduler"
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


def clock(server, *arguments):
    run = subprocess.run([matinee_server.find_binary(), "clock", *arguments, "--cloud", server.url,
                          "--format", "json"], capture_output=True, text=True, timeout=60,
                         env={"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                              "HOME": "/nonexistent"})
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


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


def test_tomorrows_schedule_fires_today_and_deletes_itself(server, scheduler, queue):
    now = datetime.datetime.fromisoformat(clock(server, "now")["Now"])
    when = (now + datetime.timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M:%S")
    scheduler.create_schedule(Name="once", ScheduleExpression=f"at({when})", FlexibleTimeWindow=OFF,
                              ActionAfterCompletion="DELETE",
                              Target={"Arn": queue.arn, "RoleArn": ROLE,
                                      "Input": "it is <aws.scheduler.scheduled-time>"})
    clock(server, "advance", "1d")
    assert queue() == [f"it is {when}Z"]
    assert scheduler.list_schedules()["Schedules"] == []


def test_the_aws_cli_makes_and_lists_schedules(server, queue, tmp_path):
    cli = aws_cli.Cli(server.url, tmp_path)
    target = json.dumps({"Arn": queue.arn, "RoleArn": ROLE})
    cli("scheduler", "create-schedule", "--name", "cli", "--schedule-expression", "rate(5 minutes)",
        "--flexible-time-window", "Mode=OFF", "--target", target)
    listed = cli("scheduler", "list-schedules")["Schedules"]
    assert [one["Name"] for one in listed] == ["cli"]
