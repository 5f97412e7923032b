"""Dead-letter queues: which queues use them, and message move tasks back from them."""

import base64
import json

import pytest
from aws_clients import code_of, error_of
from botocore.exceptions import ClientError
from polling import eventually
from test_sqs_dead_letters import make_pair, receive


def arn_of(sqs, queue):
    got = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    return got["Attributes"]["QueueArn"]


def count_of(sqs, queue):
    name = "ApproximateNumberOfMessages"
    got = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])
    return int(got["Attributes"][name])


def fail(sqs, source, dead, count):
    """Sends so many messages that end up in the dead-letter queue."""
    for number in range(count):
        sqs.send_message(QueueUrl=source, MessageBody=str(number))
        receive(sqs, source, VisibilityTimeout=0)
    assert receive(sqs, source) == []
    assert count_of(sqs, dead) == count


def latest(sqs, arn):
    [task] = sqs.list_message_move_tasks(SourceArn=arn)["Results"]
    return task


def test_a_task_brings_messages_back_to_their_queue(sqs, name):
    source, dead = make_pair(sqs, name, 1)
    fail(sqs, source, dead, 3)
    arn = arn_of(sqs, dead)
    assert sqs.start_message_move_task(SourceArn=arn)["TaskHandle"]
    eventually(lambda: latest(sqs, arn)["Status"] == "COMPLETED")
    task = latest(sqs, arn)
    assert task["SourceArn"] == arn
    assert task["ApproximateNumberOfMessagesMoved"] == 3
    assert task["ApproximateNumberOfMessagesToMove"] == 3
    assert task["StartedTimestamp"] > 1_500_000_000_000
    assert "TaskHandle" not in task and "DestinationArn" not in task
    assert sorted(message["Body"] for message in receive(sqs, source)) == ["0", "1", "2"]
    assert count_of(sqs, dead) == 0


def test_a_slow_task_can_be_seen_and_cancelled(sqs, name):
    source, dead = make_pair(sqs, name, 1)
    fail(sqs, source, dead, 5)
    arn = arn_of(sqs, dead)
    handle = sqs.start_message_move_task(
        SourceArn=arn, DestinationArn=arn_of(sqs, source),
        MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    task = latest(sqs, arn)
    assert task["Status"] == "RUNNING"
    assert task["TaskHandle"] == handle
    assert task["MaxNumberOfMessagesPerSecond"] == 1
    assert task["DestinationArn"] == arn_of(sqs, source)
    with pytest.raises(ClientError) as raised:
        sqs.start_message_move_task(SourceArn=arn)
    assert error_of(raised) == ("InvalidParameterValue", 400)
    moved = sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"]
    assert moved < 5
    assert latest(sqs, arn)["Status"] == "CANCELLED"
    assert count_of(sqs, dead) == 5 - moved


@pytest.mark.parametrize("change, error", [
    ({"SourceArn": "arn:aws:sqs:us-east-1:000000000000:nowhere"},
     ("ResourceNotFoundException", 404)),
    ({"SourceArn": "nonsense"}, ("InvalidParameterValue", 400)),
    ({"DestinationArn": "arn:aws:sqs:us-east-1:000000000000:x"},
     ("ResourceNotFoundException", 404)),
    ({"MaxNumberOfMessagesPerSecond": 501}, ("InvalidParameterValue", 400)),
])
def test_a_task_that_makes_no_sense_is_refused(sqs, name, change, error):
    _, dead = make_pair(sqs, name, 1)
    with pytest.raises(ClientError) as raised:
        sqs.start_message_move_task(**{"SourceArn": arn_of(sqs, dead), **change})
    assert error_of(raised) == error


def test_only_dead_letter_queues_are_moved_from(sqs, queue):
    with pytest.raises(ClientError) as raised:
        sqs.start_message_move_task(SourceArn=arn_of(sqs, queue))
    assert code_of(raised) == "InvalidParameterValue"


def handle_of(**members):
    return base64.b64encode(json.dumps(members).encode()).decode()


def test_unknown_tasks_cannot_be_cancelled(sqs, queue):
    no_source = "The resource that you specified for the SourceArn parameter doesn't exist."
    for handle, error, message in [
            ("nonsense", ("InvalidParameterValue", 400), "TaskHandle is invalid."),
            (handle_of(taskId="1", sourceArn="arn:aws:sqs:us-east-1:000000000000:nowhere"),
             ("ResourceNotFoundException", 404), no_source),
            (handle_of(taskId="1", sourceArn="nonsense"),
             ("ResourceNotFoundException", 404), no_source),
            (handle_of(taskId="1"), ("ResourceNotFoundException", 404), no_source),
            (handle_of(taskId="1", sourceArn=arn_of(sqs, queue)),
             ("ResourceNotFoundException", 404), "Task does not exist.")]:
        with pytest.raises(ClientError) as raised:
            sqs.cancel_message_move_task(TaskHandle=handle)
        assert error_of(raised) == error
        assert message in str(raised.value)


def test_the_sources_of_a_dead_letter_queue_are_listed_in_pages(sqs, name):
    first, dead = make_pair(sqs, name, 1)
    policy = sqs.get_queue_attributes(QueueUrl=first, AttributeNames=["RedrivePolicy"])
    urls = [first] + [sqs.create_queue(QueueName=f"{name}-{number}",
                                       Attributes=policy["Attributes"])["QueueUrl"]
                      for number in range(2)]
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == urls
    pages = sqs.get_paginator("list_dead_letter_source_queues").paginate(
        QueueUrl=dead, PaginationConfig={"PageSize": 2})
    assert [page["queueUrls"] for page in pages] == [urls[:2], urls[2:]]
    assert sqs.list_dead_letter_source_queues(QueueUrl=first).get("queueUrls", []) == []
