"""What the journal knows of payloads at their later hops: what endpoints were sent, what functions
have answered, and what moved from queue to queue; and what of it stays a secret.
"""

import json

import aws_clients
import functions_kit
import matinee_server
import own_pages
import pytest
from api_endpoint import ApiEndpoint
from moved_clock import Clock
from polling import eventually
from test_api_destinations import destine
from test_events import put
from test_sns_http import Subscriber, confirm


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("hops") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def sqs(server):
    return aws_clients.client("sqs", server.url)


@pytest.fixture(scope="module")
def sns(server):
    return aws_clients.client("sns", server.url)


@pytest.fixture(scope="module")
def functions(server):
    return aws_clients.client("lambda", server.url)


@pytest.fixture
def web():
    with ApiEndpoint() as endpoint:
        yield endpoint


def payloads(server, id):
    return own_pages.read(server, "payloads", id=id)["Payloads"]


def hops(server, id, kind):
    return [hop for hop in own_pages.read(server, "trace", id=id)["Hops"] if hop["Kind"] == kind]


def bodies_at(server, id, resource):
    return [one["Body"] for one in payloads(server, id)
            if one["Resource"] == resource and "Answer" not in one]


def answers(server, id):
    return [(one["Resource"], one["Body"]) for one in payloads(server, id) if one.get("Answer")]


def subscribe(sns, subscriber, topic, **attributes):
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url, Attributes=attributes)
    confirm(subscriber)


@pytest.fixture
def subscriber():
    made = Subscriber()
    yield made
    made.stop()


def test_an_http_subscriber_s_message_is_known_as_it_was_sent(server, sns, subscriber, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    subscribe(sns, subscriber, topic)
    id = sns.publish(TopicArn=topic, Message="hello")["MessageId"]
    _, body = subscriber.next()
    eventually(lambda: hops(server, id, "delivered"))
    [known] = bodies_at(server, id, subscriber.url)
    assert known == (body if isinstance(body, str) else body.decode())
    assert json.loads(known)["Message"] == "hello"


def test_an_api_destination_s_event_is_known_without_what_its_connection_adds(server, web, name):
    events = aws_clients.client("events", server.url)
    made = destine(events, name, web.url("/in"), {
        "AuthorizationType": "API_KEY", "AuthParameters": {
            "ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "rosebud"},
            "InvocationHttpParameters": {"BodyParameters": [
                {"Key": "sled", "Value": "rosebud", "IsValueSecret": True}]}}})
    id = put(events, name, {"n": 1})
    [call] = eventually(lambda: web.to("/in"))
    assert json.loads(call.body)["sled"] == "rosebud"
    eventually(lambda: hops(server, id, "delivered"))
    [known] = bodies_at(server, id, made.target)
    assert json.loads(known)["detail"] == {"n": 1}
    assert "rosebud" not in str(payloads(server, id))


def test_what_an_endpoint_refuses_is_known_from_the_first_try(server, web, name):
    events = aws_clients.client("events", server.url)
    web.answers["/in"] = [(503, {}, b"later")] * 50
    made = destine(events, name, web.url("/in"))
    id = put(events, name, {"n": 2})
    eventually(lambda: hops(server, id, "put off"))
    [known] = bodies_at(server, id, made.target)
    assert json.loads(known)["detail"] == {"n": 2}


def test_what_a_function_has_answered_is_known_beside_its_event(server, functions, name):
    code = functions_kit.python_package("return {'sum': event['a'] + event['b']}")
    made = functions_kit.make_function(functions, name, code)
    called = functions.invoke(FunctionName=name, Payload=b'{"a": 1, "b": 2}')
    id = called["ResponseMetadata"]["RequestId"]
    assert answers(server, id) == [(made["FunctionArn"], '{"sum": 3}')]
    assert bodies_at(server, id, made["FunctionArn"]) == ['{"a": 1, "b": 2}']
    failed = functions.invoke(FunctionName=name, Payload=b'{"a": 1}')
    [(_, error)] = answers(server, failed["ResponseMetadata"]["RequestId"])
    assert json.loads(error)["errorType"] == "KeyError"


def test_an_asynchronous_call_has_its_answer_and_its_destination_what_it_was_told(
        server, sqs, functions, name):
    _, arn = functions_kit.make_queue(sqs, name, Policy=functions_kit.ANYBODY)
    made = functions_kit.make_function(functions, name, functions_kit.python_package("return 42"))
    functions.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": arn}})
    id = functions.invoke(FunctionName=name, InvocationType="Event",
                          Payload=b'{"n": 1}')["ResponseMetadata"]["RequestId"]
    told = json.loads(eventually(lambda: bodies_at(server, id, arn))[0])
    assert (told["requestPayload"], told["responsePayload"]) == ({"n": 1}, 42)
    assert answers(server, id) == [(made["FunctionArn"], "42")]


def test_a_queue_s_batch_has_the_function_s_answer(server, sqs, functions, name):
    url, arn = functions_kit.make_queue(sqs, name, VisibilityTimeout="60")
    code = functions_kit.python_package("return {'batchItemFailures': []}")
    made = functions_kit.make_function(functions, name, code)
    functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=name)
    id = sqs.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]
    assert eventually(lambda: answers(server, id)) == [
        (made["FunctionArn"], '{"batchItemFailures": []}')]


def test_answers_that_may_have_secrets_in_them_are_not_kept(server, functions, name):
    key = aws_clients.client("kms", server.url).create_key()["KeyMetadata"]["Arn"]
    functions_kit.make_function(
        functions, f"{name}-sealed", functions_kit.python_package("return os.environ['SLED']"),
        Environment={"Variables": {"SLED": "rosebud"}}, KMSKeyArn=key)
    functions_kit.make_function(functions, f"{name}-open",
                                functions_kit.python_package("return dict(os.environ)"))
    for function, part in [("sealed", b"rosebud"), ("open", b"AWS_SECRET_ACCESS_KEY")]:
        called = functions.invoke(FunctionName=f"{name}-{function}", Payload=b"{}")
        assert part in called["Payload"].read()
        id = called["ResponseMetadata"]["RequestId"]
        assert len(hops(server, id, "invoked")) == 1
        assert answers(server, id) == []


def test_a_function_s_answer_to_a_secret_is_one(server, sqs, functions, name):
    key = aws_clients.client("kms", server.url).create_key()["KeyMetadata"]["KeyId"]
    url, arn = functions_kit.make_queue(sqs, name, KmsMasterKeyId=key, VisibilityTimeout="60")
    code = functions_kit.python_package("return event['Records'][0]['body']")
    functions_kit.make_function(functions, name, code)
    functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=name)
    id = sqs.send_message(QueueUrl=url, MessageBody="rosebud")["MessageId"]
    eventually(lambda: hops(server, id, "invoked"))
    assert payloads(server, id) == []


@pytest.fixture
def moving(sqs, name):
    """The URL and ARN of a queue, and of the one that its messages go to after a receive."""
    dead = functions_kit.make_queue(sqs, f"{name}-dead")
    queue = functions_kit.make_queue(sqs, name, VisibilityTimeout="0", RedrivePolicy=json.dumps(
        {"deadLetterTargetArn": dead[1], "maxReceiveCount": 1}))
    return queue, dead


def test_a_dead_letter_is_known_where_it_went_and_where_it_was_moved_back_to(server, sqs, moving):
    (url, arn), (dead_url, dead_arn) = moving
    id = sqs.send_message(QueueUrl=url, MessageBody="hello", MessageAttributes={
        "kind": {"DataType": "String", "StringValue": "film"}})["MessageId"]
    for _ in range(2):
        sqs.receive_message(QueueUrl=url)
    [dead] = [one for one in payloads(server, id) if one["Resource"] == dead_arn]
    assert (dead["Id"], dead["Body"]) == (id, "hello")
    assert json.loads(dead["Settings"])["MessageAttributes"]["kind"]["StringValue"] == "film"
    sqs.start_message_move_task(SourceArn=dead_arn)
    [moved] = eventually(lambda: hops(server, id, "moved"))
    assert (moved["Resource"], moved["Peer"]) == (dead_arn, arn)
    [message] = moved["Messages"]
    assert message["Cause"] == id != message["Id"]
    [back] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert back["MessageId"] == message["Id"]
    assert [one["Body"] for one in payloads(server, id)
            if (one["Id"], one["Resource"]) == (message["Id"], arn)] == ["hello"]
    assert hops(server, id, "received")[-1]["Messages"][0]["Id"] == message["Id"]
    assert "Messages" not in sqs.receive_message(QueueUrl=dead_url)


def test_a_message_that_is_moved_by_hand_is_known_where_it_went(server, sqs, moving, name):
    (url, _), (_, dead_arn) = moving
    id = sqs.send_message(QueueUrl=url, MessageBody="by hand")["MessageId"]
    [seen] = own_pages.read(server, f"queues/{name}/messages")["Messages"]
    own_pages.ask(server, "POST", f"queues/{name}/messages?action=move&target={name}-dead",
                  body={"Handles": [seen["Handle"]]})
    assert bodies_at(server, id, dead_arn) == ["by hand"]


def test_a_message_that_moves_to_a_queue_with_a_key_is_a_secret_there(server, sqs, name):
    key = aws_clients.client("kms", server.url).create_key()["KeyMetadata"]["KeyId"]
    url, _ = functions_kit.make_queue(sqs, name)
    _, sealed = functions_kit.make_queue(sqs, f"{name}-sealed", KmsMasterKeyId=key)
    id = sqs.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]
    [seen] = own_pages.read(server, f"queues/{name}/messages")["Messages"]
    own_pages.ask(server, "POST", f"queues/{name}/messages?action=move&target={name}-sealed",
                  body={"Handles": [seen["Handle"]]})
    assert hops(server, id, "moved")
    assert bodies_at(server, id, sealed) == []


def test_what_is_tried_again_has_the_answer_of_the_last_try(tmp_path):
    with matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"]) as server:
        functions = aws_clients.client("lambda", server.url)
        functions_kit.make_function(functions, "f", functions_kit.python_package(
            "raise ValueError(context.aws_request_id)"))
        functions.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=1)
        id = functions.invoke(FunctionName="f", InvocationType="Event",
                              Payload=b"{}")["ResponseMetadata"]["RequestId"]
        eventually(lambda: hops(server, id, "put off"))
        [(_, first)] = answers(server, id)
        assert json.loads(first)["errorType"] == "ValueError"
        Clock(server).advance(minutes=1)
        eventually(lambda: hops(server, id, "dropped"))
        assert len(answers(server, id)) == 1
