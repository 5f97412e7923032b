"""`matinee why`: what would become of a message, and what has become of one."""

import json
import os
import subprocess

import aws_clients
import matinee_server
import pytest


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("why") / "data",
                               arguments=["--clock", "paused"]) as server:
        yield server


@pytest.fixture(scope="module")
def sqs(server):
    return aws_clients.client("sqs", server.url)


@pytest.fixture(scope="module")
def sns(server):
    return aws_clients.client("sns", server.url)


def run(server, *arguments, text=None):
    done = subprocess.run([matinee_server.find_binary(), *arguments, "--cloud", server.url],
                          capture_output=True, text=True, timeout=60, input=text, env={
                              **os.environ, "AWS_ACCESS_KEY_ID": "test",
                              "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"})
    assert done.returncode == 0, done.stderr
    return done.stdout


def why(server, *arguments, text=None):
    return json.loads(run(server, "why", *arguments, "--format", "json", text=text))


def make_queue(sqs, name, principal=None, **attributes):
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    if principal:
        let_in(sqs, url, name, principal)
    return url, f"arn:aws:sqs:us-east-1:000000000000:{name}"


def let_in(sqs, url, name, principal):
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": principal},
                      "Action": "sqs:SendMessage",
                      "Resource": f"arn:aws:sqs:us-east-1:000000000000:{name}"}})})


def test_a_queue_whose_policy_denies_would_not_get_it(server, sqs, sns, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    url, arn = make_queue(sqs, name)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    answer = why(server, "--topic", name, "--message", "-", text="hello")
    assert answer["Holds"] is False
    assert answer["Sentences"][0] == f"0 of 1 confirmed subscriptions of {topic} get it."
    assert answer["Sentences"][1].startswith(f"sqs {arn} would refuse it: AccessDenied")
    assert "sns.amazonaws.com is not authorized to perform: sqs:sendmessage" in (
        answer["Sentences"][1])
    assert "Let sns.amazonaws.com do sqs:SendMessage" in answer["Remedies"][0]
    let_in(sqs, url, name, "sns.amazonaws.com")
    answer = why(server, "--topic", name, "--message", "-", text="hello")
    assert answer["Holds"] is True and answer["Sentences"][1] == f"sqs {arn} gets it."


def test_a_queue_that_is_gone_or_small_would_not_get_it(server, sqs, sns, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    small = make_queue(sqs, name, "sns.amazonaws.com", MaximumMessageSize="1024")
    gone = small[1] + "-gone"
    for arn in (small[1], gone):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    answer = why(server, "--topic", name, "--message", "-", text="x" * 2000)
    refusals = [line for line in answer["Sentences"] if "would refuse it" in line]
    assert any("shorter than 1024 bytes" in line for line in refusals)
    assert any(gone in line and "does not exist" in line for line in refusals)


def test_a_queue_whose_key_cannot_be_used_would_not_get_it(server, sqs, sns, name):
    kms = aws_clients.client("kms", server.url)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    topic = sns.create_topic(Name=name)["TopicArn"]
    _, arn = make_queue(sqs, name, "sns.amazonaws.com", KmsMasterKeyId=key)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    kms.disable_key(KeyId=key)
    answer = why(server, "--topic", name, "--message", "-", text="hello")
    assert answer["Holds"] is False
    assert "would refuse it: KmsDisabled" in answer["Sentences"][1], answer


def test_what_publish_itself_would_refuse_is_told_first(server, sns, name):
    kms = aws_clients.client("kms", server.url)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sns.create_topic(Name=name, Attributes={"KmsMasterKeyId": key})
    kms.disable_key(KeyId=key)
    answer = why(server, "--topic", name, "--message", "-", text="hello")
    assert answer["Holds"] is False
    assert answer["Sentences"][0].startswith("Publish would refuse it: KMSDisabled")
    answer = why(server, "--topic", name, "--message", "-", text="x" * 262_145)
    assert "Message too long" in answer["Sentences"][0]


def test_a_topic_that_denies_publishing_says_so(server, sns, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps({
        "Version": "2012-10-17",
        "Statement": {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish",
                      "Resource": topic}}))
    answer = why(server, "--topic", name, "--message", "-", text="hello")
    assert answer["Holds"] is False
    assert "is not authorized to perform: SNS:Publish" in answer["Sentences"][0]
    assert "explicit deny" in answer["Sentences"][0]


def test_a_target_that_would_refuse_an_event_is_named(server, sqs, name):
    events = aws_clients.client("events", server.url)
    url, arn = make_queue(sqs, name)
    events.put_rule(Name=name, EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": arn}])
    event = '{"source": "shop", "detail": {}}'
    answer = why(server, "--rule", name, "--event", "-", text=event)
    assert answer["Holds"] is False
    assert any(line.startswith(f"Target q ({arn}) would refuse it: AccessDenied")
               for line in answer["Sentences"])
    let_in(sqs, url, name, "events.amazonaws.com")
    answer = why(server, "--rule", name, "--event", "-", text=event)
    assert answer["Holds"] is True and f"Target q ({arn}) gets it." in answer["Sentences"]


def test_nothing_is_sent_by_asking(server, sqs, sns, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    url, arn = make_queue(sqs, name, "sns.amazonaws.com")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    assert why(server, "--topic", name, "--message", "-", text="hello")["Holds"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_a_purge_that_removed_a_message_is_named_with_its_time(server, sqs, name):
    url, _ = make_queue(sqs, name)
    message = sqs.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]
    run(server, "clock", "advance", "5s")
    sqs.purge_queue(QueueUrl=url)
    sentences = why(server, "--queue", name, "--message", message)["Sentences"]
    assert any(line.startswith("It was removed by a purge of the queue, at 20")
               for line in sentences), sentences
    assert not any("What became of it" in line for line in sentences), sentences
    later = sqs.send_message(QueueUrl=url, MessageBody="later")["MessageId"]
    assert why(server, "--queue", name, "--message", later)["Holds"]


def test_a_message_that_grew_too_old_is_told_of(server, sqs, name):
    url, _ = make_queue(sqs, name, MessageRetentionPeriod="60")
    message = sqs.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]
    run(server, "clock", "advance", "2m")
    sentences = why(server, "--queue", name, "--message", message)["Sentences"]
    assert any(line.startswith("It grew too old at ") for line in sentences), sentences
    assert not any("What became of it" in line for line in sentences), sentences


def test_a_message_that_was_moved_away_tells_where_it_went(server, sqs, name):
    dead_url, dead = make_queue(sqs, name + "-dead")
    url, arn = make_queue(sqs, name, VisibilityTimeout="0", RedrivePolicy=json.dumps(
        {"deadLetterTargetArn": dead, "maxReceiveCount": 1}))
    message = sqs.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]
    for _ in range(2):
        sqs.receive_message(QueueUrl=url)
    sqs.start_message_move_task(SourceArn=dead)
    run(server, "clock", "advance", "5s")
    sentences = why(server, "--queue", name + "-dead", "--message", message)["Sentences"]
    assert any(line.startswith(f"It was moved to {arn} at ") for line in sentences), sentences
    assert not any("What became of it" in line for line in sentences), sentences


def test_a_message_of_a_topic_is_found_among_the_dead_letters(server, sqs, sns, name):
    _, dead = make_queue(sqs, name + "-dead")
    url, arn = make_queue(sqs, name, principal="sns.amazonaws.com", VisibilityTimeout="0",
                          RedrivePolicy=json.dumps({"deadLetterTargetArn": dead,
                                                    "maxReceiveCount": 1}))
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    message = sns.publish(TopicArn=topic, Message="hello")["MessageId"]
    for _ in range(2):
        sqs.receive_message(QueueUrl=url)
    found = why(server, "--queue", name + "-dead", "--message", message)
    assert found["Holds"], found
    assert f"It came here as a dead letter of {arn}." in found["Sentences"]
    assert not any("not delivered" in line for line in found["Sentences"]), found
    there = sqs.get_queue_url(QueueName=name + "-dead")["QueueUrl"]
    [received] = sqs.receive_message(QueueUrl=there)["Messages"]
    sqs.delete_message(QueueUrl=there, ReceiptHandle=received["ReceiptHandle"])
    lines = why(server, "--queue", name + "-dead", "--message", message)["Sentences"]
    assert any(line.startswith("It was deleted at ") for line in lines), lines
    assert any(line.startswith(f"It came here as a dead letter of {arn} at ") and
               "it was received 1 time" in line for line in lines), lines
    assert not any("not delivered" in line for line in lines), lines


def test_who_deleted_a_message_is_named(server, sqs, name):
    url, _ = make_queue(sqs, name)
    message = sqs.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]
    [received] = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])
    sentences = why(server, "--queue", name, "--message", message)["Sentences"]
    assert any(line.startswith("It was deleted at ") and
               "by arn:aws:iam::000000000000:root" in line for line in sentences), sentences


def test_a_trace_leads_from_the_queue_to_the_table_and_the_bucket(server, sqs, name):
    root = "1-67891233-abcdef012345678912345678"

    def traced(service, **config):
        client = aws_clients.client(service, server.url, **config)
        client.meta.events.register(
            f"before-sign.{service}.*",
            lambda request, **_: request.headers.add_header("X-Amzn-Trace-Id", f"Root={root}"))
        return client

    table = traced("dynamodb")
    bucket = traced("s3", s3={"addressing_style": "path"})
    plain = aws_clients.client("dynamodb", server.url)
    plain.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                       KeySchema=[{"AttributeName": "title", "KeyType": "HASH"}],
                       AttributeDefinitions=[{"AttributeName": "title", "AttributeType": "S"}])
    aws_clients.client("s3", server.url, s3={"addressing_style": "path"}).create_bucket(Bucket=name)
    url, _ = make_queue(sqs, name)
    message = traced("sqs").send_message(QueueUrl=url, MessageBody="Metropolis")["MessageId"]
    [received] = sqs.receive_message(QueueUrl=url)["Messages"]
    table.put_item(TableName=name, Item={"title": {"S": "Metropolis"}})
    table.batch_write_item(RequestItems={name: [
        {"PutRequest": {"Item": {"title": {"S": str(number)}}}} for number in range(3)]})
    plain.put_item(TableName=name, Item={"title": {"S": "untraced"}})
    bucket.put_object(Bucket=name, Key="posters/Metropolis.png", Body=b"png")
    bucket.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "posters/Metropolis.png"}]})
    sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])
    text = run(server, "trace", root)
    lines = [line.split("  ", 2)[-1] for line in text.splitlines()]
    assert lines[0] == f"message {message} in queue {name}, 10 bytes"
    assert lines[1] == "sent" and lines[2].startswith("received: hidden from others")
    assert lines[3:] == [
        f"wrote item Metropolis in table {name}, 15 bytes",
        f"wrote 3 items in table {name}, 18 bytes",
        f"wrote object posters/Metropolis.png in bucket {name}, 3 bytes",
        f"deleted object posters/Metropolis.png in bucket {name}", "deleted"], text
    assert f"table {name}" not in run(server, "trace", message)
