"""What a worker knows about its functions: events that must be handled, messages that must be
handled, and functions that must be there with the code that they were given last.
"""

import base64
import hashlib
import io
import json
import select
import time
import zipfile

from wire import InDoubt

ROLE = "arn:aws:iam::000000000000:role/function"
SETTLE_SECONDS = 60
MOST_DEPLOYED = 8
# Writes what it has into the table, before or after it fails. What a queue gives may come again
# for as long as it likes; a call may be given up, and is told to a queue then.
RECORDER = '''
import http.client, json, os, random, urllib.parse

HOST = urllib.parse.urlparse(os.environ["AWS_ENDPOINT_URL"]).netloc
HEADERS = {"X-Amz-Target": "DynamoDB_20120810.PutItem",
           "Content-Type": "application/x-amz-json-1.0",
           "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/dynamodb/"
                            "aws4_request, SignedHeaders=host, Signature=00"}
connection = http.client.HTTPConnection(HOST, timeout=10)

def record(name):
    item = {"TableName": os.environ["TABLE"], "Item": {"id": {"S": name}}}
    try:
        connection.request("POST", "/", json.dumps(item), HEADERS)
        answer = connection.getresponse()
        body = answer.read()
    except BaseException:
        connection.close()
        raise
    if answer.status != 200:
        raise RuntimeError(body)

def stumble():
    luck = random.random()
    if luck < 0.06:
        raise RuntimeError("stumbled")
    if luck < 0.09:
        os._exit(3)

def handler(event, context):
    stumble()
    if "Records" not in event:
        record(event["name"])
        stumble()
        return event
    failed = []
    for entry in event["Records"]:
        if failed or random.random() < 0.05:
            failed.append({"itemIdentifier": entry["messageId"]})
            continue
        record(entry["body"])
    stumble()
    return {"batchItemFailures": failed}
'''


def package(text):
    """A zip archive with that one file, the same for the same text."""
    bytes_ = io.BytesIO()
    with zipfile.ZipFile(bytes_, "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.py", date_time=(2026, 1, 1, 0, 0, 0)), text)
    return bytes_.getvalue()


def digest(code):
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


def make_function(wire, name, code, mark, table=""):
    wire.functions("POST", "/2015-03-31/functions", {
        "FunctionName": name, "Runtime": "python3.12", "Handler": "app.handler", "Role": ROLE,
        "Timeout": 20, "Code": {"ZipFile": base64.b64encode(code).decode()},
        "Environment": {"Variables": {"TABLE": table, "MARK": mark}}})


def make_table(wire, name):
    wire.call("dynamodb", "CreateTable", TableName=name, BillingMode="PAY_PER_REQUEST",
              AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
              KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])


def make_queue(wire, name, **attributes):
    if name.endswith(".fifo"):
        attributes["FifoQueue"] = "true"
    return wire.call("sqs", "CreateQueue", QueueName=name, Attributes=attributes)["QueueUrl"]


def recorded(wire, table, names):
    """Those of the names that are in the table."""
    found = set()
    keys = [{"id": {"S": name}} for name in names]
    for start in range(0, len(keys), 100):
        page = wire.call("dynamodb", "BatchGetItem",
                         RequestItems={table: {"Keys": keys[start:start + 100]}})
        found |= {item["id"]["S"] for item in page["Responses"][table]}
    return found


class Handled:
    """Names that were acknowledged and are not known to be handled yet."""

    def __init__(self, name):
        self.name = name
        self.table = f"table-{name}".replace(".", "-")
        self.waiting = set()
        self.counter = 0
        self.handled = 0

    def new_names(self, count):
        self.counter += count
        return [f"{self.name} {self.counter - i}" for i in range(count)]

    def settle(self, wire, more=lambda wire: set()):
        """Moves the clock until all are handled; yields what is lost. `more` takes those out that
        have come to another end."""
        deadline = time.monotonic() + SETTLE_SECONDS
        known = len(self.waiting)
        while True:
            self.waiting -= recorded(wire, self.table, self.waiting)
            self.waiting -= more(wire)
            if not self.waiting or time.monotonic() > deadline:
                break
            wire.clock(advance="20s")
            # Leaves the processor to the functions between two looks.
            select.select([], [], [], 0.05)
        self.handled += known - len(self.waiting)
        if self.waiting:
            yield (f"{self.name}: {len(self.waiting)} of {known} that were acknowledged are lost: "
                   f"{sorted(self.waiting)[:5]}")


class Calls(Handled):
    """Asynchronous calls of one function, of which a few run at once."""

    def __init__(self, worker, mark):
        super().__init__(f"calls-{worker}")
        self.mark = mark
        self.given_up = None

    def set_up(self, wire):
        make_table(wire, self.table)
        self.given_up = make_queue(wire, f"given-up-{self.name}")
        make_function(wire, self.name, package(RECORDER), self.mark, self.table)
        wire.functions("PUT", f"/2017-10-31/functions/{self.name}/concurrency",
                       {"ReservedConcurrentExecutions": 3})
        wire.functions("PUT", f"/2019-09-25/functions/{self.name}/event-invoke-config", {
            "DestinationConfig": {"OnFailure": {
                "Destination": f"arn:aws:sqs:us-east-1:000000000000:given-up-{self.name}"}}})

    def step(self, wire, generator):
        """Calls once, with an event of some size."""
        name = self.new_names(1)[0]
        wire.functions("POST", f"/2015-03-31/functions/{self.name}/invocations",
                       {"name": name, "ballast": "x" * generator.choice([0, 100, 20_000])},
                       headers={"X-Amz-Invocation-Type": "Event"})
        self.waiting.add(name)

    def _find_given_up(self, wire):
        names = set()
        while True:
            received = wire.call("sqs", "ReceiveMessage", QueueUrl=self.given_up,
                                 MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages", [])
            if not received:
                return names
            for message in received:
                names.add(json.loads(message["Body"])["requestPayload"]["name"])
                wire.call("sqs", "DeleteMessage", QueueUrl=self.given_up,
                          ReceiptHandle=message["ReceiptHandle"])

    def check(self, wire, settled):
        if settled:
            yield from self.settle(wire, self._find_given_up)


class Queued(Handled):
    """Messages of a queue that a function reads."""

    def __init__(self, name, mark):
        super().__init__(name)
        self.mark = mark
        self.is_ordered = name.endswith(".fifo")
        self.url = None

    def set_up(self, wire):
        make_table(wire, self.table)
        self.url = make_queue(wire, self.name, VisibilityTimeout="30")
        function = f"read-{self.name}".replace(".", "-")
        make_function(wire, function, package(RECORDER), self.mark, self.table)
        wire.functions("POST", "/2015-03-31/event-source-mappings", {
            "EventSourceArn": f"arn:aws:sqs:us-east-1:000000000000:{self.name}",
            "FunctionName": function, "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 2}})

    def step(self, wire, generator):
        """Sends a batch."""
        names = self.new_names(generator.choice([1, 3, 10]))
        entries = [{"Id": str(i), "MessageBody": name} for i, name in enumerate(names)]
        if self.is_ordered:
            for entry in entries:
                entry["MessageGroupId"] = generator.choice("abc")
                entry["MessageDeduplicationId"] = entry["MessageBody"].replace(" ", "-")
        answer = wire.call("sqs", "SendMessageBatch", QueueUrl=self.url, Entries=entries)
        assert not answer.get("Failed"), f"{self.name}: {answer['Failed']}"
        self.waiting.update(names)

    def check(self, wire, settled):
        """What is not handled is in the queue still, seen or not."""
        if settled:
            yield from self.settle(wire)


class Deployments:
    """Functions with the code and the versions that they were given."""

    def __init__(self, worker, mark):
        self.prefix = f"deployed-{worker}"
        self.mark = mark
        self.codes = {}  # name: digests that $LATEST may have
        self.versions = {}  # name: digests of the versions, the last one perhaps
        self.counter = 0
        self.handled = 0

    def set_up(self, wire):
        """Nothing."""

    def _code(self):
        self.counter += 1
        return package(f"def handler(event, context):\n    return {self.counter}\n")

    def step(self, wire, generator):
        """Makes a function, or changes one, or publishes it."""
        name = generator.choice(sorted(self.codes)) if self.codes else None
        if name is None or generator.random() < 0.2:
            return self._create(wire) if len(self.codes) < MOST_DEPLOYED else self._delete(
                wire, name)
        return generator.choice([self._update, self._publish])(wire, name)

    def _create(self, wire):
        code = self._code()
        name = f"{self.prefix}-{self.counter}"
        try:
            make_function(wire, name, code, self.mark)
        except InDoubt:
            self.codes[name] = {digest(code), None}
            self.versions[name] = []
            raise
        self.codes[name] = {digest(code)}
        self.versions[name] = []

    def _delete(self, wire, name):
        self.codes[name].add(None)
        wire.functions("DELETE", f"/2015-03-31/functions/{name}")
        del self.codes[name], self.versions[name]

    def _update(self, wire, name):
        code = self._code()
        before = self.codes[name]
        self.codes[name] = before | {digest(code)}
        wire.functions("PUT", f"/2015-03-31/functions/{name}/code",
                       {"ZipFile": base64.b64encode(code).decode()})
        self.codes[name] = {digest(code)}

    def _publish(self, wire, name):
        [code] = self.codes[name]
        if self.versions[name] and self.versions[name][-1] == {code}:
            return
        self.versions[name].append({code, None})
        told = wire.functions("POST", f"/2015-03-31/functions/{name}/versions", {})
        self.versions[name][-1] = {code}
        assert told["Version"] == str(len(self.versions[name])), (
            f"{name}: version {told['Version']}, not {len(self.versions[name])}")

    def check(self, wire, settled):
        """Compares with what is told of each, and learns what is; one of them is run."""
        for name in sorted(self.codes):
            told = wire.functions("GET", f"/2015-03-31/functions/{name}/versions"
                                  "?MaxItems=10000", accept=(404,)).get("Versions", [])
            codes = [version["CodeSha256"] for version in told]
            latest = codes[0] if codes else None
            if latest not in self.codes[name]:
                yield f"{name}: the code is {latest}, not one of {self.codes[name]}"
            if latest is None:
                del self.codes[name], self.versions[name]
                continue
            expected = self.versions[name]
            if expected and None in expected[-1] and len(codes) == len(expected):
                expected.pop()
            if [{code} for code in codes[1:]] != [known - {None} for known in expected]:
                yield f"{name}: the versions are {codes[1:]}, not {expected}"
            self.handled += len(codes)
            self.codes[name] = {latest}
            self.versions[name] = [{code} for code in codes[1:]]
        if settled and self.codes:
            name = sorted(self.codes)[-1]
            answer = wire.functions("POST", f"/2015-03-31/functions/{name}/invocations", {})
            code = package(f"def handler(event, context):\n    return {answer}\n")
            if {digest(code)} != self.codes[name]:
                yield f"{name} runs other code than it has: {answer}"
