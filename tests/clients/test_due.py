"""What will happen at times that are known, for people who move the clock."""

import datetime
import json

import aws_clients
import functions_kit
import matinee_server
import own_pages
import pytest
from polling import eventually

ACCOUNT = "000000000000"
ARN = f"arn:aws:{{}}:us-east-1:{ACCOUNT}:{{}}"


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"]) as server:
        yield server


def due(server, query="", key="test"):
    return own_pages.read(server, f"due{query}", key=key)


def things(server, **more):
    return [(one["What"], one["Resource"]) for one in due(server, **more)["Due"]]


def move(server, span):
    own_pages.ask(server, "POST", f"clock?advance={span}")


def seconds(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def test_rules_and_schedules_are_due_the_earliest_first(server):
    events = aws_clients.client("events", server.url)
    scheduler = aws_clients.client("scheduler", server.url)
    assert due(server)["Due"] == []
    events.put_rule(Name="often", ScheduleExpression="rate(10 minutes)")
    queue = ARN.format("sqs", "q")
    for name, expression in [("soon", "rate(5 minutes)"), ("late", "rate(1 hour)")]:
        scheduler.create_schedule(
            Name=name, ScheduleExpression=expression, FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": queue, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"})
    schedule = ARN.format("scheduler", "schedule/default/")
    rule = ("the rule fires", ARN.format("events", "rule/often"))
    late = ("the schedule fires", schedule + "late")
    told = due(server)
    assert told["Complete"] is True
    [at] = [one["At"] for one in told["Due"] if one["Resource"] == rule[1]]
    assert 0 < seconds(at) - seconds(told["Now"]) <= 600
    found = things(server)
    assert sorted(found) == sorted([("the schedule fires", schedule + "soon"), rule, late])
    assert [one["At"] for one in told["Due"]] == sorted(one["At"] for one in told["Due"])
    first = due(server, "?max-items=1")
    assert (len(first["Due"]), first["Complete"]) == (1, False)
    assert things(server, key="111122223333") == [], "another account's"
    events.delete_rule(Name="often")
    assert rule not in things(server)
    assert own_pages.refusal(server, "GET", "due?max-items=0")[0] == 400


def test_complete_is_told_also_where_all_are_of_one_kind(server):
    scheduler = aws_clients.client("scheduler", server.url)
    for number in range(3):
        scheduler.create_schedule(
            Name=f"s{number}", ScheduleExpression="rate(1 hour)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": ARN.format("sqs", "q"), "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"})
    assert [due(server, f"?max-items={most}")["Complete"] for most in [2, 3]] == [False, True]


def test_a_late_delivery_is_due_with_and_without_an_order(server):
    sns, sqs = (aws_clients.client(service, server.url) for service in ["sns", "sqs"])
    own_pages.ask(server, "POST", "faults",
                  body={"Action": "delay", "Latency": "10m", "Service": "sqs"})
    for name, more in [("plain", {}), ("strict.fifo", {"MessageGroupId": "g",
                                                       "MessageDeduplicationId": "d"})]:
        fifo = {"FifoQueue": "true"} if more else {}
        _, arn = functions_kit.make_queue(sqs, name, **fifo)
        topic = sns.create_topic(Name=name, Attributes={"FifoTopic": "true"} if more else {})
        sns.subscribe(TopicArn=topic["TopicArn"], Protocol="sqs", Endpoint=arn)
        sns.publish(TopicArn=topic["TopicArn"], Message="hello", **more)
        [one] = [one for one in due(server)["Due"] if one["Resource"] == arn]
        assert abs(seconds(one["At"]) - seconds(due(server)["Now"]) - 600) < 1


def test_what_is_tried_again_is_due_until_it_is_over(server):
    functions = aws_clients.client("lambda", server.url)
    made = functions_kit.make_function(functions, "fails", functions_kit.python_package("1 / 0"))
    functions.invoke(FunctionName="fails", InvocationType="Event", Payload=b"{}")
    again = ("the function is called again", made["FunctionArn"])
    eventually(lambda: again in things(server))
    sqs, s3 = (aws_clients.client(service, server.url) for service in ["sqs", "s3"])
    url, arn = functions_kit.make_queue(sqs, "gone", Policy=json.dumps({"Statement": {
        "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}}))
    s3.create_bucket(Bucket="films")
    s3.put_bucket_notification_configuration(Bucket="films", NotificationConfiguration={
        "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]})
    sqs.delete_queue(QueueUrl=url)
    s3.put_object(Bucket="films", Key="metropolis")
    tried = ("a delivery from arn:aws:s3:::films is tried again", arn)
    eventually(lambda: tried in things(server))
    move(server, "5m")
    eventually(lambda: not {again, tried} & set(things(server)))
