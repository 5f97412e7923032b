"""Faults of deliveries and of functions: late, out of order, twice, refused, crashed."""

import http.client
import json

import aws_clients
import functions_kit
import matinee_server
import own_pages
import pytest
from botocore.exceptions import ClientError
from test_function_streaming import url_of

POLICY = json.dumps({"Statement": [{
    "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]})


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("faults") / "data",
                               arguments=["--clock", "paused", "--functions", "process"]) as server:
        yield server


@pytest.fixture(autouse=True)
def no_faults_are_left(server):
    yield
    own(server, "DELETE", "faults")


@pytest.fixture
def sqs(server):
    return aws_clients.client("sqs", server.url)


@pytest.fixture
def sns(server):
    return aws_clients.client("sns", server.url)


def own(server, method, path, body=None):
    return own_pages.ask(server, method, path, body=body)


def add(server, **fault):
    return own(server, "POST", "faults", {"Seed": 1, **fault})["Fault"]["Id"]


def advance(server, span):
    own(server, "POST", f"clock?advance={span}")


def connect(sqs, sns, name, fifo=False):
    """A topic with a queue behind it."""
    ending, attributes = (".fifo", {"FifoQueue": "true"}) if fifo else ("", {})
    url = sqs.create_queue(QueueName=name + ending,
                           Attributes={**attributes, "Policy": POLICY})["QueueUrl"]
    topic = sns.create_topic(Name=name + ending, Attributes=(
        {"FifoTopic": "true"} if fifo else {}))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Attributes={"RawMessageDelivery": "true"},
                  Endpoint=f"arn:aws:sqs:us-east-1:000000000000:{name}{ending}")
    return url, topic


def fault_hops(server, identifier):
    """What the journal says that faults have done to a message or a call."""
    hops = own(server, "GET", f"trace?id={identifier}")["Hops"]
    return [hop["Reason"] for hop in hops if hop["Kind"] == "fault"]


def header(reply):
    return reply["ResponseMetadata"]["HTTPHeaders"].get("x-matinee-fault")


def bodies(sqs, url):
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def test_a_delivery_is_late_by_the_clock_that_users_move(server, sqs, sns, name):
    url, topic = connect(sqs, sns, name)
    fault = add(server, Action="delay", Latency="30s", Service="sqs", Resource=name)
    late = sns.publish(TopicArn=topic, Message="late")
    assert fault_hops(server, late["MessageId"]) == [f"{fault}: delay of 30s on a delivery"]
    assert header(late) == fault
    advance(server, "29s")
    assert bodies(sqs, url) == []
    advance(server, "1s")
    assert bodies(sqs, url) == ["late"]


def test_deliveries_overtake_each_other_unless_they_keep_their_order(server, sqs, sns, name):
    url, topic = connect(sqs, sns, name)
    fifo_url, fifo_topic = connect(sqs, sns, name, fifo=True)
    add(server, Action="reorder", Latency="0ms..10s")
    sent = [str(number) for number in range(10)]
    for body in sent:
        sns.publish(TopicArn=topic, Message=body)
        sns.publish(TopicArn=fifo_topic, Message=body, MessageGroupId="g",
                    MessageDeduplicationId=body)
    advance(server, "10s")
    arrived = bodies(sqs, url)
    assert sorted(arrived) == sent
    assert arrived != sent
    assert bodies(sqs, fifo_url) == sent


def test_notifications_of_a_bucket_overtake_each_other(server, sqs, name):
    url, arn = functions_kit.make_queue(sqs, name, Policy=POLICY)
    s3 = aws_clients.client("s3", server.url)
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={
        "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]})
    assert len(bodies(sqs, url)) == 1  # the test event
    add(server, Action="reorder", Probability=0.5, Caller="s3.amazonaws.com")
    sent = [str(number) for number in range(10)]
    for key in sent:
        s3.put_object(Bucket=name, Key=key, Body=b"")

    def arrived():
        return [json.loads(body)["Records"][0]["s3"]["object"]["key"]
                for body in bodies(sqs, url)]

    early = arrived()
    assert 0 < len(early) < 10
    advance(server, "1s")
    all_keys = early + arrived()
    assert sorted(all_keys) == sent
    assert all_keys != sent


def test_a_delivery_comes_twice_and_a_fifo_queue_knows_it(server, sqs, sns, name):
    url, topic = connect(sqs, sns, name)
    fifo_url, fifo_topic = connect(sqs, sns, name, fifo=True)
    fault = add(server, Action="duplicate", Caller="sns.amazonaws.com")
    message = sns.publish(TopicArn=topic, Message="again")["MessageId"]
    sns.publish(TopicArn=fifo_topic, Message="once", MessageGroupId="g",
                MessageDeduplicationId="1")
    assert bodies(sqs, url) == ["again", "again"]
    assert bodies(sqs, fifo_url) == ["once"]
    assert fault_hops(server, message) == [f"{fault}: duplicate on a delivery"]


def test_a_delivery_that_is_refused_is_tried_again(server, sqs, sns, name):
    url, topic = connect(sqs, sns, name)
    fault = add(server, Action="refuse", Service="sqs", Resource=name, Times=4)
    message = sns.publish(TopicArn=topic, Message="at last")["MessageId"]
    advance(server, "1m")
    assert bodies(sqs, url) == ["at last"]
    assert fault_hops(server, message) == [f"{fault}: refuse on a delivery"] * 4
    [listed] = own(server, "GET", "faults")["Faults"]
    assert (listed["Id"], listed["Hits"]) == (fault, 4)


def test_a_lost_acknowledgement_delivers_twice(server, sqs, sns, name):
    url, topic = connect(sqs, sns, name)
    fault = add(server, Action="lost-ack", Service="sqs", Times=1)
    message = sns.publish(TopicArn=topic, Message="twice")["MessageId"]
    advance(server, "1m")
    assert bodies(sqs, url) == ["twice", "twice"]
    assert fault_hops(server, message) == [f"{fault}: lost-ack on a delivery"]


def test_a_delivery_that_is_always_refused_becomes_a_dead_letter(server, sqs, sns, name):
    url, topic = connect(sqs, sns, name)
    dead, _ = functions_kit.make_queue(sqs, name + "-dead", Policy=POLICY)
    events = aws_clients.client("events", server.url)
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    events.put_targets(Rule=name, Targets=[{
        "Id": "1", "Arn": f"arn:aws:sqs:us-east-1:000000000000:{name}",
        "DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:000000000000:{name}-dead"},
        "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600}}])
    add(server, Action="refuse", Resource=f"*:{name}")
    events.put_events(Entries=[{"Source": name, "DetailType": "seen", "Detail": "{}"}])
    advance(server, "10m")
    assert bodies(sqs, url) == []
    [letter] = bodies(sqs, dead)
    assert json.loads(letter)["source"] == name


def test_what_clients_send_to_a_standard_queue_comes_twice_and_late(server, sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    fifo = sqs.create_queue(QueueName=name + ".fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    twice = add(server, Action="duplicate", Times=1)
    late = add(server, Action="delay", Latency="10s")
    once = sqs.send_message(QueueUrl=fifo, MessageBody="a", MessageGroupId="g",
                            MessageDeduplicationId="1")
    assert header(once) is None
    assert bodies(sqs, fifo) == ["a"]
    sent = sqs.send_message(QueueUrl=url, MessageBody="b")
    assert header(sent) == f"{twice}, {late}"
    assert fault_hops(server, sent["MessageId"]) == [
        f"{twice}: duplicate, {late}: delay of 10s on a message that was sent"]
    assert bodies(sqs, url) == []
    advance(server, "10s")
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [(each["MessageId"], each["Body"]) for each in received] == [
        (sent["MessageId"], "b")] * 2


def test_copies_go_on_in_the_next_page_where_one_is_full(server, sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    add(server, Action="duplicate", Times=4)
    add(server, Action="duplicate", Every=6)
    sent = [str(number) for number in range(10)]
    sqs.send_message_batch(QueueUrl=url, Entries=[
        {"Id": body, "MessageBody": body} for body in sent])
    sqs.send_message(QueueUrl=url, MessageBody="last")
    assert sorted(bodies(sqs, url)) == sorted([*sent, *"01235", "last"])


def test_a_fault_names_the_source_as_well(server, sqs, sns, name):
    url, topic = connect(sqs, sns, name)
    other_url, other_topic = connect(sqs, sns, name + "-other")
    add(server, Action="duplicate", Resource=topic)
    sns.publish(TopicArn=topic, Message="a")
    sns.publish(TopicArn=other_topic, Message="b")
    assert bodies(sqs, url) == ["a", "a"]
    assert bodies(sqs, other_url) == ["b"]


def test_the_weather_of_aws_repeats_and_reorders_messages_of_standard_queues(tmp_path):
    with matinee_server.Server(tmp_path / "data", arguments=[
            "--weather", "aws", "--seed", "5", "--clock", "paused"]) as server:
        sqs = aws_clients.client("sqs", server.url)
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        fifo = sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        sent = [f"{number:03}" for number in range(200)]
        ids = {}
        for first in range(0, 200, 10):
            entries = [{"Id": body, "MessageBody": body} for body in sent[first:first + 10]]
            for entry in sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]:
                ids[entry["Id"]] = entry["MessageId"]
            sqs.send_message_batch(QueueUrl=fifo, Entries=[
                {**entry, "MessageGroupId": "g", "MessageDeduplicationId": entry["Id"]}
                for entry in entries])
            advance(server, "1s")
        found = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(message["Body"])
                assert message["MessageId"] == ids[message["Body"]]
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        assert set(found) == set(sent)
        assert 200 < len(found) < 220
        assert [body for body in dict.fromkeys(found)] != sent
        assert bodies(sqs, fifo) == sent
        assert [fault["Action"] for fault in own(server, "GET", "faults")["Faults"]] == [
            "duplicate", "reorder"]


# Counts its calls in /tmp, which an instance keeps, and in memory, which ends with its program.
COUNTING = """
import tempfile
with open(tempfile.gettempdir() + "/work", "a+") as file:
    file.write("x")
    file.seek(0)
    handler.calls = getattr(handler, "calls", 0) + 1
    return len(file.read()), handler.calls
"""


def outcome(functions, name):
    """What a call returns, or the type of its error."""
    try:
        answer = functions.invoke(FunctionName=name, Payload=b"{}")
    except ClientError as error:
        return error.response["Error"]["Code"]
    payload = json.load(answer["Payload"])
    return payload["errorType"] if "FunctionError" in answer else payload


def test_a_function_crashes_before_or_after_its_work_or_is_throttled(server, name):
    functions = aws_clients.client("lambda", server.url)
    functions_kit.make_function(functions, name, functions_kit.python_package(COUNTING))
    assert outcome(functions, name) == [1, 1]
    for action, error, then in [("crash-before", "Runtime.ExitError", [2, 2]),
                                ("crash-after", "Runtime.ExitError", [4, 1]),
                                ("throttle", "TooManyRequestsException", [5, 2])]:
        fault = add(server, Action=action, Resource=name)
        assert outcome(functions, name) == error
        own(server, "DELETE", f"faults?id={fault}")
        assert outcome(functions, name) == then


def test_a_reply_and_the_journal_say_which_fault_a_function_had(server, name):
    functions = aws_clients.client("lambda", server.url)
    functions_kit.make_function(functions, name, functions_kit.python_package("return 1"))
    fault = add(server, Action="crash-before", Resource=name, Times=1)
    reply = functions.invoke(FunctionName=name)
    assert header(reply) == fault
    assert fault_hops(server, reply["ResponseMetadata"]["RequestId"]) == [
        f"{fault}: crash-before on a call of the function"]


def call_url(server, path):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path)
    return connection.getresponse()


def test_a_function_s_url_says_which_fault_it_had_and_what_aws_says_of_a_throttle(server, name):
    functions = aws_clients.client("lambda", server.url)
    functions_kit.make_function(functions, name, functions_kit.python_package(
        "if 'fail' in event['rawPath']:\n"
        "    raise type('TooManyRequestsException', (Exception,), {})('mine')\nreturn 1"))
    path = url_of(functions, name, "BUFFERED")
    assert call_url(server, path).getheader("x-matinee-fault") is None
    throttle = add(server, Action="throttle", Resource=name, Times=1)
    reply = call_url(server, path)
    assert (reply.status, reply.getheader("x-matinee-fault")) == (429, throttle)
    assert reply.getheader("x-amzn-ErrorType") == "TooManyRequestsException"
    assert json.loads(reply.read()) == {"Message": "Rate Exceeded."}
    own(server, "DELETE", "faults")
    crash = add(server, Action="crash-after", Resource=name, Times=1)
    reply = call_url(server, path)
    assert (reply.status, reply.getheader("x-matinee-fault")) == (502, crash)
    assert reply.read() == b"Internal Server Error"
    # An error of the function is one, whatever its name.
    assert call_url(server, path + "fail").status == 502
    assert call_url(server, path).read() == b"1"


def test_a_message_whose_function_crashes_after_its_work_is_worked_on_twice(server, sqs, name):
    functions = aws_clients.client("lambda", server.url)
    functions_kit.make_function(functions, name, functions_kit.python_package(COUNTING))
    url, arn = functions_kit.make_queue(sqs, name, VisibilityTimeout="10")
    mapping = functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=name)
    add(server, Action="crash-after", Resource=name, Times=1)
    sqs.send_message(QueueUrl=url, MessageBody="book it")
    advance(server, "1m")
    assert bodies(sqs, url) == []
    assert outcome(functions, name) == [3, 2]
    functions.delete_event_source_mapping(UUID=mapping["UUID"])


def test_a_call_that_was_not_waited_for_is_made_again_after_each_crash(server, name):
    functions = aws_clients.client("lambda", server.url)
    functions_kit.make_function(functions, name, functions_kit.python_package(COUNTING))
    fault = add(server, Action="crash-after", Resource=name, Times=2)
    reply = functions.invoke(FunctionName=name, InvocationType="Event")
    advance(server, "10m")
    assert fault_hops(server, reply["ResponseMetadata"]["RequestId"]) == [
        f"{fault}: crash-after on a call of the function"] * 2
    assert outcome(functions, name) == [4, 2]
