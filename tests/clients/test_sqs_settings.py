"""Queue attributes beyond timeouts: encryption, policies, dead-letter permissions, throughput, and
message groups on standard queues.
"""

import json

import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError


def attributes_of(sqs, queue, *names):
    got = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=list(names) or ["All"])
    return got.get("Attributes", {})


def set_attributes(sqs, queue, **attributes):
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=attributes)


def test_a_queue_is_encrypted_with_the_key_that_was_named_last(sqs, queue):
    assert attributes_of(sqs, queue)["SqsManagedSseEnabled"] == "true"
    set_attributes(sqs, queue, KmsMasterKeyId="alias/films")
    got = attributes_of(sqs, queue)
    assert got["KmsMasterKeyId"] == "alias/films"
    assert got["KmsDataKeyReusePeriodSeconds"] == "300"
    assert got["SqsManagedSseEnabled"] == "false"
    set_attributes(sqs, queue, SqsManagedSseEnabled="true")
    got = attributes_of(sqs, queue)
    assert got["SqsManagedSseEnabled"] == "true"
    assert "KmsMasterKeyId" not in got


@pytest.mark.parametrize("attributes, code", [
    ({"KmsMasterKeyId": "alias/films", "SqsManagedSseEnabled": "true"}, "InvalidAttributeName"),
    ({"KmsDataKeyReusePeriodSeconds": "59"}, "InvalidAttributeValue"),
    ({"KmsDataKeyReusePeriodSeconds": "86401"}, "InvalidAttributeValue"),
    ({"SqsManagedSseEnabled": "maybe"}, "InvalidAttributeValue"),
    ({"Policy": "not JSON"}, "InvalidAttributeValue"),
    ({"Policy": "[]"}, "InvalidAttributeValue"),
    ({"MaximumMessageSize": "1048577"}, "InvalidAttributeValue"),
    ({"DeduplicationScope": "messageGroup"}, "InvalidAttributeName"),
])
def test_settings_that_make_no_sense_are_refused(sqs, queue, attributes, code):
    before = attributes_of(sqs, queue)
    with pytest.raises(ClientError) as raised:
        set_attributes(sqs, queue, **attributes)
    assert error_of(raised) == (code, 400)
    assert attributes_of(sqs, queue) == before


def test_the_reuse_period_of_a_key_is_told_with_the_key_only(sqs, queue):
    set_attributes(sqs, queue, KmsMasterKeyId="k", KmsDataKeyReusePeriodSeconds="7200")
    assert attributes_of(sqs, queue)["KmsDataKeyReusePeriodSeconds"] == "7200"
    set_attributes(sqs, queue, KmsMasterKeyId="", KmsDataKeyReusePeriodSeconds="300")
    got = attributes_of(sqs, queue)
    assert "KmsMasterKeyId" not in got and "KmsDataKeyReusePeriodSeconds" not in got
    assert got["SqsManagedSseEnabled"] == "false"
    assert attributes_of(sqs, queue, "KmsDataKeyReusePeriodSeconds") == {}


def test_a_queue_is_made_again_with_the_reuse_period_that_it_does_not_tell(sqs, name):
    attributes = {"KmsDataKeyReusePeriodSeconds": "600"}
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    assert sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"] == url
    with pytest.raises(ClientError) as raised:
        sqs.create_queue(QueueName=name, Attributes={"KmsDataKeyReusePeriodSeconds": "700"})
    assert error_of(raised) == ("QueueAlreadyExists", 400)


FIFO_ATTRIBUTES = [
    ("DeduplicationScope", "queue",
     "You can specify the DeduplicationScope only when FifoQueue is set to true."),
    ("FifoThroughputLimit", "perQueue",
     "You can specify the FifoThroughputLimit only when FifoQueue is set to true."),
    ("FifoQueue", "false", "Unknown Attribute FifoQueue."),
    ("ContentBasedDeduplication", "true", "Unknown Attribute ContentBasedDeduplication.")]


@pytest.mark.parametrize("attribute, value, message", FIFO_ATTRIBUTES)
def test_a_standard_queue_refuses_what_fifo_queues_have(sqs, queue, name, attribute, value,
                                                        message):
    for call in (lambda: sqs.create_queue(QueueName=name + "-2", Attributes={attribute: value}),
                 lambda: set_attributes(sqs, queue, **{attribute: value})):
        with pytest.raises(ClientError) as raised:
            call()
        assert error_of(raised) == ("InvalidAttributeName", 400)
        assert message in str(raised.value)


@pytest.mark.parametrize("attribute", ["FifoQueue", "ContentBasedDeduplication"])
def test_what_kind_a_queue_is_can_be_asked(sqs, queue, fifo_queue, attribute):
    assert attribute in attributes_of(sqs, fifo_queue, attribute)
    with pytest.raises(ClientError) as raised:
        attributes_of(sqs, queue, attribute)
    assert error_of(raised) == ("InvalidAttributeName", 400)
    assert f"Unknown Attribute {attribute}." in str(raised.value)


def test_white_space_around_a_policy_is_taken(sqs, queue):
    policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]})
    for text in ("\n" + policy + "\n", " \t\r\n" + policy):
        set_attributes(sqs, queue, Policy=text)
        assert json.loads(attributes_of(sqs, queue, "Policy")["Policy"]) == json.loads(policy)


def test_an_empty_value_removes_a_policy(sqs, queue):
    policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}]})
    set_attributes(sqs, queue, Policy=policy)
    assert attributes_of(sqs, queue, "Policy") == {"Policy": policy}
    set_attributes(sqs, queue, Policy="")
    assert attributes_of(sqs, queue, "Policy") == {}


@pytest.mark.parametrize("permission, allowed", [
    ({"redrivePermission": "allowAll"}, True),
    ({"redrivePermission": "denyAll"}, False),
    ({"redrivePermission": "byQueue", "sourceQueueArns": ["SOURCE"]}, True),
    ({"redrivePermission": "byQueue", "sourceQueueArns": ["arn:aws:sqs:us-east-1:1:x"]}, False),
])
def test_a_dead_letter_queue_says_who_may_use_it(sqs, queue, name, permission, allowed):
    dead = sqs.create_queue(QueueName=name + "-dead")["QueueUrl"]
    arn = attributes_of(sqs, queue)["QueueArn"]
    text = json.dumps(permission).replace("SOURCE", arn)
    set_attributes(sqs, dead, RedriveAllowPolicy=text)
    assert attributes_of(sqs, dead)["RedriveAllowPolicy"] == text
    policy = json.dumps({"deadLetterTargetArn": attributes_of(sqs, dead)["QueueArn"],
                         "maxReceiveCount": 1})
    if allowed:
        set_attributes(sqs, queue, RedrivePolicy=policy)
        assert attributes_of(sqs, queue)["RedrivePolicy"] == policy
        return
    with pytest.raises(ClientError) as raised:
        set_attributes(sqs, queue, RedrivePolicy=policy)
    assert error_of(raised) == ("InvalidParameterValue", 400)


def test_deduplication_by_group_lets_other_groups_repeat_an_id(sqs, fifo_queue):
    with pytest.raises(ClientError) as raised:
        set_attributes(sqs, fifo_queue, FifoThroughputLimit="perMessageGroupId")
    assert error_of(raised) == ("InvalidAttributeValue", 400)
    set_attributes(sqs, fifo_queue, DeduplicationScope="messageGroup",
                   FifoThroughputLimit="perMessageGroupId")
    sent = [sqs.send_message(QueueUrl=fifo_queue, MessageBody="x", MessageGroupId=group,
                             MessageDeduplicationId="same")["MessageId"] for group in "aab"]
    assert sent[0] == sent[1] != sent[2]


def test_a_noisy_group_does_not_delay_the_quiet_ones(sqs, queue):
    for number in range(4):
        sqs.send_message_batch(QueueUrl=queue, Entries=[
            {"Id": str(i), "MessageBody": f"{number}{i}", "MessageGroupId": "noisy"}
            for i in range(10)])
    sqs.send_message(QueueUrl=queue, MessageBody="quiet", MessageGroupId="quiet")
    for _ in range(3):
        got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, AttributeNames=["All"])
        assert {m["Attributes"]["MessageGroupId"] for m in got["Messages"]} == {"noisy"}
    [message] = sqs.receive_message(QueueUrl=queue, AttributeNames=["All"])["Messages"]
    assert message["Body"] == "quiet"
    assert message["Attributes"]["MessageGroupId"] == "quiet"
    assert "SequenceNumber" not in message["Attributes"]
