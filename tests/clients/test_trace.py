"""`matinee trace` and `matinee why`: what happened to a message, and why it is not there."""

import json
import os
import re
import subprocess

import aws_clients
import matinee_server
import own_pages
import pytest


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with matinee_server.Server(tmp_path_factory.mktemp("trace") / "data",
                               arguments=["--clock", "paused"]) as server:
        yield server


@pytest.fixture(scope="module")
def sqs(server):
    return aws_clients.client("sqs", server.url)


def run(server, *arguments, code=0, **more):
    done = subprocess.run([matinee_server.find_binary(), *arguments, "--cloud", server.url],
                          capture_output=True, text=True, timeout=60, env={
                              **os.environ, "AWS_ACCESS_KEY_ID": "test",
                              "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}, **more)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def page(server, path):
    return own_pages.read(server, path)


def kinds(server, message):
    return [hop["Kind"] for hop in page(server, f"trace?id={message}")["Hops"]]


def make_queue(sqs, name, **attributes):
    return sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def test_a_message_is_followed_from_its_sender_to_its_end(server, sqs, name):
    url = make_queue(sqs, name)
    message = sqs.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]
    [received] = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])
    text = run(server, "trace", message)
    assert re.fullmatch(
        rf"message {message} in queue {name}, 5 bytes\n"
        r"  \S+  sent\n  \S+  received: hidden from others until \S+\n  \S+  deleted\n", text), text
    hops = [json.loads(line) for line in
            run(server, "trace", message, "--format", "json").splitlines()]
    assert [hop["Kind"] for hop in hops] == ["sent", "received", "deleted"]
    assert {hop["Resource"] for hop in hops} == {f"arn:aws:sqs:us-east-1:000000000000:{name}"}
    assert name in run(server, "trace", "--queue", name)
    assert "knows no such message" in run(server, "trace", "nobody", code=1)


def test_resources_are_found_by_their_names(server, sqs, name):
    sns = aws_clients.client("sns", server.url)
    url = make_queue(sqs, name)
    topic = sns.create_topic(Name=name + "-news")["TopicArn"]
    sns.publish(TopicArn=topic, Message="hello")
    sqs.send_message(QueueUrl=url, MessageBody="hello")

    def resources(named):
        lines = run(server, "trace", "--resource", named, "--format", "json").splitlines()
        return {json.loads(line)["Resource"] for line in lines}

    queue = f"arn:aws:sqs:us-east-1:000000000000:{name}"
    for named in (name, url, queue):
        assert resources(named) == {queue}
    assert resources(name + "-news") == {topic}
    assert resources(name[:-1]) == set() and resources("000000000000") == set()


def test_why_a_message_is_not_received_and_what_would_change_that(server, sqs, name):
    url = make_queue(sqs, name, VisibilityTimeout="60")
    message = sqs.send_message(QueueUrl=url, MessageBody='{"id": 17}')["MessageId"]
    assert "It can be received now" in run(server, "why", "--queue", name, "--message", message)
    sqs.receive_message(QueueUrl=url)
    text = run(server, "why", "--queue", url, "--body-contains", '"id": 17')
    assert "It is in flight" in text
    advance = re.search(r"`matinee (clock advance \d+s)`", text).group(1)
    run(server, *advance.split())
    assert "It can be received now" in run(server, "why", "--queue", name, "--message", message)
    sqs.purge_queue(QueueUrl=url)
    text = run(server, "why", "--queue", name, "--message", message)
    assert "There is no such message" in text
    assert "received: hidden from others" in text


def test_why_a_message_has_gone(server, sqs, name):
    dead = make_queue(sqs, f"{name}-dead")
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
    url = make_queue(sqs, name, VisibilityTimeout="0", RedrivePolicy=json.dumps(
        {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": 1}))
    message = sqs.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]
    sqs.receive_message(QueueUrl=url)
    sqs.receive_message(QueueUrl=url)
    answer = json.loads(run(server, "why", "--queue", name, "--message", message,
                            "--format", "json"))
    assert answer["Holds"] is False
    assert any("received 1 time and not deleted" in line for line in answer["Sentences"])
    assert "It came here as a dead letter" in run(
        server, "why", "--queue", f"{name}-dead", "--message", message)


def test_the_trace_of_a_header_goes_over_several_queues(server, sqs, name):
    root = "1-5759e988-bd862e3fe1be46a994272793"
    urls = [make_queue(sqs, f"{name}-{i}") for i in range(2)]

    def add_header(request, **_):
        request.headers["X-Amzn-Trace-Id"] = f"Root={root};Sampled=1"

    traced = aws_clients.client("sqs", server.url)
    traced.meta.events.register("before-sign.sqs.*", add_header)
    for url in urls:
        traced.send_message(QueueUrl=url, MessageBody="hello")
    assert kinds(server, root) == ["sent", "sent"]


def test_who_follows_sees_what_comes(server, sqs, name):
    url = make_queue(sqs, name)
    last = page(server, "trace?max-items=1")["Last"]
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    answer = page(server, f"trace?after={last}&wait-seconds=20&queue={name}")
    assert [hop["Kind"] for hop in answer["Hops"]] == ["sent"]
    assert answer["Last"] > last


def test_the_journal_survives_kill_9(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        sqs = aws_clients.client("sqs", server.url)
        url = make_queue(sqs, "q")
        message = sqs.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]
        server.kill()
    with matinee_server.Server(tmp_path / "data") as server:
        assert kinds(server, message) == ["sent"]


def test_one_does_not_see_the_hops_of_other_accounts(server, name):
    mine = aws_clients.client("sqs", server.url, credentials={
        "aws_access_key_id": "111122223333", "aws_secret_access_key": "secret"})
    message = mine.send_message(QueueUrl=make_queue(mine, name), MessageBody="x")["MessageId"]
    signed = run(server, "trace", message, code=1)
    assert "knows no such message" in signed


def test_questions_that_make_no_sense_are_refused(server):
    assert "one of --queue, --topic, --rule and --stream" in run(server, "why", code=2)
    assert "--queue needs" in run(server, "why", "--queue", "q", code=2)
    assert "does not exist" in run(server, "why", "--queue", "no-such-queue", "--message", "1",
                                   code=1)
    assert "--event FILE" in run(server, "why", "--rule", "r", code=2)


def test_why_one_queue_of_a_fan_out_got_nothing(server, sqs, name):
    sns = aws_clients.client("sns", server.url)
    topic = sns.create_topic(Name=name)["TopicArn"]
    allow = json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage", "Resource": "*"}})
    for queue, policy, more in [("silent", allow, {"FilterPolicy": json.dumps(
                                    {"year": [{"numeric": ["<", 1928]}]})}),
                                ("sound", allow, {}), ("forgotten", None, {})]:
        make_queue(sqs, f"{name}-{queue}", **({"Policy": policy} if policy else {}))
        sns.subscribe(TopicArn=topic, Protocol="sqs", Attributes=more,
                      Endpoint=f"arn:aws:sqs:us-east-1:000000000000:{name}-{queue}")
    message = sns.publish(TopicArn=topic, Message="Casablanca", MessageAttributes={
        "year": {"DataType": "Number", "StringValue": "1942"}})["MessageId"]
    url = sqs.get_queue_url(QueueName=f"{name}-sound")["QueueUrl"]
    sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, VisibilityTimeout=0)

    def why(queue):
        return run(server, "why", "--queue", f"{name}-{queue}", "--message", message)

    assert "It can be received now" in why("sound")
    assert re.search(r"did not take it at \S+ The event does not match: year is 1942 and must be a "
                     r"number below 1928\.", why("silent")), why("silent")
    assert "no resource-based policy allows" in why("forgotten")
    assert kinds(server, message)[0] == "sent"
    assert "delivered" in kinds(server, message)
