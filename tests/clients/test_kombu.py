"""kombu, which Celery sends its messages with: a fanout exchange of it is a topic, which it makes
itself, with its queues as subscriptions.
"""

import aws_clients
import kombu
import pytest

SECONDS = 20


@pytest.fixture
def connection(endpoint):
    keys = aws_clients.CREDENTIALS
    address = endpoint.removeprefix("http://")
    with kombu.Connection(
            f"sqs://{keys['aws_access_key_id']}:{keys['aws_secret_access_key']}@{address}",
            transport_options={"region": aws_clients.REGION, "supports_fanout": True,
                               "wait_time_seconds": 2, "visibility_timeout": 60}) as made:
        yield made


@pytest.fixture
def queues(connection, name):
    """Two queues behind one exchange, which go when the test ends."""
    exchange = kombu.Exchange(name, type="fanout")
    bound = [kombu.Queue(f"{name}-{number}", exchange)(connection.default_channel)
             for number in range(2)]
    yield bound
    for queue in bound:
        queue.delete()


def subscriptions_of(endpoint, name):
    sns = aws_clients.client("sns", endpoint)
    arns = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
    topic, = [arn for arn in arns if name in arn]
    return sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]


def count(endpoint, queues):
    """How many messages the queues have, and how many of them a consumer has now."""
    sqs = aws_clients.client("sqs", endpoint)
    visible, hidden = 0, 0
    for queue in queues:
        url = sqs.get_queue_url(QueueName=queue.name)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        visible += int(attributes["ApproximateNumberOfMessages"])
        hidden += int(attributes["ApproximateNumberOfMessagesNotVisible"])
    return visible + hidden, hidden


def drain(connection, messages, wanted):
    """Waits until a consumer has put this many into the list."""
    while len(messages) < wanted:
        connection.drain_events(timeout=SECONDS)
    assert len(messages) == wanted


def test_each_queue_of_a_fanout_exchange_gets_what_is_published(connection, queues, endpoint,
                                                                name):
    messages = []
    with connection.Consumer(queues, on_message=messages.append, prefetch_count=10):
        subscriptions = subscriptions_of(endpoint, name)
        assert sorted(subscription["Endpoint"].split(":")[-1]
                      for subscription in subscriptions) == [queue.name for queue in queues]
        for number in range(3):
            connection.Producer().publish(
                {"film": "M – grüße 👋", "number": number}, exchange=queues[0].exchange,
                headers={"genre": "noir"})
        drain(connection, messages, 6)
        assert count(endpoint, queues) == (6, 6)
        assert sorted(message.decode()["number"] for message in messages) == [0, 0, 1, 1, 2, 2]
        for message in messages:
            assert message.decode()["film"] == "M – grüße 👋"
            assert message.headers["genre"] == "noir"
            message.ack()
        assert count(endpoint, queues) == (0, 0)


def test_what_a_worker_gives_back_comes_again(connection, queues, endpoint):
    queue, _ = queues
    messages = []
    with connection.Consumer(queue, on_message=messages.append):
        connection.Producer().publish("again", exchange=queue.exchange)
        drain(connection, messages, 1)
        messages[0].requeue()
        drain(connection, messages, 2)
        assert messages[1].decode() == "again"
        messages[1].ack()
        assert count(endpoint, [queue]) == (0, 0)
