"""What the journal knows of what messages had in them, and what it must not know."""

import json
import urllib.error

import aws_clients
import functions_kit
import matinee_server
import own_pages
import pytest
from polling import eventually
from stack_kit import Stack

ROOT = "1-5759e988-bd862e3fe1be46a994272793"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("payloads") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def sqs(server):
    return aws_clients.client("sqs", server.url)


@pytest.fixture(scope="module")
def sns(server):
    return aws_clients.client("sns", server.url)


def page(server, path, **query):
    return own_pages.read(server, path, **query)


def payloads(server, id):
    return page(server, "payloads", id=id)["Payloads"]


def body_at(server, id, resource):
    """Of the story of an id, what came to a resource; an ARN that ends so."""
    [found] = [one for one in payloads(server, id)
               if one["Resource"].endswith(resource) and "Answer" not in one]
    return found


def make_queue(sqs, name, **attributes):
    return functions_kit.make_queue(sqs, name, Policy=functions_kit.ANYBODY, **attributes)


def test_a_message_has_its_body_and_what_was_said_of_it_still_after_it_is_deleted(
        server, sqs, name):
    url, arn = make_queue(sqs, f"{name}.fifo", FifoQueue="true")
    id = sqs.send_message(
        QueueUrl=url, MessageBody="hello", MessageGroupId="g", MessageDeduplicationId="d",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "gr\u00fc\u00df \"x\""},
                           "raw": {"DataType": "Binary", "BinaryValue": b"\0\1"}})["MessageId"]
    sqs.purge_queue(QueueUrl=url)
    [found] = payloads(server, id)
    settings = json.loads(found.pop("Settings"))
    assert found == {"Id": id, "Resource": arn, "Body": "hello", "Bytes": 5, "Whole": True}
    assert settings == {
        "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "gr\u00fc\u00df \"x\""},
                              "raw": {"DataType": "Binary", "BinaryValue": "AAE="}},
        "MessageGroupId": "g", "MessageDeduplicationId": "d"}


def test_of_a_long_message_the_beginning_is_known(server, sqs, name):
    url, _ = make_queue(sqs, name)
    id = sqs.send_message(QueueUrl=url, MessageBody="x" * 200_000)["MessageId"]
    [found] = payloads(server, id)
    assert (found["Whole"], found["Bytes"], found["Body"]) == (False, 200_000, "x" * 65536)


def test_a_payload_is_known_at_each_hop_as_it_was_there(server, sqs, sns, name):
    url, arn = make_queue(sqs, name)
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    id = sns.publish(TopicArn=topic, Message="hello", Subject="greeting")["MessageId"]
    assert body_at(server, id, topic)["Body"] == "hello"
    assert json.loads(body_at(server, id, topic)["Settings"]) == {"Subject": "greeting"}
    envelope = json.loads(body_at(server, id, arn)["Body"])
    assert (envelope["Message"], envelope["MessageId"]) == ("hello", id)
    events = aws_clients.client("events", server.url)
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": arn, "InputPath": "$.detail"}])
    [entry] = events.put_events(Entries=[{"Source": name, "DetailType": "order",
                                          "Detail": '{"n": 1}'}])["Entries"]
    event = json.loads(body_at(server, entry["EventId"], ":event-bus/default")["Body"])
    assert (event["detail"], event["source"]) == ({"n": 1}, name)
    assert json.loads(body_at(server, entry["EventId"], arn)["Body"]) == {"n": 1}


def test_a_function_s_event_and_an_item_are_known_too(server, sqs, name):
    url, arn = make_queue(sqs, name, VisibilityTimeout="60")
    client = aws_clients.client("lambda", server.url)
    made = functions_kit.make_function(client, name, functions_kit.python_package("return event"))
    client.create_event_source_mapping(EventSourceArn=arn, FunctionName=name)
    id = sqs.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]

    def event():
        found = [one for one in payloads(server, id) if one["Resource"] == made["FunctionArn"]]
        return found and json.loads(found[0]["Body"])

    assert eventually(event)["Records"][0]["body"] == "hello"
    called = client.invoke(FunctionName=name, Payload=b'{"n": 1}')["ResponseMetadata"]["RequestId"]
    assert body_at(server, called, name)["Body"] == '{"n": 1}'
    dynamodb = aws_clients.client("dynamodb", server.url)
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    dynamodb.meta.events.register("before-sign.dynamodb.*", lambda request, **_:
                                  request.headers.add_header("X-Amzn-Trace-Id", f"Root={ROOT}"))
    for n in ["1", "2"]:
        dynamodb.put_item(TableName=name, Item={"id": {"S": "a"}, "n": {"N": n}})
    found = payloads(server, ROOT)
    assert [json.loads(one["Body"]) for one in found] == [
        {"id": {"S": "a"}, "n": {"N": n}} for n in ["1", "2"]]
    assert [one["Hop"] for one in found] == [
        hop["Number"] for hop in page(server, "trace", id=ROOT)["Hops"]]


def test_what_is_encrypted_is_not_kept_nor_what_is_made_of_it(server, sqs, sns, name):
    key = aws_clients.client("kms", server.url).create_key()["KeyMetadata"]["KeyId"]
    _, plain = make_queue(sqs, f"{name}-plain")
    url, arn = make_queue(sqs, f"{name}-secret", KmsMasterKeyId=key, VisibilityTimeout="60")
    topic = sns.create_topic(Name=name, Attributes={"KmsMasterKeyId": key})["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=plain)
    client = aws_clients.client("lambda", server.url)
    functions_kit.make_function(client, name, functions_kit.python_package("return event"))
    client.create_event_source_mapping(EventSourceArn=arn, FunctionName=name)
    published = sns.publish(TopicArn=topic, Message="secret")["MessageId"]
    sent = sqs.send_message(QueueUrl=url, MessageBody="secret")["MessageId"]
    hops = eventually(lambda: [hop for hop in page(server, "trace", id=sent)["Hops"]
                               if hop["Kind"] == "invoked"])
    assert hops, "the function was called with it"
    assert len(page(server, "trace", id=published)["Hops"]) == 2
    assert payloads(server, published) == []
    assert payloads(server, sent) == []


def test_a_secret_that_moves_to_a_plain_queue_stays_one(server, sqs, name):
    """In the end a function gets it, whose event is not kept."""
    key = aws_clients.client("kms", server.url).create_key()["KeyMetadata"]["KeyId"]
    dead_url, dead_arn = make_queue(sqs, f"{name}-dead", KmsMasterKeyId=key)
    _, arn = make_queue(sqs, name, VisibilityTimeout="60")
    make_queue(sqs, f"{name}-source", RedrivePolicy=json.dumps(
        {"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1}))
    client = aws_clients.client("lambda", server.url)
    made = functions_kit.make_function(client, name, functions_kit.python_package("return event"))
    client.create_event_source_mapping(EventSourceArn=arn, FunctionName=name)
    sqs.send_message(QueueUrl=dead_url, MessageBody="secret")
    sqs.start_message_move_task(SourceArn=dead_arn, DestinationArn=arn)
    [call] = eventually(lambda: [hop for hop in page(server, "trace", resource=made["FunctionArn"])
                                 ["Hops"] if hop["Kind"] == "invoked"])
    moved = call["Messages"][0]["Cause"]
    assert call["Peer"] == arn
    assert payloads(server, moved) == []


def test_items_of_a_table_with_a_key_are_not_kept_nor_what_a_function_is_told_of_them(
        server, name):
    dynamodb = aws_clients.client("dynamodb", server.url)
    table = dynamodb.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        SSESpecification={"Enabled": True},
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    client = aws_clients.client("lambda", server.url)
    made = functions_kit.make_function(client, name, functions_kit.python_package("return event"))
    client.create_event_source_mapping(
        EventSourceArn=table["TableDescription"]["LatestStreamArn"], FunctionName=name,
        StartingPosition="TRIM_HORIZON")
    root = "1-5759e988-bd862e3fe1be46a994272794"
    dynamodb.meta.events.register("before-sign.dynamodb.*", lambda request, **_:
                                  request.headers.add_header("X-Amzn-Trace-Id", f"Root={root}"))
    dynamodb.put_item(TableName=name, Item={"id": {"S": "a"}, "n": {"S": "secret"}})
    [call] = eventually(lambda: [hop for hop in page(server, "trace", resource=made["FunctionArn"])
                                 ["Hops"] if hop["Kind"] == "invoked"])
    assert len(page(server, "trace", id=root)["Hops"]) >= 2
    assert payloads(server, root) == []
    assert payloads(server, call["Messages"][0]["Id"]) == []


def test_what_is_made_of_a_secret_is_one_whatever_way_it_takes(server, sqs, sns, name):
    """From a bus with a key: to a topic and on to a queue, to another region's bus, and to a
    function whose failure is told to a queue and to a bus."""
    key = aws_clients.client("kms", server.url).create_key()["KeyMetadata"]["Arn"]
    _, plain = make_queue(sqs, name)
    anybody = functions_kit.ANYBODY.replace("sqs:*", "sns:Publish")
    topic = sns.create_topic(Name=name, Attributes={"Policy": anybody})["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=plain)
    functions = aws_clients.client("lambda", server.url)
    made = functions_kit.make_function(functions, name, functions_kit.python_package("1 / 0"))
    events = aws_clients.client("events", server.url)
    bus = events.create_event_bus(Name=name)["EventBusArn"]
    functions.put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=0, DestinationConfig={
            "OnFailure": {"Destination": bus}, "OnSuccess": {"Destination": plain}})
    functions.add_permission(FunctionName=name, StatementId="e", Action="lambda:InvokeFunction",
                             Principal="events.amazonaws.com")
    events.put_rule(Name="all", EventBusName=name, EventPattern='{"source": ["lambda"]}')
    events.put_targets(Rule="all", EventBusName=name, Targets=[{"Id": "q", "Arn": plain}])
    far = aws_clients.client("events", server.url, region="eu-west-1")
    elsewhere = far.create_event_bus(Name=name)["EventBusArn"]
    events.create_event_bus(Name=f"{name}-secret", KmsKeyIdentifier=key)
    events.put_rule(Name=name, EventBusName=f"{name}-secret", EventPattern='{"source": ["s"]}')
    role = "arn:aws:iam::000000000000:role/r"
    events.put_targets(Rule=name, EventBusName=f"{name}-secret", Targets=[
        {"Id": "t", "Arn": topic}, {"Id": "f", "Arn": made["FunctionArn"]},
        {"Id": "b", "Arn": elsewhere, "RoleArn": role}])
    events.put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": '{"a": "rosebud"}',
                                "EventBusName": f"{name}-secret"}])

    def ended():
        hops = page(server, "trace", **{"max-items": 1000})["Hops"]
        came = [hop["Resource"] for hop in hops if hop["Kind"] in ("sent", "delivered")]
        return came.count(plain) >= 2 and {topic, elsewhere, bus} <= set(came) and hops

    ids = {message["Id"] for hop in eventually(ended) for message in hop.get("Messages", [])}
    assert "rosebud" not in str([payloads(server, id) for id in ids])


def test_what_a_schedule_with_a_key_sends_is_a_secret(server, sqs, sns, name):
    key = aws_clients.client("kms", server.url).create_key()["KeyMetadata"]["Arn"]
    url, arn = make_queue(sqs, name)
    topic = sns.create_topic(Name=name)["TopicArn"]
    bus = aws_clients.client("events", server.url).create_event_bus(Name=name)["EventBusArn"]
    targets = [{"Arn": arn, "Input": "rosebud"}, {"Arn": topic, "Input": "rosebud"},
               {"Arn": bus, "Input": '{"a": "rosebud"}',
                "EventBridgeParameters": {"DetailType": "d", "Source": "s"}},
               {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage",
                "Input": json.dumps({"QueueUrl": url, "MessageBody": "rosebud"})}]
    scheduler = aws_clients.client("scheduler", server.url)
    for number, target in enumerate(targets):
        scheduler.create_schedule(
            Name=f"{name}-{number}", KmsKeyArn=key, ScheduleExpression="rate(1 minute)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"RoleArn": "arn:aws:iam::000000000000:role/r", **target})
    own_pages.ask(server, "POST", "clock?advance=61s")

    def ended():
        hops = page(server, "trace", **{"max-items": 1000})["Hops"]
        came = [hop["Resource"] for hop in hops if hop["Kind"] == "sent"]
        return came.count(arn) >= 1 and {topic, bus} <= set(came) and hops

    ids = {message["Id"] for hop in eventually(ended) for message in hop.get("Messages", [])}
    assert "rosebud" not in str([payloads(server, id) for id in ids])


def test_what_a_stack_tells_a_custom_resource_is_not_kept(server, sqs, sns, name):
    _, arn = make_queue(sqs, name)
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    stack = Stack(server.url, name)
    stack.client.create_stack(StackName=name, TemplateBody=json.dumps({
        "Parameters": {"Password": {"Type": "String", "NoEcho": True}},
        "Resources": {"Made": {"Type": "Custom::Made", "Properties": {
            "ServiceToken": topic, "Password": {"Ref": "Password"}}}}}),
        Parameters=[{"ParameterKey": "Password", "ParameterValue": "rosebud"}])
    [hop] = eventually(lambda: [hop for hop in page(server, "trace", topic=name)["Hops"]
                                if hop["Kind"] == "sent"])
    story = page(server, "trace", id=hop["Messages"][0]["Id"])["Hops"]
    assert [one["Kind"] for one in story] == ["sent", "delivered"]
    assert payloads(server, hop["Messages"][0]["Id"]) == []


def test_an_account_knows_its_own_payloads_only(server, sqs, name):
    url, _ = make_queue(sqs, name)
    id = sqs.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]
    assert own_pages.read(server, "payloads", id=id, key="111122223333")["Payloads"] == []
    with pytest.raises(urllib.error.HTTPError) as raised:
        page(server, "payloads")
    assert raised.value.code == 400


def test_there_are_none_where_none_are_wanted(tmp_path):
    with matinee_server.Server(tmp_path / "data", arguments=["--journal-payloads", "0"]) as server:
        sqs = aws_clients.client("sqs", server.url)
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        id = sqs.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]
        assert len(page(server, "trace", id=id)["Hops"]) == 1
        assert payloads(server, id) == []
