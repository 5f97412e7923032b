"""What EventBridge Scheduler does when its target fails: tries, their times, dead letters."""

import datetime
import json
import re

import aws_clients
import matinee_server
import own_pages
import pytest
from moved_clock import Clock

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/scheduler"


class Cloud:
    """A server whose clock stands, and a rule that has as many targets as it may have."""

    def __init__(self, server):
        self.server = server
        self.clock = Clock(server)
        for service in ("sqs", "events", "scheduler"):
            setattr(self, service, aws_clients.client(service, server.url))
        self.target = self.queue("target")
        self.events.put_rule(Name="full", EventPattern='{"source": ["nobody"]}')
        self.events.put_targets(Rule="full", Targets=[
            {"Id": str(number), "Arn": self.target} for number in range(5)])

    def queue(self, name):
        self.sqs.create_queue(QueueName=name)
        return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"

    def at(self, name, target, **span):
        """A schedule that fires once, so much later; gives the time."""
        when = (self.clock.now() + datetime.timedelta(**span)).replace(microsecond=0)
        self.scheduler.create_schedule(
            Name=name, ScheduleExpression=f"at({when.strftime('%Y-%m-%dT%H:%M:%S')})",
            FlexibleTimeWindow={"Mode": "OFF"}, Target={"RoleArn": ROLE, **target})
        return when

    def one_target_more(self, **more):
        """A target of a schedule: a call that is refused until the rule has room, and that is tried
        again, since EventBridge says LimitExceededException."""
        return {"Arn": "arn:aws:scheduler:::aws-sdk:eventbridge:putTargets", "Input": json.dumps({
            "Rule": "full", "Targets": [{"Id": "more", "Arn": self.target, "Input": json.dumps(
                "try <aws.scheduler.attempt-number> is <aws.scheduler.execution-id>")}]}), **more}

    def dead_letter(self, name="dead"):
        """The only one: its body, and its attributes as text."""
        url = self.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        [message] = self.sqs.receive_message(
            QueueUrl=url, WaitTimeSeconds=5, MaxNumberOfMessages=10,
            MessageAttributeNames=["All"])["Messages"]
        assert {one["DataType"] for one in message["MessageAttributes"].values()} == {"String"}
        return message["Body"], {key: one["StringValue"]
                                 for key, one in message["MessageAttributes"].items()}

    def hops(self, schedule):
        """What the journal has of the only firing of a schedule: kinds, and seconds since then."""
        arn = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/default/{schedule}"
        [fired] = self._trace(resource=arn)
        firing = fired["Messages"][0]["Id"]
        hops = self._trace(id=firing)
        began = datetime.datetime.fromisoformat(hops[0]["Time"])
        return firing, [(hop["Kind"], (datetime.datetime.fromisoformat(hop["Time"])
                                       - began).total_seconds()) for hop in hops]

    def _trace(self, **parameters):
        return own_pages.read(self.server, "trace", **parameters)["Hops"]


@pytest.fixture
def cloud(tmp_path):
    with matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"]) as server:
        yield Cloud(server)


def test_a_busy_target_is_tried_again_and_each_try_has_its_number_and_its_id(cloud):
    when = cloud.at("busy", cloud.one_target_more(), hours=1)
    cloud.clock.set(when + datetime.timedelta(seconds=10))
    firing, hops = cloud.hops("busy")
    assert [kind for kind, _ in hops] == ["fired", "put off", "put off", "put off", "put off"]
    cloud.events.remove_targets(Rule="full", Ids=["0"])
    cloud.clock.set(when + datetime.timedelta(seconds=20))
    _, hops = cloud.hops("busy")
    assert [kind for kind, _ in hops][5:] == ["delivered"]
    # Each wait is twice the one before it, and up to a tenth shorter.
    for (_, time), latest in zip(hops[1:], (0, 1, 3, 7, 15)):
        assert 0.9 * latest - 0.001 <= time <= latest + 0.001, hops
    [target] = [one for one in cloud.events.list_targets_by_rule(Rule="full")["Targets"]
                if one["Id"] == "more"]
    execution = re.fullmatch('"try 5 is ([0-9a-f]{16})"', target["Input"]).group(1)
    assert execution != firing


def test_the_first_try_has_number_1_and_the_id_of_the_firing(cloud):
    when = cloud.at("easy", {"Arn": cloud.target, "Input":
                             "<aws.scheduler.attempt-number> <aws.scheduler.execution-id>"},
                    minutes=1)
    cloud.clock.set(when)
    url = cloud.sqs.get_queue_url(QueueName="target")["QueueUrl"]
    [message] = cloud.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert message["Body"] == f"1 {cloud.hops('easy')[0]}"


def test_tries_end_at_their_number_and_the_dead_letter_is_the_last_of_them(cloud):
    when = cloud.at("few", cloud.one_target_more(
        DeadLetterConfig={"Arn": cloud.queue("dead")}, RetryPolicy={"MaximumRetryAttempts": 2}),
                    hours=1)
    cloud.clock.set(when + datetime.timedelta(hours=1))
    body, attributes = cloud.dead_letter()
    [target] = json.loads(body)["Targets"]
    assert target["Input"] == f'"try 3 is {attributes["EXECUTION_ID"]}"'
    assert len(attributes.pop("EXECUTION_ID")) == 16
    assert "LimitExceeded" in attributes.pop("ERROR_MESSAGE")
    assert attributes == {
        "ERROR_CODE": "LimitExceededException", "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "IS_PAYLOAD_TRUNCATED": "false", "RETRY_ATTEMPTS": "2",
        "SCHEDULED_TIME": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "SCHEDULE_ARN": f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/default/few",
        "TARGET_ARN": "arn:aws:scheduler:::aws-sdk:eventbridge:putTargets"}


def test_tries_end_at_the_age_of_the_event(cloud):
    when = cloud.at("old", cloud.one_target_more(
        DeadLetterConfig={"Arn": cloud.queue("dead")},
        RetryPolicy={"MaximumEventAgeInSeconds": 60}), hours=1)
    cloud.clock.set(when + datetime.timedelta(seconds=59))
    assert cloud.hops("old")[1][-1][0] == "put off"
    cloud.clock.set(when + datetime.timedelta(seconds=61))
    [end] = [time for kind, time in cloud.hops("old")[1] if kind == "dead-lettered"]
    assert 59 <= end <= 61
    assert cloud.dead_letter()[1]["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"


def test_without_a_policy_tries_go_on_for_a_day(cloud):
    when = cloud.at("patient", cloud.one_target_more(
        DeadLetterConfig={"Arn": cloud.queue("dead")}), hours=1)
    cloud.clock.set(when + datetime.timedelta(hours=21))
    assert cloud.hops("patient")[1][-1][0] == "put off"
    cloud.clock.set(when + datetime.timedelta(hours=24, seconds=1))
    attributes = cloud.dead_letter()[1]
    assert attributes["EXHAUSTED_RETRY_CONDITION"] in ("MaximumRetryAttempts",
                                                       "MaximumEventAgeInSeconds")
    assert 170 <= int(attributes["RETRY_ATTEMPTS"]) <= 185


def test_a_target_that_is_gone_is_not_tried_again(cloud):
    gone = f"arn:aws:sqs:us-east-1:{ACCOUNT}:gone"
    when = cloud.at("gone", {"Arn": gone, "Input": "hello",
                             "DeadLetterConfig": {"Arn": cloud.queue("dead")}}, hours=1)
    cloud.clock.set(when)
    body, attributes = cloud.dead_letter()
    assert body == "hello" and attributes["TARGET_ARN"] == gone
    assert attributes["ERROR_CODE"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert attributes["RETRY_ATTEMPTS"] == "0"
    assert attributes["EXECUTION_ID"] == cloud.hops("gone")[0]


def test_without_a_dead_letter_queue_the_journal_says_why_it_is_dropped(cloud):
    when = cloud.at("lost", cloud.one_target_more(RetryPolicy={"MaximumRetryAttempts": 0}), hours=1)
    cloud.clock.set(when + datetime.timedelta(seconds=1))
    [fired, dropped] = cloud.hops("lost")[1]
    assert (fired[0], dropped[0]) == ("fired", "dropped")
