"""Sizes of messages of topics, and what large ones ask of a topic."""

import aws_clients
import pytest
from botocore.exceptions import ClientError

MEBIBYTE = 1 << 20
USUAL = 262_144


@pytest.fixture(scope="module")
def sns(endpoint):
    return aws_clients.client("sns", endpoint)


@pytest.fixture
def topic(sns, name):
    return sns.create_topic(Name=name)["TopicArn"]


def error_of(call):
    with pytest.raises(ClientError) as raised:
        call()
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def resize(sns, topic, size):
    sns.set_topic_attributes(TopicArn=topic, AttributeName="MaximumMessageSize",
                             AttributeValue=str(size))


def test_a_topic_says_how_long_its_messages_may_be(sns, topic):
    too_long = ("InvalidParameter", "Invalid parameter: Message too long")
    assert "MaximumMessageSize" not in sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    sns.publish(TopicArn=topic, Message="x" * USUAL)
    assert error_of(lambda: sns.publish(TopicArn=topic, Message="x" * (USUAL + 1))) == too_long
    resize(sns, topic, MEBIBYTE)
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["MaximumMessageSize"] == (
        str(MEBIBYTE))
    # What has to be escaped takes three bytes each on its way.
    sns.publish(TopicArn=topic, Message="<" * MEBIBYTE)
    assert error_of(lambda: sns.publish(TopicArn=topic, Message="x" * (MEBIBYTE + 1))) == too_long
    assert error_of(lambda: sns.publish(
        TopicArn=topic, Message="x" * MEBIBYTE,
        MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}})) == too_long
    resize(sns, topic, 1024)
    assert error_of(lambda: sns.publish(TopicArn=topic, Message="x" * 1025)) == too_long


def test_a_batch_has_no_more_together_than_one_message(sns, topic):
    def publish():
        return sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[
            {"Id": str(number), "Message": "x" * 200_000} for number in range(2)])

    assert error_of(publish)[0] == "BatchRequestTooLong"
    resize(sns, topic, MEBIBYTE)
    assert len(publish()["Successful"]) == 2


@pytest.mark.parametrize("size", ["1023", "1048577", "much"])
def test_sizes_are_between_a_kibibyte_and_a_mebibyte(sns, topic, name, size):
    assert error_of(lambda: resize(sns, topic, size))[0] == "InvalidParameter"
    assert error_of(lambda: sns.create_topic(
        Name=name + "-2", Attributes={"MaximumMessageSize": size}))[0] == "InvalidParameter"


def test_large_messages_go_to_queues_and_not_to_people(sns, topic, name):
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="mia@example.com")
    code, message = error_of(lambda: resize(sns, topic, USUAL + 1))
    assert code == "InvalidParameter" and "Amazon SQS" in message
    resize(sns, topic, USUAL)
    large = sns.create_topic(Name=name + "-large",
                             Attributes={"MaximumMessageSize": str(MEBIBYTE)})["TopicArn"]
    code, message = error_of(lambda: sns.subscribe(TopicArn=large, Protocol="email",
                                                   Endpoint="mia@example.com"))
    assert code == "InvalidParameter" and "do not support the protocol email" in message
    queue = "arn:aws:sqs:us-east-1:000000000000:q"
    for number in range(100):
        sns.subscribe(TopicArn=large, Protocol="sqs", Endpoint=f"{queue}{number}")
    code, message = error_of(lambda: sns.subscribe(TopicArn=large, Protocol="sqs", Endpoint=queue))
    assert code == "InvalidParameter" and "at most 100 subscriptions" in message
    # One that is there already is no further one.
    sns.subscribe(TopicArn=large, Protocol="sqs", Endpoint=f"{queue}0")
