"""Topics as boto3 and the aws CLI see them: fan-out to queues, filters, FIFO, and who may."""

import base64
import hashlib
import json
import urllib.request

import aws_cli
import aws_clients
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

OTHER = {"aws_access_key_id": aws_clients.OTHER_ACCOUNT, "aws_secret_access_key": "secret"}


@pytest.fixture(scope="module")
def sns(endpoint):
    return aws_clients.client("sns", endpoint)


@pytest.fixture(scope="module")
def queues(endpoint):
    return Queues(aws_clients.client("sqs", endpoint))


class Queues:
    """Queues that topics may send to."""

    def __init__(self, sqs):
        self.sqs = sqs

    def make(self, name, **attributes):
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        arn = self.arn(url)
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                           "Action": "sqs:SendMessage", "Resource": arn,
                           "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}}]})})
        return url, arn

    def arn(self, url):
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])[
            "Attributes"]["QueueArn"]

    def receive(self, url, count=1):
        """`count` messages, and no more of them."""
        found = []
        while len(found) < count:
            got = self.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=10, AttributeNames=["All"],
                MessageAttributeNames=["All"]).get("Messages", [])
            assert got, f"{len(found)} of {count} messages have come"
            for message in got:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found += got
        assert len(found) == count
        return found

    def is_empty(self, url):
        return "Messages" not in self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)


def verify(envelope):
    """The signature, by the certificate that the envelope names."""
    with urllib.request.urlopen(envelope["SigningCertURL"]) as reply:
        certificate = x509.load_pem_x509_certificate(reply.read())
    names = (["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
             if envelope["Type"] == "Notification" else
             ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"])
    text = "".join(f"{name}\n{envelope[name]}\n" for name in names if name in envelope)
    kind = hashes.SHA1() if envelope["SignatureVersion"] == "1" else hashes.SHA256()
    certificate.public_key().verify(
        base64.b64decode(envelope["Signature"]), text.encode(), padding.PKCS1v15(), kind)


def test_a_message_reaches_every_queue(sns, queues, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    made = [queues.make(f"{name}-{number}") for number in range(3)]
    for _, arn in made:
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    published = sns.publish(TopicArn=topic, Message="héllo \"you\"", Subject="s",
                            MessageAttributes={"n": {"DataType": "Number", "StringValue": "1"}})
    for url, _ in made:
        message, = queues.receive(url)
        envelope = json.loads(message["Body"])
        assert envelope["MessageId"] == published["MessageId"]
        assert envelope["Message"] == "héllo \"you\""
        assert envelope["MessageAttributes"] == {"n": {"Type": "Number", "Value": "1"}}
        assert "MessageAttributes" not in message
        verify(envelope)


def test_raw_delivery_gives_message_and_attributes(sns, queues, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    url, arn = queues.make(name)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn,
                  Attributes={"RawMessageDelivery": "true"})
    sns.publish(TopicArn=topic, Message="plain", MessageAttributes={
        "b": {"DataType": "Binary", "BinaryValue": b"\x02\x03"}})
    message, = queues.receive(url)
    assert message["Body"] == "plain"
    assert message["MessageAttributes"] == {"b": {"DataType": "Binary", "BinaryValue": b"\x02\x03"}}


def test_filters_decide_who_gets_what(sns, queues, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    wanting, arn = queues.make(f"{name}-wanting")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={
        "FilterPolicy": json.dumps({"store": ["books", {"prefix": "toy"}]}),
        "RawMessageDelivery": "true"})
    body, arn = queues.make(f"{name}-body")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={
        "FilterPolicyScope": "MessageBody", "RawMessageDelivery": "true",
        "FilterPolicy": json.dumps({"order": {"total": [{"numeric": [">", 100]}]}})})
    for store in ("books", "toys", "shoes"):
        sns.publish(TopicArn=topic, Message=store, MessageAttributes={
            "store": {"DataType": "String", "StringValue": store}})
    sns.publish(TopicArn=topic, Message='{"order": {"total": 99}}')
    sns.publish(TopicArn=topic, Message='{"order": {"total": 101}}')
    assert sorted(m["Body"] for m in queues.receive(wanting, 2)) == ["books", "toys"]
    assert [m["Body"] for m in queues.receive(body)] == ['{"order": {"total": 101}}']


@pytest.mark.parametrize("policy,message", [
    ({"key": [["value"]]}, "Match value must be String, number, true, false, or null"),
    ({"key": []}, "Empty arrays are not allowed"),
    ({"key": {"suffix": "value"}}, '"suffix" must be an object or an array'),
    ({str(n): ["v"] for n in range(6)}, "Filter policy can not have more than 5 keys"),
])
def test_filter_policies_that_are_refused(sns, name, policy, message):
    topic = sns.create_topic(Name=name)["TopicArn"]
    with pytest.raises(ClientError) as raised:
        sns.subscribe(TopicArn=topic, Protocol="sqs",
                      Endpoint=f"arn:aws:sqs:us-east-1:000000000000:{name}",
                      Attributes={"FilterPolicy": json.dumps(policy)})
    assert raised.value.response["Error"]["Message"].startswith(
        f"Invalid parameter: Attributes Reason: FilterPolicy: {message}")


def test_a_fifo_topic_keeps_order_and_knows_what_it_has_had(sns, queues, name):
    topic = sns.create_topic(Name=f"{name}.fifo", Attributes={
        "FifoTopic": "true", "ContentBasedDeduplication": "true"})["TopicArn"]
    url, arn = queues.make(f"{name}.fifo", FifoQueue="true")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    published = [sns.publish(TopicArn=topic, Message=str(number), MessageGroupId="g")
                 for number in range(20)]
    again = sns.publish(TopicArn=topic, Message="7", MessageGroupId="other")
    assert again["MessageId"] == published[7]["MessageId"]
    got = queues.receive(url, 20)
    envelopes = [json.loads(message["Body"]) for message in got]
    assert [envelope["Message"] for envelope in envelopes] == [str(n) for n in range(20)]
    assert [e["SequenceNumber"] for e in envelopes] == [p["SequenceNumber"] for p in published]
    assert "Signature" not in envelopes[0]
    assert got[0]["Attributes"]["MessageDeduplicationId"] == hashlib.sha256(b"0").hexdigest()
    assert queues.is_empty(url)


def test_a_batch_is_told_entry_by_entry(sns, queues, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    url, arn = queues.make(name)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[
        {"Id": "1", "Message": "one"},
        {"Id": "2", "Message": '{"sqs": "x"}', "MessageStructure": "json"},
        {"Id": "3", "Message": '{"default": "three"}', "MessageStructure": "json"}])
    assert [entry["Id"] for entry in answer["Successful"]] == ["1", "3"]
    assert answer["Failed"][0]["Code"] == "InvalidParameter"
    got = sorted(json.loads(m["Body"])["Message"] for m in queues.receive(url, 2))
    assert got == ["one", "three"]


def test_trace_headers_travel_along(sns, queues, name, endpoint):
    topic = sns.create_topic(Name=name)["TopicArn"]
    url, arn = queues.make(name)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    header = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1"
    traced = aws_clients.client("sns", endpoint)
    traced.meta.events.register("before-sign.sns.Publish", lambda request, **_:
                                request.headers.add_header("X-Amzn-Trace-Id", header))
    traced.publish(TopicArn=topic, Message="x")
    assert queues.receive(url)[0]["Attributes"]["AWSTraceHeader"] == header


def test_strangers_need_the_policy_of_the_topic(sns, endpoint, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    stranger = aws_clients.client("sns", endpoint, credentials=OTHER)
    with pytest.raises(ClientError) as raised:
        stranger.publish(TopicArn=topic, Message="x")
    assert error_of(raised) == ("AuthorizationError", 403)
    sns.add_permission(TopicArn=topic, Label="all", AWSAccountId=[aws_clients.OTHER_ACCOUNT],
                       ActionName=["Publish"])
    stranger.publish(TopicArn=topic, Message="x")
    sns.remove_permission(TopicArn=topic, Label="all")
    with pytest.raises(ClientError):
        stranger.publish(TopicArn=topic, Message="x")


def test_a_form_may_stand_in_the_query(sns, endpoint, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    url = f"{endpoint}/?Action=Publish&Version=2010-03-31&TopicArn={topic}&Message=hello"
    request = urllib.request.Request(url, method="POST", headers={
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/sns/"
                         "aws4_request, SignedHeaders=host, Signature=00"})
    with urllib.request.urlopen(request) as reply:
        assert b"<PublishResponse" in reply.read()


def test_devices_and_numbers(sns, name):
    application = sns.create_platform_application(
        Name=name, Platform="GCM", Attributes={"PlatformCredential": "key"})[
            "PlatformApplicationArn"]
    device = sns.create_platform_endpoint(PlatformApplicationArn=application, Token="token",
                                          CustomUserData="mine")["EndpointArn"]
    assert device.startswith(application.replace(":app/", ":endpoint/"))
    with pytest.raises(ClientError) as raised:
        sns.create_platform_endpoint(PlatformApplicationArn=application, Token="token",
                                     CustomUserData="other")
    assert "already exists with the same Token" in raised.value.response["Error"]["Message"]
    assert sns.get_endpoint_attributes(EndpointArn=device)["Attributes"] == {
        "Enabled": "true", "Token": "token", "CustomUserData": "mine"}
    assert sns.get_platform_application_attributes(PlatformApplicationArn=application)[
        "Attributes"] == {"Enabled": "true"}
    sns.set_endpoint_attributes(EndpointArn=device, Attributes={"Enabled": "false"})
    with pytest.raises(ClientError) as raised:
        sns.publish(TargetArn=device, Message="x")
    assert error_of(raised) == ("EndpointDisabled", 400)
    assert sns.check_if_phone_number_is_opted_out(phoneNumber="+15551234567") == {
        "isOptedOut": False, "ResponseMetadata": pytest.importorskip("unittest.mock").ANY}


def test_the_cli_publishes_to_a_queue(endpoint, queues, name, tmp_path):
    cli = aws_cli.Cli(endpoint, tmp_path)
    topic = cli("sns", "create-topic", "--name", name, "--tags", "Key=a,Value=b")["TopicArn"]
    url, arn = queues.make(name)
    cli("sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint",
        arn)
    cli("sns", "publish", "--topic-arn", topic, "--message", "from the shell")
    assert json.loads(queues.receive(url)[0]["Body"])["Message"] == "from the shell"
    assert cli("sns", "list-tags-for-resource", "--resource-arn", topic) == {
        "Tags": [{"Key": "a", "Value": "b"}]}
