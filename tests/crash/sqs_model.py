"""What a worker knows about its messages: those that must be there, those that must not, and those
in doubt. A check drains the queues, so that each begins again empty.
"""

import time

from wire import InDoubt

DRAIN_SECONDS = 20


def drain(wire, url):
    """Receives and deletes until the queue counts nothing; bodies in the order they came."""
    bodies = []
    deadline = time.monotonic() + DRAIN_SECONDS
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    while True:
        received = wire.call("sqs", "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10,
                             WaitTimeSeconds=0).get("Messages", [])
        if received:
            bodies += [message["Body"] for message in received]
            entries = [{"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]}
                       for i, message in enumerate(received)]
            deleted = wire.call("sqs", "DeleteMessageBatch", QueueUrl=url, Entries=entries)
            assert not deleted.get("Failed"), f"{url}: {deleted['Failed']}"
            continue
        counts = wire.call("sqs", "GetQueueAttributes", QueueUrl=url,
                           AttributeNames=names)["Attributes"]
        if all(counts[name] == "0" for name in names):
            return bodies
        if time.monotonic() > deadline:
            raise AssertionError(f"{url} is not empty after {DRAIN_SECONDS} seconds: {counts}")
        # Some are still hidden: wait for the first of them.
        received = wire.call("sqs", "ReceiveMessage", QueueUrl=url, WaitTimeSeconds=1,
                             VisibilityTimeout=0)


class Messages:
    """The messages of one worker in a standard queue: body to whether it must be there; a body that
    is in doubt maps to None."""

    def __init__(self, worker):
        self.name = f"queue-{worker}"
        self.url = None
        self.sent = {}
        self.deleted = set()
        self.counter = 0

    def step(self, wire, generator):
        """One random operation; the model follows what the server acknowledged."""
        if self.url is None:
            self.url = wire.call("sqs", "CreateQueue", QueueName=self.name,
                                 Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
            return
        generator.choice([self._send, self._send_batch, self._consume])(wire, generator)

    def _new_body(self, generator):
        self.counter += 1
        return f"{self.name} {self.counter} " + "x" * generator.choice([0, 200, 5000])

    def _write(self, bodies, operation):
        try:
            operation()
        except InDoubt:
            self.sent.update(dict.fromkeys(bodies))
            raise
        self.sent.update(dict.fromkeys(bodies, True))

    def _send(self, wire, generator):
        body = self._new_body(generator)
        self._write([body], lambda: wire.call(
            "sqs", "SendMessage", QueueUrl=self.url, MessageBody=body))

    def _send_batch(self, wire, generator):
        bodies = [self._new_body(generator) for _ in range(5)]
        entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies)]
        self._write(bodies, lambda: wire.call(
            "sqs", "SendMessageBatch", QueueUrl=self.url, Entries=entries))

    def _consume(self, wire, generator):
        received = wire.call("sqs", "ReceiveMessage", QueueUrl=self.url, MaxNumberOfMessages=10,
                             WaitTimeSeconds=0).get("Messages", [])
        for message in received:
            if generator.random() < 0.2:
                continue
            body = message["Body"]
            try:
                wire.call("sqs", "DeleteMessage", QueueUrl=self.url,
                          ReceiptHandle=message["ReceiptHandle"])
            except InDoubt:
                self.sent[body] = None
                raise
            self.sent.pop(body, None)
            self.deleted.add(body)

    def check(self, wire):
        """Drains the queue; yields what is missing and what should not be there."""
        if self.url is None:
            return
        found = drain(wire, self.url)
        for body in set(found) & self.deleted:
            yield f"{self.name}: a deleted message came back: {body[:60]}"
        for body in set(found) - set(self.sent) - self.deleted:
            yield f"{self.name}: a message that nobody sent: {body[:60]}"
        for body, certain in self.sent.items():
            if certain and body not in found:
                yield f"{self.name}: an acknowledged message is lost: {body[:60]}"
        if len(found) != len(set(found)):
            yield f"{self.name}: a message was there twice"
        self.deleted.update(found)
        self.sent = {}

    def count(self):
        return sum(bool(certain) for certain in self.sent.values())


class OrderedMessages:
    """The messages of one worker in a FIFO queue, in one group. A message in doubt is sent again
    with the same deduplication id after the restart, and must be there once."""

    def __init__(self, worker):
        self.name = f"queue-{worker}.fifo"
        self.url = None
        self.sent = []
        self.in_doubt = None
        self.maybe_first = None
        self.counter = 0
        self.last_sequence_number = ""

    def step(self, wire, generator):
        """One random operation; the model follows what the server acknowledged."""
        if self.url is None:
            self.url = wire.call("sqs", "CreateQueue", QueueName=self.name, Attributes={
                "FifoQueue": "true", "VisibilityTimeout": "1"})["QueueUrl"]
            return
        generator.choice([self._send, self._send, self._consume])(wire)

    def _send_body(self, wire, body):
        answer = wire.call("sqs", "SendMessage", QueueUrl=self.url, MessageBody=body,
                           MessageGroupId="g", MessageDeduplicationId=body.replace(" ", "-"))
        return answer["SequenceNumber"]

    def _send(self, wire):
        self.counter += 1
        body = f"{self.name} {self.counter}"
        self.in_doubt = body
        number = self._send_body(wire, body)
        assert number > self.last_sequence_number, "a sequence number did not grow"
        self.last_sequence_number = number
        self.in_doubt = None
        self.sent.append(body)

    def _consume(self, wire):
        received = wire.call("sqs", "ReceiveMessage", QueueUrl=self.url,
                             WaitTimeSeconds=0).get("Messages", [])
        for message in received:
            assert message["Body"] == self.sent[0], (
                f"{self.name}: {message['Body']} came before {self.sent[0]}")
            self.maybe_first = message["Body"]
            wire.call("sqs", "DeleteMessage", QueueUrl=self.url,
                      ReceiptHandle=message["ReceiptHandle"])
            self.maybe_first = None
            self.sent.pop(0)

    def check(self, wire):
        """Drains the queue; yields what is missing, too much, or out of order."""
        if self.url is None:
            return
        if self.in_doubt:
            self._send_body(wire, self.in_doubt)
            self.sent.append(self.in_doubt)
            self.in_doubt = None
        found = drain(wire, self.url)
        possible = [self.sent]
        if self.maybe_first:
            possible.append(self.sent[1:])
        if found not in possible:
            yield f"{self.name}: found {summary(found)}, not {summary(self.sent)}"
        self.sent = []
        self.maybe_first = None

    def count(self):
        return len(self.sent)


def summary(bodies):
    numbers = [body.rsplit(" ", 1)[1] for body in bodies]
    return f"{len(numbers)} messages {numbers[:5]} ... {numbers[-5:]}"
