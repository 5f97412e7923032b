"""SQS queues: creating, finding, listing, configuring, tagging, purging and deleting them."""

import aws_clients
import pytest
from aws_clients import code_of, error_of
from botocore.exceptions import ClientError
from polling import eventually


def attributes_of(sqs, url, *names):
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names) or ["All"])
    return got.get("Attributes", {})


def test_a_queue_url_names_host_account_and_queue(sqs, endpoint, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    host, account, queue_name = url.rsplit("/", 2)
    assert host == endpoint
    assert account.isdigit() and len(account) == 12
    assert queue_name == name


def test_creating_a_queue_again_with_the_same_attributes_returns_its_url(sqs, name):
    attributes = {"VisibilityTimeout": "45"}
    first = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    assert sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"] == first
    assert sqs.create_queue(QueueName=name)["QueueUrl"] == first


def test_creating_a_queue_again_with_other_attributes_is_refused(sqs, name):
    sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "45"})
    with pytest.raises(ClientError) as raised:
        sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "46"})
    assert error_of(raised) == ("QueueAlreadyExists", 400)
    assert "VisibilityTimeout" in str(raised.value)


def test_a_queue_url_is_found_by_name(sqs, queue):
    assert sqs.get_queue_url(QueueName=queue.rsplit("/", 1)[1])["QueueUrl"] == queue


def test_an_unknown_queue_does_not_exist(sqs, queue):
    with pytest.raises(ClientError) as raised:
        sqs.get_queue_url(QueueName="no-such-queue")
    assert error_of(raised) == ("AWS.SimpleQueueService.NonExistentQueue", 400)
    with pytest.raises(ClientError) as raised:
        sqs.send_message(QueueUrl=queue + "-not", MessageBody="lost")
    assert error_of(raised) == ("AWS.SimpleQueueService.NonExistentQueue", 400)


def test_boto3_raises_its_own_exception_type_for_a_missing_queue(endpoint):
    sqs = aws_clients.client("sqs", endpoint)
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName="no-such-queue")


def test_queues_are_listed_by_prefix(sqs, name):
    urls = [sqs.create_queue(QueueName=f"{name}-{i}")["QueueUrl"] for i in range(3)]
    assert sorted(sqs.list_queues(QueueNamePrefix=name)["QueueUrls"]) == urls
    assert set(urls) <= set(sqs.list_queues()["QueueUrls"])
    assert not sqs.list_queues(QueueNamePrefix=name + "-none").get("QueueUrls")


def test_a_long_list_of_queues_is_paged(sqs, name):
    urls = [sqs.create_queue(QueueName=f"{name}-{i}")["QueueUrl"] for i in range(5)]
    pages = list(sqs.get_paginator("list_queues").paginate(
        QueueNamePrefix=name, PaginationConfig={"PageSize": 2}))
    assert [len(page["QueueUrls"]) for page in pages] == [2, 2, 1]
    assert sorted(url for page in pages for url in page["QueueUrls"]) == urls


def test_a_deleted_queue_is_gone(sqs, queue):
    sqs.delete_queue(QueueUrl=queue)

    def is_gone():
        with pytest.raises(ClientError) as raised:
            sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
        return code_of(raised) == "AWS.SimpleQueueService.NonExistentQueue"

    assert eventually(is_gone)
    assert queue not in sqs.list_queues().get("QueueUrls", [])


def test_a_new_queue_has_the_documented_defaults(sqs, queue):
    attributes = attributes_of(sqs, queue)
    expected = {
        "ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0",
        "ApproximateNumberOfMessagesDelayed": "0", "DelaySeconds": "0",
        "MessageRetentionPeriod": "345600", "ReceiveMessageWaitTimeSeconds": "0",
        "VisibilityTimeout": "30"}
    assert {key: attributes.get(key) for key in expected} == expected
    account, queue_name = queue.rsplit("/", 2)[1:]
    assert attributes["QueueArn"] == f"arn:aws:sqs:us-east-1:{account}:{queue_name}"
    assert int(attributes["CreatedTimestamp"]) <= int(attributes["LastModifiedTimestamp"])
    assert "FifoQueue" not in attributes


def test_a_new_queue_takes_messages_of_one_mebibyte(sqs, queue):
    assert attributes_of(sqs, queue, "MaximumMessageSize") == {"MaximumMessageSize": "1048576"}


def test_only_the_attributes_asked_for_are_returned(sqs, queue):
    assert set(attributes_of(sqs, queue, "QueueArn", "DelaySeconds")) == {"QueueArn",
                                                                          "DelaySeconds"}


def test_changed_attributes_are_returned(sqs, queue):
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={
        "VisibilityTimeout": "7", "MessageRetentionPeriod": "60", "DelaySeconds": "3"})
    changed = attributes_of(sqs, queue, "VisibilityTimeout", "MessageRetentionPeriod",
                            "DelaySeconds")
    assert changed == {"VisibilityTimeout": "7", "MessageRetentionPeriod": "60",
                       "DelaySeconds": "3"}


@pytest.mark.parametrize("attribute, value", [
    ("VisibilityTimeout", "43201"), ("VisibilityTimeout", "-1"), ("VisibilityTimeout", "soon"),
    ("MessageRetentionPeriod", "59"), ("DelaySeconds", "901"), ("MaximumMessageSize", "1023"),
    ("ReceiveMessageWaitTimeSeconds", "21")])
def test_attributes_out_of_their_range_are_refused(sqs, queue, attribute, value):
    with pytest.raises(ClientError) as raised:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={attribute: value})
    assert error_of(raised) == ("InvalidAttributeValue", 400)


def test_an_unknown_attribute_is_refused(sqs, queue):
    with pytest.raises(ClientError) as raised:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Colour": "red"})
    assert error_of(raised) == ("InvalidAttributeName", 400)
    with pytest.raises(ClientError) as raised:
        attributes_of(sqs, queue, "Colour")
    assert error_of(raised) == ("InvalidAttributeName", 400)


@pytest.mark.parametrize("bad_name", ["with space", "a" * 81, "dots.are.not.allowed", ""])
def test_an_impossible_queue_name_is_refused(sqs, bad_name):
    with pytest.raises(ClientError) as raised:
        sqs.create_queue(QueueName=bad_name)
    assert code_of(raised) in ("InvalidParameterValue", "MissingParameter")


def test_only_a_fifo_queue_has_a_name_that_ends_in_fifo(sqs, name):
    for queue_name, attributes in ((name, {"FifoQueue": "true"}), (name + ".fifo", {})):
        with pytest.raises(ClientError) as raised:
            sqs.create_queue(QueueName=queue_name, Attributes=attributes)
        assert error_of(raised) == ("InvalidParameterValue", 400)


def test_a_fifo_queue_says_so_in_its_attributes(sqs, fifo_queue):
    attributes = attributes_of(sqs, fifo_queue)
    assert attributes["FifoQueue"] == "true"
    assert attributes["ContentBasedDeduplication"] == "false"


def test_tags_are_added_listed_and_removed(sqs, queue):
    assert not sqs.list_queue_tags(QueueUrl=queue).get("Tags")
    sqs.tag_queue(QueueUrl=queue, Tags={"team": "cinema", "stage": "test"})
    sqs.tag_queue(QueueUrl=queue, Tags={"stage": "prod"})
    assert sqs.list_queue_tags(QueueUrl=queue)["Tags"] == {"team": "cinema", "stage": "prod"}
    sqs.untag_queue(QueueUrl=queue, TagKeys=["team"])
    assert sqs.list_queue_tags(QueueUrl=queue)["Tags"] == {"stage": "prod"}


def test_a_queue_is_created_with_tags(sqs, name):
    url = sqs.create_queue(QueueName=name, tags={"team": "cinema"})["QueueUrl"]
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "cinema"}


def test_purging_removes_every_message_even_those_in_flight(sqs, queue):
    for i in range(5):
        sqs.send_message(QueueUrl=queue, MessageBody=f"message {i}")
    assert sqs.receive_message(QueueUrl=queue)["Messages"]
    sqs.purge_queue(QueueUrl=queue)
    counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    eventually(lambda: attributes_of(sqs, queue, *counts) == dict.fromkeys(counts, "0"))


def test_a_queue_is_purged_once_a_minute_at_most(sqs, queue):
    sqs.purge_queue(QueueUrl=queue)
    with pytest.raises(ClientError) as raised:
        sqs.purge_queue(QueueUrl=queue)
    assert error_of(raised) == ("AWS.SimpleQueueService.PurgeQueueInProgress", 403)


def test_a_purged_fifo_queue_takes_the_deduplication_ids_of_before(sqs, fifo_queue):
    for body in ("before", "after"):
        sqs.send_message(QueueUrl=fifo_queue, MessageBody=body, MessageGroupId="g",
                         MessageDeduplicationId="d")
        if body == "before":
            sqs.purge_queue(QueueUrl=fifo_queue)
    [message] = sqs.receive_message(QueueUrl=fifo_queue, WaitTimeSeconds=5)["Messages"]
    assert message["Body"] == "after"


def test_the_queue_attributes_count_messages_by_their_state(sqs, queue):
    sqs.send_message_batch(QueueUrl=queue, Entries=[
        {"Id": str(i), "MessageBody": "m"} for i in range(5)])
    sqs.send_message(QueueUrl=queue, MessageBody="late", DelaySeconds=900)
    received = 0
    while received < 2:
        received += len(sqs.receive_message(QueueUrl=queue).get("Messages", []))
    counts = {"ApproximateNumberOfMessages": "3", "ApproximateNumberOfMessagesNotVisible": "2",
              "ApproximateNumberOfMessagesDelayed": "1"}
    eventually(lambda: attributes_of(sqs, queue, *counts) == counts)


def test_queue_urls_follow_the_host_the_client_used(sqs, endpoint, queue):
    local = aws_clients.client("sqs", endpoint.replace("127.0.0.1", "localhost"))
    url = local.get_queue_url(QueueName=queue.rsplit("/", 1)[1])["QueueUrl"]
    assert url == queue.replace("127.0.0.1", "localhost")
    assert url in local.list_queues()["QueueUrls"]


def test_a_queue_url_with_another_host_or_the_old_path_means_the_same_queue(sqs, queue):
    host, account, queue_name = queue.rsplit("/", 2)
    urls = [f"{host}/queue/{queue_name}", f"http://localhost:4576/queue/{queue_name}",
            f"https://sqs.us-east-1.amazonaws.com/{account}/{queue_name}"]
    for url in urls:
        sqs.send_message(QueueUrl=url, MessageBody=url)
    bodies = set()
    while len(bodies) < len(urls):
        messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5).get("Messages", [])
        assert messages
        bodies |= {message["Body"] for message in messages}
    assert bodies == set(urls)
