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
    """What is due with resources: not the timers of services."""
    return [(one["What"], one["Resource"]) for one in due(server, **more)["Due"]
            if "Resource" in one]


def move(server, span):
    own_pages.ask(server, "POST", f"clock?advance={span}")


def move_to_next_timer(server):
    return own_pages.ask(server, "POST", "clock?action=next")


def seconds(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def test_rules_and_schedules_are_due_the_earliest_first(server):
    events = aws_clients.client("events", server.url)
    scheduler = aws_clients.client("scheduler", server.url)
    assert all("Resource" not in one for one in due(server)["Due"])
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
    [at] = [one["At"] for one in told["Due"] if one.get("Resource") == rule[1]]
    assert 0 < seconds(at) - seconds(told["Now"]) <= 600
    found = things(server)
    assert sorted(found) == sorted([("the schedule fires", schedule + "soon"), rule, late])
    times = [seconds(one["At"]) for one in told["Due"]]
    assert times == sorted(times)
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
    others = sum("Resource" not in one for one in due(server)["Due"])
    assert [due(server, f"?max-items={others + most}")["Complete"]
            for most in [2, 3]] == [False, True]


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
        [one] = [one for one in due(server)["Due"] if one.get("Resource") == arn]
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


def put_off_deliveries(server, count):
    """Deliveries of so many lanes, each of which waits for ten minutes."""
    own_pages.ask(server, "POST", "faults",
                  body={"Action": "delay", "Latency": "10m", "Service": "sqs"})
    sns, sqs = (aws_clients.client(service, server.url) for service in ["sns", "sqs"])
    topic = sns.create_topic(Name="late")["TopicArn"]
    for number in range(count):
        _, arn = functions_kit.make_queue(sqs, f"late{number}", Policy=functions_kit.ANYBODY)
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="hello")


def test_deliveries_are_due_of_as_many_lanes_as_there_are(server):
    put_off_deliveries(server, 100)
    told = due(server, "?max-items=500")
    late = {one["Resource"] for one in told["Due"] if "is tried again" in one["What"]}
    assert (len(late), told["Complete"]) == (100, True)
    assert due(server, "?max-items=99")["Complete"] is False


def make_what_is_due_by_the_minute(server):
    make = lambda service, **more: aws_clients.client(service, server.url, **more)  # noqa: E731
    make("cloudwatch").put_metric_alarm(
        AlarmName="a", Namespace="n", MetricName="m", Statistic="Sum", Period=60, Threshold=1,
        EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold")
    make("events").put_rule(Name="often", ScheduleExpression="rate(5 minutes)")
    for name, credentials in [("mine", None), ("others", {
            "aws_access_key_id": "111122223333", "aws_secret_access_key": "test"})]:
        make("scheduler", credentials=credentials).create_schedule(
            Name=name, ScheduleExpression=f"rate({len(name)} minutes)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": ARN.format("sqs", "q"), "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"})


def make_what_is_due_some_day(server, now):
    """Two days at most."""
    make = lambda service: aws_clients.client(service, server.url)  # noqa: E731
    make("s3").create_bucket(Bucket="films")
    make("s3").put_bucket_lifecycle_configuration(
        Bucket="films", LifecycleConfiguration={"Rules": [
            {"ID": "r", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}]})
    table = make("dynamodb")
    table.create_table(TableName="films", BillingMode="PAY_PER_REQUEST",
                       AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                       KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    table.update_time_to_live(TableName="films", TimeToLiveSpecification={
        "Enabled": True, "AttributeName": "until"})
    table.put_item(TableName="films", Item={
        "id": {"S": "1"}, "until": {"N": str(int(now) + 5000)}})
    make("logs").create_log_group(logGroupName="g")
    make("logs").put_retention_policy(logGroupName="g", retentionInDays=1)
    expires = datetime.datetime.fromtimestamp(now + 30 * 3600, datetime.timezone.utc)
    make("ssm").put_parameter(
        Name="p", Value="v", Type="String", Tier="Advanced", Policies=json.dumps([{
            "Type": "Expiration", "Version": "1.0",
            "Attributes": {"Timestamp": expires.strftime("%Y-%m-%dT%H:%M:%S.000Z")}}]))


def make_what_is_due_after_a_week(server):
    secrets, keys = (aws_clients.client(service, server.url)
                     for service in ["secretsmanager", "kms"])
    secrets.create_secret(Name="s", SecretString="x")
    secrets.delete_secret(SecretId="s", RecoveryWindowInDays=7)
    key = keys.create_key()["KeyMetadata"]["KeyId"]
    keys.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)


def follow(server, steps):
    """Goes to the next timer so often: each time it is what the list begins with. Gives what was
    due there, and what is due in the end."""
    seen = set()
    for _ in range(steps):
        told = due(server)
        everything = [(one["At"], one["What"], one.get("Resource")) for one in told["Due"]]
        assert len(set(everything)) == len(everything), "nothing is said twice"
        first = told["Due"][0]["At"]
        assert told["NextTimer"] == first, everything[:3]
        seen |= {what for at, what, _ in everything if at == first}
        assert move_to_next_timer(server)["Now"] == first
    return seen, {one["What"] for one in due(server)["Due"]}


def test_the_list_begins_where_the_next_timer_leads(server):
    now = seconds(due(server)["Now"])
    make_what_is_due_by_the_minute(server)
    make_what_is_due_some_day(server, now)
    make_what_is_due_after_a_week(server)
    put_off_deliveries(server, 2)
    seen, _ = follow(server, 30)
    assert seen >= {
        "CloudWatch looks at its alarms", "the rule fires", "the schedule fires",
        "EventBridge Scheduler fires schedules", "CloudWatch gets what was counted in the minute",
        f"a delivery from {ARN.format('sns', 'late')} is tried again"}
    assert "a service goes on with its work" not in seen
    aws_clients.client("events", server.url).delete_rule(Name="often")
    own_pages.ask(server, "POST", "reset?account=111122223333")
    aws_clients.client("scheduler", server.url).delete_schedule(Name="mine")
    aws_clients.client("cloudwatch", server.url).delete_alarms(AlarmNames=["a"])
    seen, left = follow(server, 90)
    assert seen >= {
        "an item expires", "S3 carries out lifecycle rules", "the parameter expires",
        "CloudWatch merges and forgets old measures",
        "CloudWatch Logs removes events whose retention is over"}
    assert left >= {"the secret is deleted for good", "the key is deleted"}
    assert "a service goes on with its work" not in seen | left
