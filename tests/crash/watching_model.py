"""What a worker knows about the events of a log stream, and about a metric of its own."""

import time

from wire import InDoubt


class Events:
    """Events are never changed, and each has a text of its own. What was acknowledged is there
    once; of a batch that was not, all or nothing."""

    def __init__(self, worker):
        self.group = f"/worker-{worker}"
        self.known = set()
        self.doubtful = set()
        self.written = 0
        self.created = False

    def step(self, wire, generator):
        """Writes a batch of events."""
        where = {"logGroupName": self.group, "logStreamName": "one"}
        if not self.created:
            wire.call("logs", "CreateLogGroup", accept=(400,), logGroupName=self.group)
            wire.call("logs", "CreateLogStream", accept=(400,), **where)
            self.created = True
            return
        texts = [f"{self.written + i} " + "x" * generator.choice([1, 100, 2000])
                 for i in range(generator.choice([1, 10, 50]))]
        self.written += len(texts)
        now = int(time.time() * 1000)
        events = [{"timestamp": now + i, "message": text} for i, text in enumerate(texts)]
        try:
            wire.call("logs", "PutLogEvents", logEvents=events, **where)
        except InDoubt:
            self.doubtful = set(texts)
            raise
        self.known.update(texts)

    def check(self, wire):
        """Compares all events with what is known; yields what differs, and learns what is."""
        if not self.created:
            return
        found, more = [], {}
        while True:
            page = wire.call("logs", "FilterLogEvents", logGroupName=self.group, **more)
            found += [event["message"] for event in page["events"]]
            if not page.get("nextToken"):
                break
            more = {"nextToken": page["nextToken"]}
        there = set(found)
        if len(there) != len(found):
            yield f"{self.group}: {len(found) - len(there)} events are there twice"
        if there not in (self.known, self.known | self.doubtful):
            yield (f"{self.group}: {len(self.known - there)} events are missing, "
                   f"{len(there - self.known - self.doubtful)} were never written")
        self.known = there
        self.doubtful = set()

    def count(self):
        return len(self.known)


class Measured:
    """A metric of which the worker knows the sum; a call that was not acknowledged counts or not.
    """

    def __init__(self, worker):
        self.name = f"worker-{worker}"
        self.sums = {0.0}
        self.begin = int(time.time()) // 3600 * 3600

    def step(self, wire, generator):
        """Puts one value."""
        value = float(generator.randrange(1, 100))
        try:
            wire.call("monitoring", "PutMetricData", Namespace="crash", MetricData=[
                {"MetricName": self.name, "Value": value}])
        except InDoubt:
            self.sums |= {each + value for each in self.sums}
            raise
        self.sums = {each + value for each in self.sums}

    def check(self, wire):
        """Yields the sum if it is none of the possible ones."""
        answer = wire.call("monitoring", "GetMetricStatistics", Namespace="crash",
                           MetricName=self.name, Statistics=["Sum"], Period=3600,
                           StartTime=self.begin, EndTime=self.begin + 36_000)
        total = sum(point["Sum"] for point in answer["Datapoints"])
        if total not in self.sums:
            yield f"metric {self.name}: the sum is {total}, not one of {sorted(self.sums)}"
        self.sums = {total}

    def count(self):
        return int(min(self.sums))
