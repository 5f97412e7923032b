"""What a worker knows about messages that go to a dead-letter queue and are moved on from there by
message move tasks, which kills interrupt. A message is in one of the queues, once.
"""

import json
import select
import time

from sqs_model import drain, summary
from wire import Refused

MOVE_SECONDS = 20


class Moves:
    """The move tasks of one dead-letter queue."""

    def __init__(self, arn, destination=None):
        self.parameters = {"SourceArn": arn}
        if destination:
            self.parameters["DestinationArn"] = destination
        self.checks = 0

    def step(self, wire, generator):
        """Starts a task, or where one runs cancels it now and then."""
        running = self._running(wire)
        if running is None:
            rate = generator.choice([{}, {"MaxNumberOfMessagesPerSecond": 20}])
            wire.call("sqs", "StartMessageMoveTask", **self.parameters, **rate)
        elif generator.random() < 0.1:
            self._cancel(wire, running)

    def settle(self, wire):
        """Waits until no task runs; every other time it is cancelled for that."""
        self.checks += 1
        deadline = time.monotonic() + MOVE_SECONDS
        while (running := self._running(wire)) is not None:
            if self.checks % 2:
                self._cancel(wire, running)
            elif time.monotonic() > deadline:
                raise AssertionError(f"a move task does not end: {running}")
            select.select([], [], [], 0.02)  # leaves the processor to the server

    def _running(self, wire):
        tasks = wire.call("sqs", "ListMessageMoveTasks", SourceArn=self.parameters["SourceArn"],
                          MaxResults=10).get("Results", [])
        running = [task for task in tasks if task["Status"] == "RUNNING"]
        assert len(running) <= 1, f"two tasks run at once: {running}"
        assert all(task["Status"] != "FAILED" for task in tasks), f"a task has failed: {tasks}"
        return running[0] if running else None

    @staticmethod
    def _cancel(wire, task):
        try:
            wire.call("sqs", "CancelMessageMoveTask", TaskHandle=task["TaskHandle"])
        except Refused as error:
            if "Only active tasks" not in str(error):  # it may have just ended
                raise


def arn_of(url):
    account, name = url.split("/")[-2:]
    return f"arn:aws:sqs:us-east-1:{account}:{name}"


def create(wire, name, **attributes):
    return wire.call("sqs", "CreateQueue", QueueName=name,
                     Attributes={"VisibilityTimeout": "1", **attributes})["QueueUrl"]


def set_redrive(wire, url, target):
    """One receive is allowed before a message goes to `target`; with None, any number."""
    policy = ""
    if target:
        policy = json.dumps({"deadLetterTargetArn": arn_of(target), "maxReceiveCount": 1})
    wire.call("sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"RedrivePolicy": policy})


def fail(wire, url):
    """Receives twice what comes first, which then is in the dead-letter queue."""
    for _ in range(2):
        wire.call("sqs", "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10,
                  VisibilityTimeout=0, WaitTimeSeconds=0)


class MovedMessages:
    """A standard queue and its dead-letter queue, from which messages are moved back to where they
    came from. Body to whether it must be there; a body in doubt maps to None."""

    def __init__(self, worker):
        self.name = f"moved-{worker}"
        self.urls = None
        self.moves = None
        self.sent = {}
        self.counter = 0

    def step(self, wire, generator):
        """One random operation; the model follows what the server acknowledged."""
        if self.urls is None:
            source, dead = create(wire, self.name), create(wire, self.name + "-dead")
            set_redrive(wire, source, dead)
            self.urls = [source, dead]
            self.moves = Moves(arn_of(dead))
            return
        choice = generator.choice(["send", "fail", "fail", "move"])
        if choice == "send":
            self._send(wire)
        elif choice == "fail":
            fail(wire, self.urls[0])
        else:
            self.moves.step(wire, generator)

    def _send(self, wire):
        bodies = [f"{self.name} {self.counter + i}" for i in range(10)]
        self.counter += len(bodies)
        self.sent.update(dict.fromkeys(bodies))
        wire.call("sqs", "SendMessageBatch", QueueUrl=self.urls[0],
                  Entries=[{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies)])
        self.sent.update(dict.fromkeys(bodies, True))

    def check(self, wire):
        """Drains the queues; yields what is missing, and what is there twice or was never sent."""
        if self.urls is None:
            return
        self.moves.settle(wire)
        set_redrive(wire, self.urls[0], None)
        found = [body for url in self.urls for body in drain(wire, url)]
        set_redrive(wire, self.urls[0], self.urls[1])
        for body in set(found) - set(self.sent):
            yield f"{self.name}: a message that nobody sent: {body}"
        lost = [body for body, certain in self.sent.items() if certain and body not in found]
        if lost:
            yield f"{self.name}: lost by moving: {summary(lost)}"
        if len(found) != len(set(found)):
            yield f"{self.name}: a message was there twice"
        self.sent = {}


class MovedInOrder:
    """A FIFO queue, its dead-letter queue and a third to which messages are moved from there. What
    was sent to a group is in the three, in that order from last to first. A message in doubt is
    sent again after the restart."""

    GROUPS = ["a", "b"]

    def __init__(self, worker):
        self.name = f"ordered-{worker}"
        self.urls = None
        self.moves = None
        self.sent = {group: [] for group in self.GROUPS}
        self.in_doubt = None
        self.counter = 0

    def step(self, wire, generator):
        """One random operation; the model follows what the server acknowledged."""
        if self.urls is None:
            self._create(wire)
            return
        choice = generator.choice(["send", "send", "fail", "fail", "move"])
        if choice == "send":
            self._send(wire, generator)
        elif choice == "fail":
            fail(wire, self.urls[0])
        else:
            self.moves.step(wire, generator)

    def _create(self, wire):
        urls = [create(wire, f"{self.name}-{part}.fifo", FifoQueue="true")
                for part in ("source", "dead", "target")]
        set_redrive(wire, urls[0], urls[1])
        self.moves = Moves(arn_of(urls[1]), arn_of(urls[2]))
        self.urls = urls

    def _send(self, wire, generator):
        self.in_doubt = (generator.choice(self.GROUPS),
                         [f"{self.name} {self.counter + i}" for i in range(5)])
        self.counter += 5
        self._send_again(wire)

    def _send_again(self, wire):
        group, bodies = self.in_doubt
        wire.call("sqs", "SendMessageBatch", QueueUrl=self.urls[0], Entries=[
            {"Id": str(i), "MessageBody": f"{group} {body}", "MessageGroupId": group,
             "MessageDeduplicationId": body.replace(" ", "-")} for i, body in enumerate(bodies)])
        self.sent[group] += [f"{group} {body}" for body in bodies]
        self.in_doubt = None

    def check(self, wire):
        """Drains the queues; yields groups that are not as they were sent."""
        if self.urls is None:
            return
        if self.in_doubt:
            self._send_again(wire)
        self.moves.settle(wire)
        set_redrive(wire, self.urls[0], None)
        found = [body for url in reversed(self.urls) for body in drain(wire, url)]
        set_redrive(wire, self.urls[0], self.urls[1])
        for group in self.GROUPS:
            of_group = [body for body in found if body.startswith(group + " ")]
            if of_group != self.sent[group]:
                yield (f"{self.name}: group {group}: found {summary(of_group)}, "
                       f"not {summary(self.sent[group])}")
            self.sent[group] = []
