"""What the fabric tells of its deliveries, and over which borders they go: logs and metrics of
topics, dead letters, other regions and accounts, roles."""

import datetime
import hashlib
import json

import aws_clients
import matinee_server
import own_pages
import pytest
from api_endpoint import ApiEndpoint
from polling import eventually
from test_api_destinations import clock, dead_letter, now
from test_events import make_queue, put, receive, rule_to
from test_sns import Queues

ACCOUNT = "000000000000"
OTHER = {"aws_access_key_id": aws_clients.OTHER_ACCOUNT, "aws_secret_access_key": "secret"}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/logs"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("fabric") / "data"
    with matinee_server.Server(data, arguments=["--clock", "paused"]) as server:
        yield server


@pytest.fixture
def sns(server):
    return aws_clients.client("sns", server.url)


@pytest.fixture
def sqs(server):
    return aws_clients.client("sqs", server.url)


@pytest.fixture
def queues(sqs):
    return Queues(sqs)


@pytest.fixture
def events(server):
    return aws_clients.client("events", server.url)


def logged(server, group):
    """What a log group has, as JSON; nothing where there is no such group."""
    logs = aws_clients.client("logs", server.url)
    try:
        found = logs.filter_log_events(logGroupName=group)["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [json.loads(event["message"]) for event in found]


def feedback(kind, **rate):
    return {f"{kind}SuccessFeedbackRoleArn": ROLE, f"{kind}FailureFeedbackRoleArn": ROLE,
            **{f"{kind}SuccessFeedbackSampleRate": value for value in rate.values()}}


@pytest.mark.parametrize("raw", ["false", "true"])
def test_deliveries_to_a_queue_are_logged_with_what_the_queue_has_said(server, sns, queues, name,
                                                                       raw):
    url, arn = queues.make(name)
    topic = sns.create_topic(Name=name, Attributes=feedback("SQS", rate="100"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn,
                  Attributes={"RawMessageDelivery": raw})
    published = sns.publish(TopicArn=topic, Message="höllo", Subject="s")["MessageId"]
    message, = queues.receive(url)
    line, = eventually(lambda: logged(server, f"sns/us-east-1/{ACCOUNT}/{name}"))
    assert list(line) == ["notification", "delivery", "status"] and line["status"] == "SUCCESS"
    notification = line["notification"]
    assert notification["messageMD5Sum"] == hashlib.md5("höllo".encode()).hexdigest()
    assert notification["messageId"] == published and notification["topicArn"] == topic
    datetime.datetime.strptime(notification["timestamp"], "%Y-%m-%d %H:%M:%S.%f")
    delivery = line["delivery"]
    assert delivery["destination"] == arn and delivery["statusCode"] == 200
    assert delivery["deliveryId"] and delivery["dwellTimeMs"] >= 0 and delivery["attempts"] == 1
    assert json.loads(delivery["providerResponse"])["sqsMessageId"] == message["MessageId"]


def test_failures_are_logged_in_a_group_of_their_own(server, sns, queues, sqs, name):
    url, arn = queues.make(name)
    topic = sns.create_topic(Name=name, Attributes=feedback("SQS", rate="100"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sqs.delete_queue(QueueUrl=url)
    sns.publish(TopicArn=topic, Message="m")
    line, = eventually(lambda: logged(server, f"sns/us-east-1/{ACCOUNT}/{name}/Failure"))
    assert line["status"] == "FAILURE" and line["delivery"]["destination"] == arn
    assert line["delivery"]["statusCode"] == 400
    assert logged(server, f"sns/us-east-1/{ACCOUNT}/{name}") == []


def test_a_subscriber_by_http_is_logged_with_its_status_and_answer(server, sns, name):
    with ApiEndpoint() as web:
        topic = sns.create_topic(Name=name, Attributes=feedback("HTTP", rate="100"))["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=web.url("/in"))
        token = json.loads(eventually(lambda: web.to("/in"))[0].body)["Token"]
        sns.confirm_subscription(TopicArn=topic, Token=token)
        web.answers["/in"] = [(201, {}, b"thank you"), (503, {}, b"busy")]
        first = sns.publish(TopicArn=topic, Message="one")["MessageId"]
        eventually(lambda: len(web.to("/in")) == 2)
        second = sns.publish(TopicArn=topic, Message="two")["MessageId"]
        eventually(lambda: len(web.to("/in")) == 3)
        began = now(server)
        clock(server, action="run-until-idle")
        # By default three more tries, twenty seconds apart.
        assert now(server) - began == datetime.timedelta(seconds=60)
        assert len(web.to("/in")) == 6
        good = [line for line in logged(server, f"sns/us-east-1/{ACCOUNT}/{name}")
                if line["notification"]["messageId"] == first]
        assert [(line["delivery"]["statusCode"], line["delivery"]["providerResponse"])
                for line in good] == [(201, "thank you")]
        bad, = logged(server, f"sns/us-east-1/{ACCOUNT}/{name}/Failure")
        assert bad["notification"]["messageId"] == second
        assert bad["delivery"]["statusCode"] == 503 and bad["delivery"]["attempts"] == 4


def test_the_sample_rate_is_for_successes_only(server, sns, queues, name):
    _, arn = queues.make(name)
    topic = sns.create_topic(Name=name, Attributes=feedback("SQS", rate="0"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    gone = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn + "-gone")
    assert gone["SubscriptionArn"]
    for _ in range(5):
        sns.publish(TopicArn=topic, Message="m")
    eventually(lambda: len(logged(server, f"sns/us-east-1/{ACCOUNT}/{name}/Failure")) == 5)
    assert logged(server, f"sns/us-east-1/{ACCOUNT}/{name}") == []


def test_half_of_the_successes_are_about_half(server, sns, queues, name):
    _, arn = queues.make(name)
    topic = sns.create_topic(Name=name, Attributes=feedback("SQS", rate="50"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    for _ in range(20):
        sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[
            {"Id": str(number), "Message": "m"} for number in range(10)])
    lines = eventually(lambda: logged(server, f"sns/us-east-1/{ACCOUNT}/{name}"))
    assert 60 <= len(lines) <= 140


def test_a_minute_of_a_topic_is_in_cloudwatch(server, sns, queues, sqs, name):
    _, arn = queues.make(name)
    dead_url, dead = queues.make(name + "-dead")
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn + "-filtered",
                  Attributes={"FilterPolicy": '{"a": ["b"]}'})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn + "-gone", Attributes={
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead})})
    for _ in range(3):
        sns.publish(TopicArn=topic, Message="12345")
    queues.receive(dead_url, 3)
    moment = now(server)
    clock(server, advance="2m")
    cloudwatch = aws_clients.client("cloudwatch", server.url)

    def total(metric):
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/SNS", MetricName=metric, Period=60, Statistics=["Sum"],
            Dimensions=[{"Name": "TopicName", "Value": name}],
            StartTime=moment - datetime.timedelta(minutes=5),
            EndTime=moment + datetime.timedelta(minutes=5))["Datapoints"]
        return sum(point["Sum"] for point in points)

    assert total("NumberOfMessagesPublished") == 3
    assert total("NumberOfNotificationsDelivered") == 3
    assert total("NumberOfNotificationsFailed") == 3
    assert total("NumberOfNotificationsRedrivenToDlq") == 3
    assert total("NumberOfNotificationsFilteredOut") == 3


def test_a_dead_letter_of_a_raw_subscription_is_what_the_queue_would_have_got(sns, queues, sqs,
                                                                              name):
    gone_url, gone = queues.make(name)
    url, arn = queues.make(name + "-dead")
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=gone, Attributes={
        "RawMessageDelivery": "true", "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn})})
    sqs.delete_queue(QueueUrl=gone_url)
    sns.publish(TopicArn=topic, Message="m", MessageAttributes={
        "a": {"DataType": "Number", "StringValue": "7"}})
    message, = queues.receive(url)
    assert message["Body"] == "m"
    assert message["MessageAttributes"] == {"a": {"DataType": "Number", "StringValue": "7"}}


def test_dead_letters_of_a_fifo_topic_keep_their_order(sns, queues, sqs, name):
    gone_url, gone = queues.make(name + ".fifo", FifoQueue="true")
    url, arn = queues.make(name + "-dead.fifo", FifoQueue="true")
    topic = sns.create_topic(Name=name + ".fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=gone, Attributes={
        "RawMessageDelivery": "true", "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn})})
    sqs.delete_queue(QueueUrl=gone_url)
    for number in range(10):
        sns.publish(TopicArn=topic, Message=str(number), MessageGroupId="g",
                    MessageDeduplicationId=str(number))
    messages = queues.receive(url, 10)
    assert [message["Body"] for message in messages] == [str(number) for number in range(10)]
    assert {message["Attributes"]["MessageGroupId"] for message in messages} == {"g"}


def test_a_topic_sends_to_a_queue_of_another_region(server, sns, name):
    west = Queues(aws_clients.client("sqs", server.url, region="eu-west-1"))
    url, arn = west.make(name)
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="far")
    message, = west.receive(url)
    assert json.loads(message["Body"])["TopicArn"] == topic


def test_a_topic_sends_to_a_queue_of_another_account_once_that_has_agreed(server, sns, name):
    theirs = Queues(aws_clients.client("sqs", server.url, credentials=OTHER))
    url, arn = theirs.make(name)
    topic = sns.create_topic(Name=name)["TopicArn"]
    asked = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    assert asked["SubscriptionArn"] == "pending confirmation"
    sns.publish(TopicArn=topic, Message="too early")
    message, = theirs.receive(url)
    envelope = json.loads(message["Body"])
    assert envelope["Type"] == "SubscriptionConfirmation"
    aws_clients.client("sns", server.url, credentials=OTHER).confirm_subscription(
        TopicArn=topic, Token=envelope["Token"])
    sns.publish(TopicArn=topic, Message="now")
    message, = theirs.receive(url)
    assert json.loads(message["Body"])["Message"] == "now"


def other_bus(server, name, region="eu-west-1"):
    """A bus of another account, with a rule that sends all to a queue there."""
    events = aws_clients.client("events", server.url, region=region, credentials=OTHER)
    sqs = aws_clients.client("sqs", server.url, region=region, credentials=OTHER)
    bus = events.create_event_bus(Name=name)["EventBusArn"]
    url, arn = make_queue(sqs, name)
    rule_to(events, name, {"Id": "q", "Arn": arn}, {"source": [{"exists": True}]}, bus=name)
    return events, sqs, bus, url


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_bus_of_another_account_gets_events_where_its_policy_lets_them_in(server, events, sqs,
                                                                            name, region):
    theirs, their_sqs, bus, url = other_bus(server, name, region)
    dead_url, dead = make_queue(sqs, name + "-dead")
    rule = rule_to(events, name, {
        "Id": "b", "Arn": bus, "DeadLetterConfig": {"Arn": dead},
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/events"})
    put(events, name, {"n": 1})
    _, attributes = dead_letter(sqs, dead_url)
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert attributes["RULE_ARN"] == rule and attributes["TARGET_ARN"] == bus
    theirs.put_permission(EventBusName=name, Action="events:PutEvents", Principal=ACCOUNT,
                          StatementId="let")
    event_id = put(events, name, {"n": 2})
    event = json.loads(receive(their_sqs, url))
    assert event["detail"] == {"n": 2}
    assert event["account"] == ACCOUNT and event["region"] == "us-east-1"
    # In another region it is another event, in another account it is not.
    assert (event["id"] == event_id) == (region == "us-east-1")


def test_an_event_goes_to_a_bus_only_once(events, sqs, name):
    """As AWS has it also within an account and region: the second bus is not sent on to."""
    for bus in ("first", "second"):
        events.create_event_bus(Name=f"{name}-{bus}")
    arn = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{name}"
    url, queue = make_queue(sqs, name)
    dead_url, dead = make_queue(sqs, name + "-dead")
    rule_to(events, name, {"Id": "b", "Arn": arn + "-first"})
    rule_to(events, name, {"Id": "q", "Arn": queue}, bus=name + "-first")
    second = rule_to(events, name + "-on", {"Id": "b", "Arn": arn + "-second",
                                            "DeadLetterConfig": {"Arn": dead}},
                     {"source": [name]}, bus=name + "-first")
    event_id = put(events, name, {})
    assert json.loads(receive(sqs, url))["id"] == event_id
    _, attributes = dead_letter(sqs, dead_url)
    assert attributes["ERROR_CODE"] == "THIRD_ACCOUNT_HOP_DETECTED"
    assert attributes["ERROR_MESSAGE"].startswith(
        f"Event ingestion rejected for event {event_id} because an event can be sent to an event "
        "bus target only once.")
    assert attributes["RULE_ARN"] == second


@pytest.mark.parametrize("missing", ["queue", "policy"])
def test_a_queue_that_is_closed_looks_to_eventbridge_as_if_it_were_not_there(events, sqs, name,
                                                                             missing):
    dead_url, dead = make_queue(sqs, name + "-dead")
    if missing == "policy":
        sqs.create_queue(QueueName=name)
    rule_to(events, name, {"Id": "q", "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}",
                           "DeadLetterConfig": {"Arn": dead}})
    event_id = put(events, name, {})
    body, attributes = dead_letter(sqs, dead_url)
    assert json.loads(body)["id"] == event_id
    assert attributes["ERROR_CODE"] == "NO_RESOURCE" and attributes["RETRY_ATTEMPTS"] == "0"
    assert "The specified queue does not exist or you do not have access" in attributes[
        "ERROR_MESSAGE"]
    assert "EXHAUSTED_RETRY_CONDITION" not in attributes


def test_dead_letters_that_cannot_be_left_are_told_by_the_journal(server, events, name):
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    rule_to(events, name, {"Id": "q", "Arn": queue, "DeadLetterConfig": {"Arn": queue + "-2"}})
    event_id = put(events, name, {})

    def kinds():
        return {hop["Kind"] for hop in own_pages.read(server, "trace", id=event_id)["Hops"]}

    eventually(lambda: {"dead-lettered", "dropped"} <= kinds())


def test_an_alarm_tells_a_topic_and_the_bus(server, sns, queues, sqs, events, name):
    url, arn = queues.make(name)
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    bus_url, bus_arn = make_queue(sqs, name + "-bus")
    rule_to(events, name, {"Id": "q", "Arn": bus_arn}, {
        "source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [name]}})
    cloudwatch = aws_clients.client("cloudwatch", server.url)
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace="app", MetricName=name, Period=60, EvaluationPeriods=1,
        Statistic="Sum", Threshold=10, ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic], TreatMissingData="notBreaching")
    cloudwatch.put_metric_data(Namespace="app", MetricData=[
        {"MetricName": name, "Value": 11, "Timestamp": now(server)}])
    clock(server, advance="3m")
    told = json.loads(json.loads(queues.receive(url)[0]["Body"])["Message"])
    assert told["AlarmName"] == name and told["NewStateValue"] == "ALARM"
    assert told["OldStateValue"] in ("INSUFFICIENT_DATA", "OK")
    states = []
    for _ in range(3):
        for message in sqs.receive_message(QueueUrl=bus_url, MaxNumberOfMessages=10,
                                           WaitTimeSeconds=1).get("Messages", []):
            event = json.loads(message["Body"])
            states.append(event["detail"]["state"]["value"])
            assert event["resources"] == [
                f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:{name}"]
    assert "ALARM" in states


def test_a_bucket_tells_the_bus_and_a_rule_of_another_bus_hears_of_it(server, sqs, events, name):
    s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
    bus = events.create_event_bus(Name=name)["EventBusArn"]
    url, arn = make_queue(sqs, name)
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [name]},
                                                "object": {"key": [{"prefix": "in/"}]}}}
    rule_to(events, name, {"Id": "b", "Arn": bus}, pattern)
    rule_to(events, name, {"Id": "q", "Arn": arn}, pattern, bus=name)
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    s3.put_object(Bucket=name, Key="out/1", Body=b"x")
    s3.put_object(Bucket=name, Key="in/1", Body=b"xyz")
    event = json.loads(receive(sqs, url))
    assert event["detail-type"] == "Object Created" and event["detail"]["object"]["key"] == "in/1"
    assert event["detail"]["object"]["size"] == 3
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
