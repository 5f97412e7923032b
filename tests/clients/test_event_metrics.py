"""What rules and schedules count for CloudWatch, a minute at a time."""

import datetime
import json

import aws_clients
import matinee_server
import moved_clock
import pytest

ACCOUNT = "000000000000"
OPEN = json.dumps({"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}})


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("metrics") / "data",
                               arguments=["--clock", "paused"]) as server:
        yield server


@pytest.fixture(scope="module")
def events(server):
    return aws_clients.client("events", server.url)


@pytest.fixture
def queue(server, name):
    """Makes a queue to which services may send, and gives its ARN."""
    sqs = aws_clients.client("sqs", server.url)

    def make(suffix):
        sqs.create_queue(QueueName=name + suffix, Attributes={"Policy": OPEN})
        return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}{suffix}"

    return make


def totals(server, namespace, **dimensions):
    """Of each metric with exactly these dimensions: the sum of the last ten minutes."""
    cloudwatch = aws_clients.client("cloudwatch", server.url)
    now = moved_clock.Clock(server).now()
    wanted = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    metrics = [metric for metric in cloudwatch.list_metrics(Namespace=namespace)["Metrics"]
               if sorted(d["Name"] + d["Value"] for d in metric["Dimensions"]) ==
               sorted(d["Name"] + d["Value"] for d in wanted)]
    return {metric["MetricName"]: sum(point["Sum"] for point in cloudwatch.get_metric_statistics(
        Namespace=namespace, MetricName=metric["MetricName"], Dimensions=wanted, Period=60,
        Statistics=["Sum"], StartTime=now - datetime.timedelta(minutes=10),
        EndTime=now + datetime.timedelta(minutes=1))["Datapoints"]) for metric in metrics}


def put_rule(events, name, targets, bus="default"):
    events.put_rule(Name=name, EventBusName=bus,
                    EventPattern=json.dumps({"source": [name]}))
    events.put_targets(Rule=name, EventBusName=bus, Targets=[
        {"Id": str(number), **target} for number, target in enumerate(targets)])


def put_events(events, sources, bus="default"):
    events.put_events(Entries=[{"Source": source, "DetailType": "t", "Detail": "{}",
                                "EventBusName": bus} for source in sources])


def test_a_rule_counts_what_it_has_sent_and_what_failed(server, events, queue, name):
    good, dead = queue("-good"), queue("-dead")
    put_rule(events, name, [
        {"Arn": good}, {"Arn": good + "-gone", "DeadLetterConfig": {"Arn": dead}},
        {"Arn": good + "-gone-too"}])
    before = totals(server, "AWS/Events")
    put_events(events, [name, name, "nobody", name])
    moved_clock.Clock(server).advance(minutes=2)
    assert totals(server, "AWS/Events", RuleName=name) == {
        "TriggeredRules": 3, "Invocations": 9, "FailedInvocations": 6, "InvocationAttempts": 9,
        "SuccessfulInvocationAttempts": 3, "InvocationsSentToDlq": 3}
    after = totals(server, "AWS/Events")
    assert {metric: after[metric] - before.get(metric, 0) for metric in after} == {
        "MatchedEvents": 3, "TriggeredRules": 3, "Invocations": 9, "InvocationsCreated": 9,
        "InvocationAttempts": 9, "SuccessfulInvocationAttempts": 3}


def test_a_bus_of_ones_own_is_told_by_its_name(server, events, queue, name):
    events.create_event_bus(Name=name)
    put_rule(events, name, [{"Arn": queue("-good")}], bus=name)
    put_events(events, [name, name], bus=name)
    moved_clock.Clock(server).advance(minutes=2)
    assert totals(server, "AWS/Events", RuleName=name) == {}
    assert totals(server, "AWS/Events", RuleName=name, EventBusName=name) == {
        "TriggeredRules": 2, "Invocations": 2, "InvocationAttempts": 2,
        "SuccessfulInvocationAttempts": 2}
    assert totals(server, "AWS/Events", EventBusName=name) == {
        "MatchedEvents": 2, "InvocationAttempts": 2, "SuccessfulInvocationAttempts": 2}


def test_a_group_of_schedules_counts_tries_errors_and_dead_letters(server, queue, name):
    role = aws_clients.client("iam", server.url).create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"},
            "Action": "sts:AssumeRole"}}))["Role"]["Arn"]
    scheduler = aws_clients.client("scheduler", server.url)
    scheduler.create_schedule_group(Name=name)
    good, dead = queue("-good"), queue("-dead")
    soon = moved_clock.Clock(server).now() + datetime.timedelta(minutes=1)
    at = f"at({soon:%Y-%m-%dT%H:%M:%S})"
    for number, target in enumerate([
            {"Arn": good}, {"Arn": good}, {"Arn": good + "-gone"},
            {"Arn": good + "-gone", "DeadLetterConfig": {"Arn": dead}},
            {"Arn": good + "-gone", "DeadLetterConfig": {"Arn": dead + "-gone"}}]):
        scheduler.create_schedule(
            Name=f"{name}-{number}", GroupName=name, ScheduleExpression=at,
            FlexibleTimeWindow={"Mode": "OFF"}, Target={
                "RoleArn": role, "RetryPolicy": {"MaximumRetryAttempts": 0}, **target})
    moved_clock.Clock(server).advance(minutes=4)
    found = totals(server, "AWS/Scheduler", ScheduleGroup=name)
    lost = {metric: found.pop(metric) for metric in list(found) if "FailedToBeSent" in metric}
    assert found == {
        "InvocationAttemptCount": 5, "TargetErrorCount": 3, "InvocationDroppedCount": 3,
        "InvocationsSentToDeadLetterCount": 1}
    assert lost.pop("InvocationsFailedToBeSentToDeadLetterCount") == 1
    [(of_code, count)] = lost.items()
    assert of_code.startswith("InvocationsFailedToBeSentToDeadLetterCount_") and count == 1
