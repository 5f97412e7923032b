"""`matinee replay`: what the journal knows of a message, an event or a trace is sent again."""

import json
import os

import aws_clients
import functions_kit
import history_kit
import matinee_server
import pytest
from polling import eventually

ROOT = "1-5759e988-bd862e3fe1be46a994"
# Sends what it gets to a queue and puts it as an event, as SDKs do: with the trace of its call.
FORWARD = """
import urllib.parse, urllib.request
def send(path, data, headers):
    headers['X-Amzn-Trace-Id'] = os.environ['_X_AMZN_TRACE_ID']
    urllib.request.urlopen(urllib.request.Request(
        os.environ['AWS_ENDPOINT_URL'] + path, data.encode(), headers)).read()
send('/000000000000/' + event['queue'],
     urllib.parse.urlencode({'Action': 'SendMessage', 'MessageBody': 'by function'}), {})
send('/', json.dumps({'Entries': [{'Source': 'function', 'DetailType': 'called',
                                   'Detail': json.dumps({'by': 'function'})}]}),
     {'X-Amz-Target': 'AWSEvents.PutEvents', 'Content-Type': 'application/x-amz-json-1.1'})
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("replay") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def sqs(server):
    return aws_clients.client("sqs", server.url)


@pytest.fixture
def queue(sqs, name):
    return functions_kit.make_queue(sqs, name, Policy=functions_kit.ANYBODY)


def replay(server, *arguments, environment=None):
    return history_kit.run("replay", *arguments, "--cloud", server.url, environment=environment)


def sent(server, *arguments, **options):
    """What was sent, as documents."""
    run = replay(server, *arguments, "--format", "json", **options)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def receive(sqs, url):
    """The next message, which is gone with that."""
    [message] = eventually(lambda: sqs.receive_message(
        QueueUrl=url, MessageAttributeNames=["All"], AttributeNames=["All"]).get("Messages"))
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return message


def test_a_message_that_was_deleted_is_sent_again_with_what_was_said_of_it(server, sqs, queue):
    url, arn = queue
    kind = {"kind": {"DataType": "String", "StringValue": "film"}}
    first = sqs.send_message(QueueUrl=url, MessageBody="metropolis", MessageAttributes=kind)
    assert receive(sqs, url)["MessageId"] == first["MessageId"]
    [again] = sent(server, first["MessageId"])
    message = receive(sqs, url)
    assert again == {"resource": arn, "id": message["MessageId"]}
    assert message["MessageId"] != first["MessageId"] and message["Body"] == "metropolis"
    assert message["MessageAttributes"] == kind


def test_a_fifo_queue_takes_it_for_a_new_one_of_its_group(server, sqs, name):
    url, _ = functions_kit.make_queue(sqs, f"{name}.fifo", FifoQueue="true")
    first = sqs.send_message(QueueUrl=url, MessageBody="one", MessageGroupId="g",
                             MessageDeduplicationId="d")
    receive(sqs, url)
    sent(server, first["MessageId"])
    message = receive(sqs, url)
    assert message["Body"] == "one" and message["Attributes"]["MessageGroupId"] == "g"
    assert message["Attributes"]["MessageDeduplicationId"] != "d"


def test_another_body_is_sent_where_one_is_given(server, sqs, queue, tmp_path):
    url, _ = queue
    id = sqs.send_message(QueueUrl=url, MessageBody="metropolis")["MessageId"]
    receive(sqs, url)
    sent(server, id, "--body", "nosferatu")
    assert receive(sqs, url)["Body"] == "nosferatu"
    (tmp_path / "body").write_text("alien")
    sent(server, id, "--body", f"@{tmp_path / 'body'}")
    assert receive(sqs, url)["Body"] == "alien"


def test_an_editor_changes_the_body(server, sqs, queue):
    url, _ = queue
    id = sqs.send_message(QueueUrl=url, MessageBody="metropolis 1927")["MessageId"]
    receive(sqs, url)
    sent(server, id, "--edit", environment={**os.environ, "EDITOR": "sed -i s/1927/2027/",
                                            "VISUAL": "sed -i s/1927/2027/"})
    assert receive(sqs, url)["Body"] == "metropolis 2027"
    failed = replay(server, id, "--edit", environment={**os.environ, "VISUAL": "false"})
    assert failed.returncode == 1 and "nothing was sent" in failed.stderr
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_a_topic_has_its_message_again_and_all_subscribers_do(server, sqs, queue, name):
    url, arn = queue
    sns = aws_clients.client("sns", server.url)
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn,
                  Attributes={"RawMessageDelivery": "true"})
    first = sns.publish(TopicArn=topic, Message="metropolis", Subject="film")["MessageId"]
    inner = receive(sqs, url)
    [again] = sent(server, first)
    assert again["resource"] == topic and again["id"] != first
    assert receive(sqs, url)["Body"] == "metropolis"
    # The id that the queue gave means the message in the queue.
    [again] = sent(server, inner["MessageId"])
    assert again["resource"] == arn
    assert receive(sqs, url)["Body"] == "metropolis"


def test_an_event_takes_its_way_through_the_rules_again(server, sqs, queue, name):
    url, arn = queue
    events = aws_clients.client("events", server.url)
    events.create_event_bus(Name=name)
    events.put_rule(Name=name, EventBusName=name, EventPattern=json.dumps({"source": ["films"]}))
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "q", "Arn": arn}])
    entry = {"Source": "films", "DetailType": "shown", "Detail": json.dumps({"title": "M"}),
             "EventBusName": name, "Resources": ["arn:aws:s3:::films"]}
    first = events.put_events(Entries=[entry])["Entries"][0]["EventId"]
    before = json.loads(receive(sqs, url)["Body"])
    [again] = sent(server, first)
    after = json.loads(receive(sqs, url)["Body"])
    assert after["id"] == again["id"] != before["id"] == first
    for same in ("source", "detail-type", "detail", "resources"):
        assert after[same] == before[same]
    broken = replay(server, first, "--body", "no event")
    assert broken.returncode == 1 and "This is no event" in broken.stderr


def traced(server, service, root):
    """A client whose calls are part of the trace."""
    client = aws_clients.client(service, server.url)
    client.meta.events.register("before-sign", lambda request, **_: request.headers.add_header(
        "X-Amzn-Trace-Id", f"Root={root}"))
    return client


def hops(server, identifier):
    return history_kit.ask(server, "GET", f"trace?id={identifier}")["Hops"]


def test_a_call_of_a_function_is_made_again_with_its_event(server, sqs, queue, name):
    """Of both kinds, and never with what the function has answered."""
    url, arn = queue
    functions = aws_clients.client("lambda", server.url)
    made = functions_kit.make_function(functions, name,
                                       functions_kit.python_package("return {'told': event}"))
    functions.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": arn}})
    for kind in ["RequestResponse", "Event"]:
        called = functions.invoke(FunctionName=name, InvocationType=kind,
                                  Payload=json.dumps({"as": kind}))
        if kind == "Event":
            receive(sqs, url)
        [again] = sent(server, called["ResponseMetadata"]["RequestId"])
        assert again["resource"] == made["FunctionArn"]
        told = json.loads(receive(sqs, url)["Body"])
        assert told["requestPayload"] == {"as": kind}
        assert told["responsePayload"] == {"told": {"as": kind}}
        assert told["requestContext"]["requestId"] != called["ResponseMetadata"]["RequestId"]
        sent(server, called["ResponseMetadata"]["RequestId"], "--body", '{"as": "another"}')
        assert json.loads(receive(sqs, url)["Body"])["requestPayload"] == {"as": "another"}


def test_a_dead_letter_is_sent_again_to_where_it_was_sent_first(server, sqs, name):
    dead, dead_arn = functions_kit.make_queue(sqs, f"a-{name}-dead")
    url, arn = functions_kit.make_queue(sqs, name, VisibilityTimeout="0", RedrivePolicy=json.dumps(
        {"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1}))
    id = sqs.send_message(QueueUrl=url, MessageBody="metropolis")["MessageId"]
    for _ in range(2):
        sqs.receive_message(QueueUrl=url)
    assert receive(sqs, dead)["MessageId"] == id
    [again] = sent(server, id)
    assert again["resource"] == arn
    assert receive(sqs, url)["Body"] == "metropolis"


def test_a_trace_sends_all_that_it_began_with_and_nothing_that_came_of_it(server, sqs, queue, name):
    url, arn = queue
    sns = aws_clients.client("sns", server.url)
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn,
                  Attributes={"RawMessageDelivery": "true"})
    root = ROOT + os.urandom(3).hex()
    traced(server, "sns", root).publish(TopicArn=topic, Message="published")
    traced(server, "sqs", root).send_message(QueueUrl=url, MessageBody="sent")
    assert {receive(sqs, url)["Body"] for _ in range(2)} == {"published", "sent"}
    assert [one["resource"] for one in sent(server, root)] == [topic, arn]
    assert {receive(sqs, url)["Body"] for _ in range(2)} == {"published", "sent"}
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    both = replay(server, root, "--body", "x")
    assert both.returncode == 2 and "began with 2 messages" in both.stderr


def test_what_a_function_sent_within_a_trace_is_not_sent_again_but_by_it(server, sqs, queue, name):
    url, _ = queue
    functions = aws_clients.client("lambda", server.url)
    made = functions_kit.make_function(functions, name, functions_kit.python_package(FORWARD))
    root = ROOT + os.urandom(3).hex()
    payload = json.dumps({"queue": name}).encode()
    traced(server, "lambda", root).invoke(FunctionName=name, Payload=payload)
    traced(server, "lambda", root).invoke(FunctionName=name, InvocationType="Event",
                                          Payload=payload)
    assert [receive(sqs, url)["Body"] for _ in range(2)] == ["by function"] * 2
    # The hop of a call is told when the call has ended.
    told = eventually(lambda: [hop for hop in hops(server, root) if hop["Kind"] == "invoked"][1:]
                      and hops(server, root))
    assert sum("event-bus" in hop["Resource"] for hop in told if hop["Kind"] == "sent") == 2
    assert [one["resource"] for one in sent(server, root)] == [made["FunctionArn"]] * 2
    assert [receive(sqs, url)["Body"] for _ in range(2)] == ["by function"] * 2
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_a_trace_of_which_a_part_is_secret_is_not_sent(server, sqs, queue, name):
    url, _ = queue
    key = aws_clients.client("kms", server.url).create_key()["KeyMetadata"]["KeyId"]
    secret, _ = functions_kit.make_queue(sqs, f"{name}-secret", KmsMasterKeyId=key)
    root = ROOT + os.urandom(3).hex()
    client = traced(server, "sqs", root)
    client.send_message(QueueUrl=url, MessageBody="plain")
    id = client.send_message(QueueUrl=secret, MessageBody="secret")["MessageId"]
    receive(sqs, url)
    run = replay(server, root)
    assert run.returncode == 1 and f"began with {id} among others" in run.stderr
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_what_the_journal_does_not_know_or_not_as_a_whole_is_not_sent(server, sqs, queue):
    url, _ = queue
    unknown = replay(server, "68e4a3c6-0000-0000-0000-000000000000")
    assert unknown.returncode == 1 and "The journal has nothing of" in unknown.stderr
    long = sqs.send_message(QueueUrl=url, MessageBody="x" * 200_000)["MessageId"]
    receive(sqs, url)
    cut = replay(server, long)
    assert cut.returncode == 1 and "of 200000 bytes only; --body gives all of it" in cut.stderr
    sent(server, long, "--body", "short")
    assert receive(sqs, url)["Body"] == "short"
    both = replay(server, long, "--body", "x", "--edit")
    assert both.returncode == 2
