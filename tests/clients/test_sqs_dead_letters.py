"""Redrive: a message received too often without being deleted moves to the dead-letter queue."""

import json

import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError


def make_pair(sqs, name, max_receive_count, suffix="", **attributes):
    """A dead-letter queue and a queue that redrives to it; returns both URLs."""
    dead = sqs.create_queue(QueueName=f"{name}-dead{suffix}", Attributes=attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    policy = {"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": max_receive_count}
    source = sqs.create_queue(QueueName=name + suffix, Attributes={
        **attributes, "RedrivePolicy": json.dumps(policy)})["QueueUrl"]
    return source, dead


def receive(sqs, queue, **parameters):
    parameters = {"WaitTimeSeconds": 0, "MaxNumberOfMessages": 10, **parameters}
    return sqs.receive_message(QueueUrl=queue, **parameters).get("Messages", [])


def test_a_message_moves_after_it_was_received_too_often(sqs, name):
    source, dead = make_pair(sqs, name, max_receive_count=2)
    sent = sqs.send_message(QueueUrl=source, MessageBody="poison")
    for _ in range(2):
        [message] = receive(sqs, source, VisibilityTimeout=0)
        assert message["MessageId"] == sent["MessageId"]
    assert receive(sqs, source) == []
    [moved] = receive(sqs, dead, WaitTimeSeconds=5, AttributeNames=["All"])
    assert moved["MessageId"] == sent["MessageId"]
    assert moved["Body"] == "poison"
    source_arn = sqs.get_queue_attributes(QueueUrl=source, AttributeNames=["QueueArn"])
    assert moved["Attributes"]["DeadLetterQueueSourceArn"] == (
        source_arn["Attributes"]["QueueArn"])


def test_a_message_deleted_in_time_does_not_move(sqs, name):
    source, dead = make_pair(sqs, name, max_receive_count=1)
    sqs.send_message(QueueUrl=source, MessageBody="fine")
    [message] = receive(sqs, source)
    sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
    assert receive(sqs, source) == []
    assert receive(sqs, dead, WaitTimeSeconds=1) == []


def test_a_fifo_group_continues_behind_a_message_that_moved(sqs, name):
    source, dead = make_pair(sqs, name, 1, ".fifo", FifoQueue="true",
                             ContentBasedDeduplication="true")
    for body in ("poison", "next"):
        sqs.send_message(QueueUrl=source, MessageBody=body, MessageGroupId="g")
    [poison] = receive(sqs, source, MaxNumberOfMessages=1, VisibilityTimeout=0)
    assert poison["Body"] == "poison"
    [after] = receive(sqs, source, WaitTimeSeconds=5)
    assert after["Body"] == "next"
    [moved] = receive(sqs, dead, WaitTimeSeconds=5, AttributeNames=["All"])
    assert moved["Body"] == "poison"
    assert moved["Attributes"]["MessageGroupId"] == "g"


def test_the_redrive_policy_is_returned_as_it_was_set(sqs, name):
    source, dead = make_pair(sqs, name, max_receive_count=3)
    got = sqs.get_queue_attributes(QueueUrl=source, AttributeNames=["RedrivePolicy"])
    policy = json.loads(got["Attributes"]["RedrivePolicy"])
    assert policy["deadLetterTargetArn"].endswith(dead.rsplit("/", 1)[1])
    assert int(policy["maxReceiveCount"]) == 3


@pytest.mark.parametrize("policy", ["not json", "{}", '{"maxReceiveCount": 3}'])
def test_a_redrive_policy_that_makes_no_sense_is_refused(sqs, queue, policy):
    with pytest.raises(ClientError) as raised:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": policy})
    code, status = error_of(raised)
    assert code in ("InvalidParameterValue", "InvalidAttributeValue")
    assert status == 400
