"""HTTP subscribers of topics: they confirm by a link, check signatures, and are tried again."""

import contextlib
import http.server
import json
import queue
import threading
import urllib.error
import urllib.request

import aws_clients
import pytest
from test_sns import Queues, verify


@pytest.fixture(scope="module")
def sns(endpoint):
    return aws_clients.client("sns", endpoint)


class Subscriber:
    """What a local server was sent: (headers, body). Its answers can be told beforehand."""

    def __init__(self):
        self.got = queue.Queue()
        self.statuses = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802: the library's name
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.got.put((self.headers, body))
                self.send_response(outer.statuses.pop(0) if outer.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/in"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        return self.got.get(timeout=20)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def subscriber():
    with contextlib.closing(_Closing()) as made:
        yield made.subscriber


class _Closing:
    def __init__(self):
        self.subscriber = Subscriber()

    def close(self):
        self.subscriber.stop()


def get(url):
    with urllib.request.urlopen(url) as reply:
        return reply.read().decode()


def confirm(subscriber):
    headers, body = subscriber.next()
    assert headers["x-amz-sns-message-type"] == "SubscriptionConfirmation"
    envelope = json.loads(body)
    verify(envelope)
    get(envelope["SubscribeURL"])
    return envelope


def test_a_subscriber_confirms_by_the_link_and_gets_signed_messages(sns, subscriber, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    answer = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url)
    assert answer["SubscriptionArn"] == "pending confirmation"
    envelope = confirm(subscriber)
    assert envelope["Message"].startswith(f"You have chosen to subscribe to the topic {topic}.\n")
    subscription, = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    arn = subscription["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"][
        "ConfirmationWasAuthenticated"] == "false"
    sns.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue="2")
    published = sns.publish(TopicArn=topic, Message="hello", Subject="s")
    headers, body = subscriber.next()
    assert headers["x-amz-sns-message-type"] == "Notification"
    assert headers["x-amz-sns-message-id"] == published["MessageId"]
    assert headers["x-amz-sns-topic-arn"] == topic
    assert headers["x-amz-sns-subscription-arn"] == arn
    assert headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert headers["User-Agent"] == "Amazon Simple Notification Service Agent"
    notification = json.loads(body)
    assert notification["SignatureVersion"] == "2"
    verify(notification)
    get(notification["UnsubscribeURL"])
    headers, body = subscriber.next()
    assert headers["x-amz-sns-message-type"] == "UnsubscribeConfirmation"
    verify(json.loads(body))
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_raw_delivery_and_a_content_type_of_its_own(sns, subscriber, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url, Attributes={
        "RawMessageDelivery": "true", "DeliveryPolicy": json.dumps(
            {"requestPolicy": {"headerContentType": "application/json"}})})
    confirm(subscriber)
    sns.publish(TopicArn=topic, Message='{"a": 1}')
    headers, body = subscriber.next()
    assert body == '{"a": 1}'
    assert headers["x-amz-sns-rawdelivery"] == "true"
    assert headers["Content-Type"] == "application/json"


def test_a_subscriber_that_fails_is_tried_again_with_the_same_message(sns, subscriber, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url, Attributes={
        "DeliveryPolicy": json.dumps({"healthyRetryPolicy": {
            "numRetries": 2, "numNoDelayRetries": 2}})})
    confirm(subscriber)
    subscriber.statuses = [500, 503, 200]
    published = sns.publish(TopicArn=topic, Message="again")
    assert {subscriber.next()[0]["x-amz-sns-message-id"] for _ in range(3)} == {
        published["MessageId"]}


def test_what_a_subscriber_refuses_goes_to_its_dead_letter_queue(sns, endpoint, subscriber, name):
    queues = Queues(aws_clients.client("sqs", endpoint))
    url, dead_letters = queues.make(name)
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url, Attributes={
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_letters})})
    confirm(subscriber)
    subscriber.statuses = [400]
    sns.publish(TopicArn=topic, Message="refused")
    message, = queues.receive(url)
    assert json.loads(message["Body"])["Message"] == "refused"


def test_a_deleted_queue_leaves_its_messages_to_the_dead_letters(sns, endpoint, name):
    queues = Queues(aws_clients.client("sqs", endpoint))
    url, arn = queues.make(f"{name}-gone")
    dead, dead_letters = queues.make(f"{name}-dead")
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_letters})})
    queues.sqs.delete_queue(QueueUrl=url)
    sns.publish(TopicArn=topic, Message="nobody there")
    message, = queues.receive(dead)
    assert json.loads(message["Body"])["Message"] == "nobody there"


def test_links_of_strangers_do_nothing(sns, endpoint, name):
    topic = sns.create_topic(Name=name)["TopicArn"]
    with pytest.raises(urllib.error.HTTPError) as raised:
        get(f"{endpoint}/?Action=ConfirmSubscription&TopicArn={topic}&Token={'a' * 288}")
    assert raised.value.code == 400
    assert b"Invalid parameter: Token" in raised.value.read()
    with pytest.raises(urllib.error.HTTPError) as raised:
        get(f"{endpoint}/SimpleNotificationService-{'0' * 32}.pem")
    assert raised.value.code in (400, 403, 404)
