"""SQS batches: each entry succeeds or fails on its own, and a bad batch fails as a whole."""

import hashlib

import aws_clients
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

PREFIX = "AWS.SimpleQueueService."


def entries(count, **more):
    return [{"Id": f"id-{i}", "MessageBody": f"body {i}", **more} for i in range(count)]


def drain(sqs, queue, count, **parameters):
    """Receives until that many messages came."""
    messages = []
    while len(messages) < count:
        more = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5,
                                   **parameters).get("Messages", [])
        assert more, f"only {len(messages)} of {count} messages came"
        messages += more
    return messages


def test_ten_messages_are_sent_in_a_batch(sqs, queue):
    sent = sqs.send_message_batch(QueueUrl=queue, Entries=entries(10))
    assert not sent.get("Failed")
    assert [entry["Id"] for entry in sent["Successful"]] == [f"id-{i}" for i in range(10)]
    for i, entry in enumerate(sent["Successful"]):
        assert entry["MD5OfMessageBody"] == hashlib.md5(f"body {i}".encode()).hexdigest()
    received = {message["MessageId"]: message["Body"] for message in drain(sqs, queue, 10)}
    assert received == {entry["MessageId"]: f"body {i}"
                        for i, entry in enumerate(sent["Successful"])}


def test_batch_entries_carry_attributes_and_delays_of_their_own(sqs, queue):
    attributes = {"n": {"DataType": "Number", "StringValue": "1"}}
    sent = sqs.send_message_batch(QueueUrl=queue, Entries=[
        {"Id": "now", "MessageBody": "now", "MessageAttributes": attributes},
        {"Id": "late", "MessageBody": "late", "DelaySeconds": 900}])
    assert "MD5OfMessageAttributes" in sent["Successful"][0]
    assert "MD5OfMessageAttributes" not in sent["Successful"][1]
    [message] = drain(sqs, queue, 1, MessageAttributeNames=["All"])
    assert message["Body"] == "now"
    assert message["MessageAttributes"] == attributes


def test_a_bad_entry_fails_alone(sqs, queue):
    batch = entries(3)
    batch[1]["MessageBody"] = "bell \x07"
    sent = sqs.send_message_batch(QueueUrl=queue, Entries=batch)
    assert [entry["Id"] for entry in sent["Successful"]] == ["id-0", "id-2"]
    [failed] = sent["Failed"]
    assert failed["Id"] == "id-1"
    assert failed["SenderFault"] is True
    assert failed["Code"] == "InvalidMessageContents"
    bodies = sorted(message["Body"] for message in drain(sqs, queue, 2))
    assert bodies == ["body 0", "body 2"]


@pytest.mark.parametrize("batch, code", [
    ([], "EmptyBatchRequest"),
    (entries(11), "TooManyEntriesInBatchRequest"),
    (entries(1) * 2, "BatchEntryIdsNotDistinct"),
    ([{"Id": "no spaces", "MessageBody": "m"}], "InvalidBatchEntryId"),
    ([{"Id": "i" * 81, "MessageBody": "m"}], "InvalidBatchEntryId")],
    ids=["empty", "eleven", "duplicate-ids", "bad-id", "long-id"])
def test_a_bad_batch_is_refused_as_a_whole(sqs, queue, batch, code):
    with pytest.raises(ClientError) as raised:
        sqs.send_message_batch(QueueUrl=queue, Entries=batch)
    assert error_of(raised) == (PREFIX + code, 400)
    assert not sqs.receive_message(QueueUrl=queue).get("Messages")


def test_a_batch_longer_than_one_mebibyte_is_refused_as_a_whole(sqs, queue):
    batch = [{"Id": str(i), "MessageBody": "x" * (1 << 19)} for i in range(3)]
    with pytest.raises(ClientError) as raised:
        sqs.send_message_batch(QueueUrl=queue, Entries=batch)
    assert error_of(raised) == (PREFIX + "BatchRequestTooLong", 400)


def test_messages_are_deleted_in_a_batch_and_a_bad_handle_fails_alone(sqs, queue):
    sqs.send_message_batch(QueueUrl=queue, Entries=entries(3))
    received = drain(sqs, queue, 3, VisibilityTimeout=2)
    deletions = [{"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]}
                 for i, message in enumerate(received[:2])]
    result = sqs.delete_message_batch(
        QueueUrl=queue, Entries=deletions + [{"Id": "bad", "ReceiptHandle": "never"}])
    assert [entry["Id"] for entry in result["Successful"]] == ["0", "1"]
    [failed] = result["Failed"]
    assert (failed["Id"], failed["Code"]) == ("bad", "ReceiptHandleIsInvalid")
    assert failed["SenderFault"] is True
    [left] = drain(sqs, queue, 1)
    assert left["MessageId"] == received[2]["MessageId"]


def test_visibility_is_changed_in_a_batch_and_a_bad_handle_fails_alone(sqs, queue):
    sqs.send_message_batch(QueueUrl=queue, Entries=entries(2))
    received = drain(sqs, queue, 2)
    result = sqs.change_message_visibility_batch(QueueUrl=queue, Entries=[
        {"Id": "again", "ReceiptHandle": received[0]["ReceiptHandle"], "VisibilityTimeout": 0},
        {"Id": "bad", "ReceiptHandle": "never", "VisibilityTimeout": 0}])
    assert [entry["Id"] for entry in result["Successful"]] == ["again"]
    assert [entry["Id"] for entry in result["Failed"]] == ["bad"]
    [again] = drain(sqs, queue, 1)
    assert again["MessageId"] == received[0]["MessageId"]


@pytest.mark.parametrize("operation", ["delete_message_batch", "change_message_visibility_batch"])
def test_an_empty_batch_of_any_kind_is_refused(sqs, queue, operation):
    with pytest.raises(ClientError) as raised:
        getattr(sqs, operation)(QueueUrl=queue, Entries=[])
    assert error_of(raised) == (PREFIX + "EmptyBatchRequest", 400)


LISTS = [{"StringListValues": ["v"]}, {"StringListValues": []}, {"BinaryListValues": []}]


@pytest.mark.parametrize("value", LISTS)
def test_an_attribute_with_list_values_fails_the_whole_batch(endpoint, name, value):
    """As tools do that send on what they have received; an empty list needs the JSON protocol."""
    sqs = aws_clients.client("sqs", endpoint)
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    batch = entries(2)
    batch[1]["MessageAttributes"] = {"n": {"DataType": "String", "StringValue": "v", **value}}
    with pytest.raises(ClientError) as raised:
        sqs.send_message_batch(QueueUrl=queue, Entries=batch)
    assert error_of(raised) == (PREFIX + "UnsupportedOperation", 400)
    assert "list values in SendMessageBatch operation are not supported" in str(raised.value)
    assert not sqs.receive_message(QueueUrl=queue).get("Messages")


@pytest.mark.parametrize("left_out, message", [
    ("MessageDeduplicationId", "The queue should either have ContentBasedDeduplication enabled or "
                               "MessageDeduplicationId provided explicitly"),
    ("MessageGroupId", "The request must contain the parameter MessageGroupId.")])
def test_an_entry_without_an_id_fails_the_whole_batch_of_a_fifo_queue(
        sqs, fifo_queue, left_out, message):
    batch = [{"Id": str(i), "MessageBody": "m", "MessageGroupId": "g",
              "MessageDeduplicationId": str(i)} for i in range(2)]
    del batch[1][left_out]
    with pytest.raises(ClientError) as raised:
        sqs.send_message_batch(QueueUrl=fifo_queue, Entries=batch)
    assert error_of(raised) == ("InvalidParameterValue", 400)
    assert message in str(raised.value)
    assert not sqs.receive_message(QueueUrl=fifo_queue).get("Messages")


def test_an_entry_without_a_timeout_names_its_place(sqs, queue):
    sqs.send_message_batch(QueueUrl=queue, Entries=entries(2))
    received = drain(sqs, queue, 2)
    result = sqs.change_message_visibility_batch(QueueUrl=queue, Entries=[
        {"Id": "good", "ReceiptHandle": received[0]["ReceiptHandle"], "VisibilityTimeout": 9},
        {"Id": "bad", "ReceiptHandle": received[1]["ReceiptHandle"]}])
    assert [entry["Id"] for entry in result["Successful"]] == ["good"]
    [failed] = result["Failed"]
    assert (failed["Id"], failed["Code"]) == ("bad", "MissingParameter")
    assert failed["Message"] == ("The request must contain the parameter "
                                 "ChangeMessageVisibilityBatchRequestEntry.2.VisibilityTimeout.")
