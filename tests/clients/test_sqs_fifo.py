"""FIFO queues: order and locking per group, deduplication by id or content, sequence numbers."""

import http.client
import json
import time

import aws_clients
import matinee_server
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError


def send(sqs, queue, body, group="g", **more):
    more.setdefault("MessageDeduplicationId", f"{group}-{body}")
    return sqs.send_message(QueueUrl=queue, MessageBody=body, MessageGroupId=group, **more)


def receive(sqs, queue, **parameters):
    parameters = {"WaitTimeSeconds": 0, "MaxNumberOfMessages": 10, **parameters}
    return sqs.receive_message(QueueUrl=queue, **parameters).get("Messages", [])


def bodies(messages):
    return [message["Body"] for message in messages]


def delete(sqs, queue, messages):
    for message in messages:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def test_a_group_is_received_in_the_order_it_was_sent(sqs, fifo_queue):
    for i in range(25):
        send(sqs, fifo_queue, str(i))
    received = []
    while len(received) < 25:
        messages = receive(sqs, fifo_queue)
        assert messages
        received += bodies(messages)
        delete(sqs, fifo_queue, messages)
    assert received == [str(i) for i in range(25)]


def test_a_group_with_a_message_in_flight_is_locked_and_others_are_not(sqs, fifo_queue):
    for group in "ab":
        for i in range(2):
            send(sqs, fifo_queue, f"{group}{i}", group)
    first = receive(sqs, fifo_queue, MaxNumberOfMessages=1)
    other = receive(sqs, fifo_queue, MaxNumberOfMessages=1)
    assert sorted(bodies(first + other)) == ["a0", "b0"]
    assert receive(sqs, fifo_queue) == []
    delete(sqs, fifo_queue, first)
    assert bodies(receive(sqs, fifo_queue)) == [first[0]["Body"][0] + "1"]


def test_a_group_continues_with_the_same_message_when_it_becomes_visible_again(sqs, fifo_queue):
    for i in range(3):
        send(sqs, fifo_queue, str(i))
    [message] = receive(sqs, fifo_queue, MaxNumberOfMessages=1, VisibilityTimeout=1)
    assert bodies(receive(sqs, fifo_queue, WaitTimeSeconds=10)) == ["0", "1", "2"]
    assert message["Body"] == "0"


def test_a_batch_keeps_the_order_of_its_entries(sqs, fifo_queue):
    entries = [{"Id": str(i), "MessageBody": str(i), "MessageGroupId": f"g{i % 2}",
                "MessageDeduplicationId": str(i)} for i in range(10)]
    sent = sqs.send_message_batch(QueueUrl=fifo_queue, Entries=entries)["Successful"]
    numbers = [entry["SequenceNumber"] for entry in sent]
    assert numbers == sorted(numbers)
    received = []
    while len(received) < 10:
        messages = receive(sqs, fifo_queue)
        assert messages
        received += bodies(messages)
        delete(sqs, fifo_queue, messages)
    assert [body for body in received if int(body) % 2 == 0] == ["0", "2", "4", "6", "8"]
    assert [body for body in received if int(body) % 2 == 1] == ["1", "3", "5", "7", "9"]


def test_sequence_numbers_grow_and_have_twenty_digits(sqs, fifo_queue):
    numbers = [send(sqs, fifo_queue, str(i))["SequenceNumber"] for i in range(3)]
    assert all(len(number) == 20 and number.isdigit() for number in numbers)
    assert numbers == sorted(set(numbers))


def test_a_message_tells_its_group_its_deduplication_id_and_sequence_number(sqs, fifo_queue):
    sent = send(sqs, fifo_queue, "m", "group-1", MessageDeduplicationId="dedup-1")
    [message] = receive(sqs, fifo_queue, AttributeNames=["All"])
    assert message["Attributes"]["MessageGroupId"] == "group-1"
    assert message["Attributes"]["MessageDeduplicationId"] == "dedup-1"
    assert message["Attributes"]["SequenceNumber"] == sent["SequenceNumber"]


def test_the_same_deduplication_id_is_accepted_and_dropped(sqs, fifo_queue):
    first = send(sqs, fifo_queue, "one", MessageDeduplicationId="same")
    second = send(sqs, fifo_queue, "two", MessageDeduplicationId="same")
    assert second["MessageId"] == first["MessageId"]
    messages = receive(sqs, fifo_queue)
    assert bodies(messages) == ["one"]
    delete(sqs, fifo_queue, messages)
    send(sqs, fifo_queue, "three", MessageDeduplicationId="same")
    assert receive(sqs, fifo_queue) == []


def test_content_based_deduplication_compares_bodies(sqs, name):
    url = sqs.create_queue(QueueName=name + ".fifo", Attributes={
        "FifoQueue": "true", "ContentBasedDeduplication": "true"})["QueueUrl"]
    for body in ("a", "a", "b"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")
    sqs.send_message(QueueUrl=url, MessageBody="a", MessageGroupId="g",
                     MessageDeduplicationId="another")
    assert bodies(receive(sqs, url)) == ["a", "b", "a"]


def test_deduplication_per_group_lets_another_group_use_the_same_id(sqs, name):
    url = sqs.create_queue(QueueName=name + ".fifo", Attributes={
        "FifoQueue": "true", "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perMessageGroupId"})["QueueUrl"]
    for group in ("a", "b", "a"):
        send(sqs, url, group, group, MessageDeduplicationId="same")
    assert sorted(bodies(receive(sqs, url))) == ["a", "b"]


def test_a_message_without_a_group_is_refused(sqs, fifo_queue):
    with pytest.raises(ClientError) as raised:
        sqs.send_message(QueueUrl=fifo_queue, MessageBody="m", MessageDeduplicationId="d")
    assert error_of(raised) == ("MissingParameter", 400)
    assert "The request must contain the parameter MessageGroupId." in str(raised.value)


def test_a_message_without_any_deduplication_id_is_refused(sqs, fifo_queue):
    with pytest.raises(ClientError) as raised:
        sqs.send_message(QueueUrl=fifo_queue, MessageBody="m", MessageGroupId="g")
    assert error_of(raised) == ("InvalidParameterValue", 400)
    assert "ContentBasedDeduplication" in str(raised.value)


def test_a_message_of_a_fifo_queue_has_no_delay_of_its_own(sqs, fifo_queue):
    with pytest.raises(ClientError) as raised:
        send(sqs, fifo_queue, "m", DelaySeconds=1)
    assert error_of(raised) == ("InvalidParameterValue", 400)


def test_a_standard_queue_takes_no_deduplication_id(sqs, queue):
    with pytest.raises(ClientError) as raised:
        sqs.send_message(QueueUrl=queue, MessageBody="m", MessageDeduplicationId="d")
    assert error_of(raised) == ("InvalidParameterValue", 400)


def test_a_receive_attempt_repeated_with_its_id_returns_the_same_messages(sqs, fifo_queue):
    for i in range(3):
        send(sqs, fifo_queue, str(i))
    first = receive(sqs, fifo_queue, ReceiveRequestAttemptId="attempt", MaxNumberOfMessages=2)
    again = receive(sqs, fifo_queue, ReceiveRequestAttemptId="attempt", MaxNumberOfMessages=2)
    assert bodies(first) == bodies(again) == ["0", "1"]


def test_a_stale_receipt_handle_does_not_delete_a_message_received_again(sqs, fifo_queue):
    send(sqs, fifo_queue, "m")
    [stale] = receive(sqs, fifo_queue, VisibilityTimeout=0)
    [fresh] = receive(sqs, fifo_queue, VisibilityTimeout=0)
    assert fresh["MessageId"] == stale["MessageId"]
    with pytest.raises(ClientError) as raised:
        sqs.delete_message(QueueUrl=fifo_queue, ReceiptHandle=stale["ReceiptHandle"])
    assert error_of(raised) == ("InvalidParameterValue", 400)
    assert "expired" in str(raised.value)


def flood(port, queue):
    """Sends until the queue is throttled, and tells with what error; fails after 20 seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"X-Amz-Target": "AmazonSQS.SendMessage",
               "Content-Type": "application/x-amz-json-1.0"}
    until = time.monotonic() + 20
    number = 0
    while time.monotonic() < until:
        number += 1
        connection.request("POST", "/", json.dumps({
            "QueueUrl": queue, "MessageBody": "m", "MessageGroupId": "g",
            "MessageDeduplicationId": str(number)}), headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        if answer.status != 200:
            connection.close()
            return number, body
    raise AssertionError(f"{number} calls were not throttled")


def test_throughput_quotas_are_kept_where_the_server_is_asked_to(tmp_path):
    with matinee_server.Server(tmp_path / "data", ["--quotas", "aws"]) as server:
        sqs = aws_clients.client("sqs", server.url)
        queue = sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        number, error = flood(server.port, queue)
        assert number > 300
        assert error["__type"].endswith("#RequestThrottled")
        assert error["message"] == "Request is throttled."
