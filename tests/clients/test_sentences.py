"""What clouds that are driven by events are built for, each as a test that reads like its sentence,
on a clock that stands until it is moved.
"""

import datetime
import json

import aws_clients
import matinee_server
import pytest
from moved_clock import Clock

ACCOUNT = "000000000000"
ROLE = "arn:aws:iam::000000000000:role/scheduler"


class Cloud:
    """A server whose clock stands, and what the tests make there."""

    def __init__(self, server):
        self.clock = Clock(server)
        for service in ("s3", "sns", "sqs", "events", "scheduler"):
            config = {"s3": {"addressing_style": "path"}} if service == "s3" else {}
            setattr(self, service, aws_clients.client(service, server.url, **config))

    def queue(self, name, lets_in=None, **attributes):
        """Its ARN. `lets_in` is the service that may send to it by the queue's policy."""
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
        if lets_in:
            attributes["Policy"] = allow(lets_in, "sqs:SendMessage", arn)
        self.sqs.create_queue(QueueName=name, Attributes=attributes)
        return arn

    def messages(self, name):
        """All that is there, in the order of receiving; nothing is left."""
        url = self.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        found = []
        while True:
            got = self.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"], WaitTimeSeconds=0 if found else 1).get("Messages")
            if not got:
                return found
            for message in got:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found += got


def allow(service, action, resource):
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": service}, "Action": action,
        "Resource": resource}]})


@pytest.fixture
def cloud(tmp_path):
    with matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"]) as server:
        yield Cloud(server)


def test_a_notification_of_a_bucket_goes_through_a_topic_to_the_queues_that_want_it(cloud):
    topic = cloud.sns.create_topic(Name="objects")["TopicArn"]
    cloud.sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=allow(
        "s3.amazonaws.com", "sns:Publish", topic))
    wishes = {
        "pictures": ("MessageBody", {"Records": {"s3": {"object": {"key": [{"suffix": ".jpg"}]}},
                                                 "eventName": [{"prefix": "ObjectCreated:"}]}}),
        "large": ("MessageBody", {"Records": {"s3": {"object": {
            "size": [{"numeric": [">", 1000]}]}}}}),
        "by-hand": ("MessageAttributes", {"sender": ["operator"]})}
    for queue, (scope, policy) in wishes.items():
        cloud.sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=cloud.queue(queue, "sns.amazonaws.com"),
            Attributes={"FilterPolicyScope": scope, "FilterPolicy": json.dumps(policy),
                        "RawMessageDelivery": "true"})
    cloud.s3.create_bucket(Bucket="media")
    cloud.s3.put_bucket_notification_configuration(Bucket="media", NotificationConfiguration={
        "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*",
                                                               "s3:ObjectRemoved:*"]}]})

    cloud.s3.put_object(Bucket="media", Key="small.jpg", Body=b"x")
    cloud.s3.put_object(Bucket="media", Key="large.jpg", Body=b"x" * 2000)
    cloud.s3.put_object(Bucket="media", Key="large.txt", Body=b"x" * 2000)
    cloud.s3.put_object(Bucket="media", Key="small.txt", Body=b"x")
    cloud.s3.delete_object(Bucket="media", Key="small.jpg")
    cloud.sns.publish(TopicArn=topic, Message="look at this", MessageAttributes={
        "sender": {"DataType": "String", "StringValue": "operator"}})
    cloud.sns.publish(TopicArn=topic, Message="and this", MessageAttributes={
        "sender": {"DataType": "String", "StringValue": "program"}})

    def told(queue):
        records = [json.loads(message["Body"])["Records"] for message in cloud.messages(queue)]
        return sorted((record["eventName"], record["s3"]["object"]["key"])
                      for [record] in records)

    assert told("pictures") == [("ObjectCreated:Put", "large.jpg"),
                                ("ObjectCreated:Put", "small.jpg")]
    assert told("large") == [("ObjectCreated:Put", "large.jpg"),
                             ("ObjectCreated:Put", "large.txt")]
    assert [message["Body"] for message in cloud.messages("by-hand")] == ["look at this"]


def test_a_rule_sends_what_its_transformer_makes_to_a_fifo_queue_in_order(cloud):
    queue = cloud.queue("orders.fifo", "events.amazonaws.com", FifoQueue="true")
    cloud.events.put_rule(Name="orders", EventPattern=json.dumps({
        "source": ["shop"], "detail": {"total": [{"numeric": [">=", 100]}]}}))
    cloud.events.put_targets(Rule="orders", Targets=[{
        "Id": "fifo", "Arn": queue, "SqsParameters": {"MessageGroupId": "all"},
        "InputTransformer": {
            "InputPathsMap": {"number": "$.detail.number", "who": "$.detail.customer.name",
                              "lines": "$.detail.lines", "none": "$.detail.none"},
            "InputTemplate": '{"order": <number>, "text": "order <number> of <who>",\n'
                             ' "lines": <lines>, "none": <none>, "rule": "<aws.events.rule-name>",'
                             ' "at": "<aws.events.event.ingestion-time>"}'}}])
    cloud.clock.set("2027-01-02T03:04:05Z")
    for first in range(0, 30, 10):
        answer = cloud.events.put_events(Entries=[{
            "Source": "shop", "DetailType": "Order", "Detail": json.dumps({
                "number": number, "total": 99 if number % 3 == 0 else 100 + number,
                "customer": {"name": "Ada \"the first\""}, "lines": [{"n": 1.50}, "ü"]})}
            for number in range(first, first + 10)])
        assert answer["FailedEntryCount"] == 0

    messages = cloud.messages("orders.fifo")
    assert [message["Body"] for message in messages] == [
        f'{{"order": {number}, "text": "order {number} of Ada \\"the first\\"",\n'
        f' "lines": [{{"n":1.5}},"\\u00fc"], "none": "", "rule": "orders",'
        f' "at": "2027-01-02T03:04:05Z"}}'
        for number in range(30) if number % 3 != 0]
    assert {message["Attributes"]["MessageGroupId"] for message in messages} == {"all"}
    numbers = [message["Attributes"]["SequenceNumber"] for message in messages]
    assert numbers == sorted(numbers)


def daily(cloud, name, expression, zone):
    cloud.scheduler.create_schedule(
        Name=name, ScheduleExpression=expression, ScheduleExpressionTimezone=zone,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": cloud.queue(name), "RoleArn": ROLE,
                "Input": "<aws.scheduler.scheduled-time>"})


def fired(cloud, name):
    """When messages came, which must be when they say that they were scheduled; UTC, by minutes."""
    found = []
    for message in cloud.messages(name):
        sent = datetime.datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000,
                                               datetime.timezone.utc)
        assert sent.strftime("%Y-%m-%dT%H:%M:%SZ") == message["Body"]
        found.append(sent.strftime("%m-%d %H:%M"))
    return sorted(found)


def test_a_schedule_in_another_time_zone_keeps_its_hour_when_the_clocks_go_forward(cloud):
    cloud.clock.set("2027-03-12T12:00:00Z")
    daily(cloud, "morning", "cron(0 9 * * ? *)", "America/New_York")
    # AWS: "If a cron expression falls on a non-existent date and time, your schedule invocation is
    # skipped."
    daily(cloud, "skipped", "cron(30 2 * * ? *)", "America/New_York")
    # AWS: "EventBridge Scheduler evaluates the rate expression 24 hours after the last invocation."
    daily(cloud, "rate", "rate(1 day)", "America/New_York")
    cloud.clock.set("2027-03-16T00:00:00Z")
    assert fired(cloud, "morning") == ["03-12 14:00", "03-13 14:00", "03-14 13:00", "03-15 13:00"]
    assert fired(cloud, "skipped") == ["03-13 07:30", "03-15 06:30"]
    assert fired(cloud, "rate") == ["03-12 12:00", "03-13 12:00", "03-14 12:00", "03-15 12:00"]


def test_a_schedule_in_another_time_zone_keeps_its_hour_when_the_clocks_go_back(cloud):
    cloud.clock.set("2027-11-05T12:00:00Z")
    daily(cloud, "morning", "cron(0 9 * * ? *)", "America/New_York")
    # AWS: "Your schedule runs only once and does not repeat its invocation."
    daily(cloud, "twice", "cron(30 1 * * ? *)", "America/New_York")
    daily(cloud, "once", "at(2027-11-07T01:30:00)", "America/New_York")
    cloud.clock.set("2027-11-09T00:00:00Z")
    assert fired(cloud, "morning") == ["11-05 13:00", "11-06 13:00", "11-07 14:00", "11-08 14:00"]
    assert fired(cloud, "twice") == ["11-06 05:30", "11-07 05:30", "11-08 06:30"]
    assert fired(cloud, "once") == ["11-07 05:30"]
