"""Wrong parameters of every SQS operation, in both protocols: each gets the error of AWS, and
nothing happens.
"""

import json

import aws_clients
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError

VALUE = "InvalidParameterValue"
MISSING = "MissingParameter"
PREFIX = "AWS.SimpleQueueService."


def attribute(kind="String", value="v", name="n"):
    member = "BinaryValue" if kind.startswith("Binary") else "StringValue"
    return {"MessageAttributes": {name: {"DataType": kind, member: value}}}


def entries(*changes):
    return [{"Id": str(i), "MessageBody": "m", **change} for i, change in enumerate(changes)]


SENDS = [
    ({"MessageBody": ""}, MISSING),
    ({"MessageBody": "a\ufffe"}, "InvalidMessageContents"),
    ({"MessageBody": "x" * 1_048_577}, VALUE),
    ({"MessageBody": "é" * 524_288 + "x"}, VALUE),
    ({"MessageBody": "x" * 1_048_570, **attribute()}, VALUE),
    ({"DelaySeconds": -1}, VALUE),
    ({"DelaySeconds": 901}, VALUE),
    ({"MessageDeduplicationId": "d"}, VALUE),
    ({"MessageGroupId": "a b"}, VALUE),
    ({"MessageGroupId": "a" * 129}, VALUE),
    (attribute(kind=""), VALUE),
    (attribute(kind="Text"), VALUE),
    (attribute(kind="string"), VALUE),
    (attribute(kind="String." + "x" * 250), VALUE),
    (attribute(value=""), VALUE),
    (attribute(value="a\x02"), VALUE),
    (attribute(value="a\x08"), VALUE),
    (attribute(kind="Binary", value=b""), VALUE),
    (attribute(kind="Number", value="five"), VALUE),
    (attribute(kind="Number", value="1e127"), VALUE),
    (attribute(kind="Number", value="1" * 39), VALUE),
    (attribute(name=""), VALUE),
    (attribute(name="a b"), VALUE),
    (attribute(name="a!"), VALUE),
    (attribute(name="größe("), VALUE),
    (attribute(name="größe\u2026"), VALUE),
    (attribute(name="größe\uff08"), VALUE),
    (attribute(name="a..b"), VALUE),
    (attribute(name=".a"), VALUE),
    (attribute(name="a."), VALUE),
    (attribute(name="AWS.a"), VALUE),
    (attribute(name="amazon.a"), VALUE),
    (attribute(name="a" * 257), VALUE),
    ({"MessageAttributes": {"n": {"DataType": "String"}}}, VALUE),
    ({"MessageAttributes": {"n": {"DataType": "String", "StringValue": "v",
                                  "BinaryValue": b"v"}}}, VALUE),
    ({"MessageAttributes": {"n": {"DataType": "String", "StringListValues": ["v"]}}},
     PREFIX + "UnsupportedOperation"),
    ({"MessageAttributes": {f"n{i}": {"DataType": "String", "StringValue": "v"}
                            for i in range(11)}}, VALUE),
    ({"MessageSystemAttributes": {"Other": {"DataType": "String", "StringValue": "v"}}}, VALUE),
    ({"MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "Number", "StringValue": "1"}}},
     VALUE),
]


@pytest.mark.parametrize("parameters, code", SENDS)
def test_a_message_that_breaks_a_rule_is_refused(sqs, queue, parameters, code):
    with pytest.raises(ClientError) as raised:
        sqs.send_message(**{"QueueUrl": queue, "MessageBody": "m", **parameters})
    assert error_of(raised) == (code, 400)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


@pytest.mark.parametrize("parameters, message", [
    (attribute(name="colour", value=""),
     "Message (user) attribute 'colour' must contain a non-empty value of type 'String'."),
    (attribute(kind="Binary.png", name="poster", value=b""),
     "Message (user) attribute 'poster' must contain a non-empty value of type 'Binary.png'."),
    (attribute(kind="string", name="a"),
     "The type of message (user) attribute 'a' is invalid. You must use only the following "
     "supported type prefixes: Binary, Number, String."),
    (attribute(name="a\u20acb"), "Invalid non-alphanumeric character '#x20AC' was found"),
])
def test_what_is_wrong_with_an_attribute_is_told_as_aws_tells_it(sqs, queue, parameters, message):
    with pytest.raises(ClientError) as raised:
        sqs.send_message(QueueUrl=queue, MessageBody="m", **parameters)
    assert message in raised.value.response["Error"]["Message"]


@pytest.mark.parametrize("attribute_name", ["größe.1", "цвет", "色", "رنگ", "a٣", "𐐀-x"])
def test_names_of_attributes_have_letters_and_digits_of_all_languages(sqs, queue, attribute_name):
    sqs.send_message(QueueUrl=queue, MessageBody="m", **attribute(name=attribute_name))
    for asked in ([attribute_name], ["*"], ["All"], [".*"]):
        [message] = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=asked,
                                        VisibilityTimeout=0, WaitTimeSeconds=5)["Messages"]
        assert list(message["MessageAttributes"]) == [attribute_name]
        assert message["MD5OfMessageAttributes"]


@pytest.mark.parametrize("number", ["0", "-5", "+5", "1.5", "1e125", "0.00000001", "1" * 38,
                                    "0" * 40 + "7"])
def test_a_number_of_up_to_38_digits_is_a_message_attribute(sqs, queue, number):
    sqs.send_message(QueueUrl=queue, MessageBody="m", **attribute("Number", number))
    [message] = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"],
                                    WaitTimeSeconds=5)["Messages"]
    assert message["MessageAttributes"]["n"]["StringValue"] == number


@pytest.mark.parametrize("parameters, code", [
    ({"MessageGroupId": None}, MISSING),
    ({"MessageDeduplicationId": None}, VALUE),
    ({"MessageGroupId": ""}, VALUE),
    ({"MessageDeduplicationId": ""}, VALUE),
    ({"MessageDeduplicationId": "a" * 129}, VALUE),
    ({"MessageDeduplicationId": "ä"}, VALUE),
    ({"DelaySeconds": 1}, VALUE),
])
def test_a_message_of_a_fifo_queue_that_breaks_a_rule_is_refused(sqs, fifo_queue, parameters, code):
    call = {"QueueUrl": fifo_queue, "MessageBody": "m", "MessageGroupId": "g",
            "MessageDeduplicationId": "d", **parameters}
    with pytest.raises(ClientError) as raised:
        sqs.send_message(**{name: value for name, value in call.items() if value is not None})
    assert error_of(raised) == (code, 400)


@pytest.mark.parametrize("batch, code", [
    ([], "EmptyBatchRequest"),
    (entries(*[{}] * 11), "TooManyEntriesInBatchRequest"),
    (entries({"Id": "x"}, {"Id": "x"}), "BatchEntryIdsNotDistinct"),
    (entries({"Id": "a b"}), "InvalidBatchEntryId"),
    (entries({"Id": ""}), "InvalidBatchEntryId"),
    (entries({"Id": "a" * 81}), "InvalidBatchEntryId"),
    (entries({"MessageBody": "x" * 524_288}, {"MessageBody": "x" * 524_289}),
     "BatchRequestTooLong"),
    (entries({"MessageBody": "x" * 524_288}, {"MessageBody": "x" * 524_283, **attribute()}),
     "BatchRequestTooLong"),
])
def test_a_batch_that_breaks_a_rule_is_refused_as_a_whole(sqs, queue, batch, code):
    with pytest.raises(ClientError) as raised:
        sqs.send_message_batch(QueueUrl=queue, Entries=batch)
    assert error_of(raised) == (PREFIX + code, 400)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


def test_a_batch_of_one_mebibyte_in_sum_is_sent(sqs, queue):
    batch = entries({"MessageBody": "x" * 524_288}, {"MessageBody": "x" * 524_288})
    assert len(sqs.send_message_batch(QueueUrl=queue, Entries=batch)["Successful"]) == 2


def test_each_entry_of_a_batch_fails_with_its_own_error(sqs, queue):
    result = sqs.send_message_batch(QueueUrl=queue, Entries=entries(
        {}, {"MessageBody": ""}, {"DelaySeconds": 901}, attribute("Text"),
        {"MessageBody": "\x01"}, {"MessageDeduplicationId": "d"}, {}))
    assert [entry["Id"] for entry in result["Successful"]] == ["0", "6"]
    failed = {entry["Id"]: (entry["Code"], entry["SenderFault"]) for entry in result["Failed"]}
    assert failed == {"1": (MISSING, True), "2": (VALUE, True), "3": (VALUE, True),
                      "4": ("InvalidMessageContents", True), "5": (VALUE, True)}


def test_a_batch_tells_of_failures_and_successes_only_where_there_are_any(sqs, queue):
    sent = sqs.send_message_batch(QueueUrl=queue, Entries=entries({}))
    assert "Failed" not in sent
    [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    handle = message["ReceiptHandle"]
    hidden = sqs.change_message_visibility_batch(QueueUrl=queue, Entries=[
        {"Id": "1", "ReceiptHandle": handle, "VisibilityTimeout": 60}])
    assert "Failed" not in hidden and hidden["Successful"] == [{"Id": "1"}]
    deleted = sqs.delete_message_batch(QueueUrl=queue,
                                       Entries=[{"Id": "1", "ReceiptHandle": handle}])
    assert "Failed" not in deleted and deleted["Successful"] == [{"Id": "1"}]
    failed = sqs.send_message_batch(QueueUrl=queue, Entries=entries({"MessageBody": ""}))
    assert "Successful" not in failed and failed["Failed"][0]["Code"] == MISSING


@pytest.mark.parametrize("parameters, code", [
    ({"MaxNumberOfMessages": 0}, VALUE),
    ({"MaxNumberOfMessages": 11}, VALUE),
    ({"WaitTimeSeconds": -1}, VALUE),
    ({"WaitTimeSeconds": 21}, VALUE),
    ({"VisibilityTimeout": -1}, VALUE),
    ({"VisibilityTimeout": 43_201}, VALUE),
    ({"ReceiveRequestAttemptId": "a"}, VALUE),
    ({"AttributeNames": ["Colour"]}, "InvalidAttributeName"),
])
def test_a_receive_that_breaks_a_rule_is_refused(sqs, queue, parameters, code):
    with pytest.raises(ClientError) as raised:
        sqs.receive_message(QueueUrl=queue, **parameters)
    assert error_of(raised) == (code, 400)


@pytest.mark.parametrize("tags", [
    {"": "v"}, {"k" * 129: "v"}, {"k": "v" * 257}, {"aws:k": "v"}, {"k*": "v"}, {"k": "a|b"},
    {f"k{i}": "v" for i in range(51)}])
def test_tags_that_break_a_rule_are_refused_whenever_they_are_given(sqs, queue, name, tags):
    for call in (lambda: sqs.tag_queue(QueueUrl=queue, Tags=tags),
                 lambda: sqs.create_queue(QueueName=name + "-tags", tags=tags)):
        with pytest.raises(ClientError) as raised:
            call()
        assert error_of(raised) == (VALUE, 400)
    assert "Tags" not in sqs.list_queue_tags(QueueUrl=queue)
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix=name + "-tags")


def test_lengths_of_tags_are_counted_in_characters(sqs, queue):
    tags = {"ü" * 128: "ß" * 256, "a_b.c:d/e=f+g-h@i j": ""}
    sqs.tag_queue(QueueUrl=queue, Tags=tags)
    assert sqs.list_queue_tags(QueueUrl=queue)["Tags"] == tags


@pytest.mark.parametrize("policy", [
    "x", "{}", {"redrivePermission": "maybe"}, {"redrivePermission": "byQueue"},
    {"redrivePermission": "byQueue", "sourceQueueArns": []},
    {"redrivePermission": "byQueue", "sourceQueueArns": ["films"]},
    {"redrivePermission": "byQueue",
     "sourceQueueArns": [f"arn:aws:sqs:us-east-1:000000000000:q{i}" for i in range(11)]},
    {"redrivePermission": "denyAll",
     "sourceQueueArns": ["arn:aws:sqs:us-east-1:000000000000:q"]},
    {"redrivePermission": "allowAll", "colour": "red"}])
def test_a_redrive_allow_policy_that_breaks_a_rule_is_refused(sqs, queue, policy):
    text = policy if isinstance(policy, str) else json.dumps(policy)
    with pytest.raises(ClientError) as raised:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedriveAllowPolicy": text})
    assert error_of(raised) == (VALUE, 400)


@pytest.mark.parametrize("parameters", [
    {"MaxResults": 0}, {"MaxResults": 1001}, {"NextToken": "!!!"}, {"NextToken": "abcd"}])
def test_a_page_that_there_cannot_be_is_refused(sqs, queue, parameters):
    for call in (lambda: sqs.list_queues(**parameters),
                 lambda: sqs.list_dead_letter_source_queues(QueueUrl=queue, **parameters)):
        with pytest.raises(ClientError) as raised:
            call()
        assert error_of(raised) == (VALUE, 400)


@pytest.mark.parametrize("url", ["http://localhost/", "http://localhost/films", "/films"])
def test_an_url_with_half_a_path_is_no_address(sqs, url):
    with pytest.raises(ClientError) as raised:
        sqs.send_message(QueueUrl=url, MessageBody="m")
    assert error_of(raised) == ("InvalidAddress", 404)


@pytest.mark.parametrize("url", ["x", "http://some-host-without-a-path", "https://localhost:4566",
                                 "arn:aws:sqs:us-east-1:000000000000:x"])
def test_an_address_without_a_path_names_no_queue(sqs, url):
    with pytest.raises(ClientError) as raised:
        sqs.receive_message(QueueUrl=url)
    assert error_of(raised) == (PREFIX + "NonExistentQueue", 400)


def test_every_operation_takes_the_name_alone_for_the_callers_queue(sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=name, Attributes={"VisibilityTimeout": "7"})
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert got["Attributes"] == {"VisibilityTimeout": "7"}
    sqs.tag_queue(QueueUrl=name, Tags={"a": "b"})
    assert sqs.list_queue_tags(QueueUrl=name)["Tags"] == {"a": "b"}
    sqs.untag_queue(QueueUrl=name, TagKeys=["a"])
    sqs.add_permission(QueueUrl=name, Label="l", AWSAccountIds=["111122223333"],
                       Actions=["SendMessage"])
    sqs.send_message(QueueUrl=name, MessageBody="m")
    sqs.send_message_batch(QueueUrl=name, Entries=entries({}))
    received = sqs.receive_message(QueueUrl=name, MaxNumberOfMessages=10, WaitTimeSeconds=5)
    handles = [{"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]}
               for i, message in enumerate(received["Messages"])]
    assert len(handles) == 2
    sqs.change_message_visibility(QueueUrl=name, ReceiptHandle=handles[0]["ReceiptHandle"],
                                  VisibilityTimeout=60)
    sqs.delete_message(QueueUrl=name, ReceiptHandle=handles[0]["ReceiptHandle"])
    assert len(sqs.delete_message_batch(QueueUrl=name, Entries=handles)["Successful"]) == 2
    sqs.remove_permission(QueueUrl=name, Label="l")
    sqs.purge_queue(QueueUrl=name)
    assert not sqs.list_dead_letter_source_queues(QueueUrl=name).get("queueUrls")
    sqs.delete_queue(QueueUrl=name)
    with pytest.raises(ClientError) as raised:
        sqs.get_queue_url(QueueName=name)
    assert error_of(raised) == (PREFIX + "NonExistentQueue", 400)


def test_the_name_of_a_queue_is_that_of_the_callers_own(sqs, endpoint, queue, name):
    stranger = aws_clients.client("sqs", endpoint, credentials={
        "aws_access_key_id": aws_clients.OTHER_ACCOUNT, "aws_secret_access_key": "secret"})
    with pytest.raises(ClientError) as raised:
        stranger.send_message(QueueUrl=name, MessageBody="m")
    assert error_of(raised) == (PREFIX + "NonExistentQueue", 400)


def test_parameters_that_are_empty_count_as_missing(sqs, queue):
    calls = [lambda: sqs.create_queue(QueueName=""), lambda: sqs.get_queue_url(QueueName=""),
             lambda: sqs.send_message(QueueUrl="", MessageBody="m"),
             lambda: sqs.set_queue_attributes(QueueUrl=queue, Attributes={}),
             lambda: sqs.tag_queue(QueueUrl=queue, Tags={}),
             lambda: sqs.untag_queue(QueueUrl=queue, TagKeys=[]),
             lambda: sqs.delete_message(QueueUrl=queue, ReceiptHandle=""),
             lambda: sqs.add_permission(QueueUrl=queue, Label="l", AWSAccountIds=[],
                                        Actions=["SendMessage"])]
    for call in calls:
        with pytest.raises(ClientError) as raised:
            call()
        assert error_of(raised) == (MISSING, 400)


def test_system_attributes_are_asked_for_in_either_list(sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody="m")
    for names in ("AttributeNames", "MessageSystemAttributeNames"):
        [message] = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0, WaitTimeSeconds=5,
                                        **{names: ["SenderId"]})["Messages"]
        assert list(message["Attributes"]) == ["SenderId"]
        [message] = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0, WaitTimeSeconds=5,
                                        **{names: ["DeadLetterQueueSourceArn"]})["Messages"]
        assert "Attributes" not in message
