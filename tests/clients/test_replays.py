"""Archives and replays of event buses, on a clock that is moved."""

import datetime
import json

import aws_clients
import matinee_server
import pytest
from polling import eventually
from test_api_destinations import clock, now
from test_events import error_of, make_queue, put, rule_to

HOUR = datetime.timedelta(hours=1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("replays") / "data"
    with matinee_server.Server(data, arguments=["--clock", "paused"]) as server:
        yield server


@pytest.fixture
def events(server):
    return aws_clients.client("events", server.url)


@pytest.fixture
def sqs(server):
    return aws_clients.client("sqs", server.url)


@pytest.fixture
def bus(events, name):
    return events.create_event_bus(Name=name)["EventBusArn"]


def bodies(sqs, url):
    """All that a queue has, as JSON."""
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def archive(events, name, bus, **more):
    return events.create_archive(ArchiveName=name, EventSourceArn=bus, **more)["ArchiveArn"]


def replay(events, name, archive, bus, start, end, filters=None):
    destination = {"Arn": bus, **({"FilterArns": filters} if filters else {})}
    return events.start_replay(ReplayName=name, EventSourceArn=archive, EventStartTime=start,
                               EventEndTime=end, Destination=destination)


def test_a_replay_brings_what_lies_between_its_times(server, events, sqs, bus, name):
    kept = archive(events, name, bus)
    for hour in range(5):
        put(events, name, {"hour": hour}, EventBusName=name)
        clock(server, advance="1h")
    url, arn = make_queue(sqs, name)
    rule = rule_to(events, name, {"Id": "q", "Arn": arn}, bus=name)
    end = now(server)
    # From one and a half to four hours after the first one.
    replay(events, name, kept, bus, end - 3.5 * HOUR, end - 1.5 * HOUR)
    described = events.describe_replay(ReplayName=name)
    assert described["State"] == "STARTING" and "EventLastReplayedTime" not in described
    clock(server, action="run-until-idle")
    found = bodies(sqs, url)
    assert [event["detail"]["hour"] for event in found] == [2, 3]
    assert {event["replay-name"] for event in found} == {name}
    keys = list(found[0])
    assert keys.index("replay-name") == keys.index("region") + 1 == keys.index("resources") - 1
    described = events.describe_replay(ReplayName=name)
    assert described["State"] == "COMPLETED" and described["ReplayEndTime"] <= now(server)
    last = datetime.datetime.fromisoformat(found[-1]["time"].replace("Z", "+00:00"))
    assert abs(described["EventLastReplayedTime"] - last) < datetime.timedelta(seconds=1)
    assert described["Destination"] == {"Arn": bus, "FilterArns": []} and rule


def test_only_the_rules_that_are_named_see_a_replay(server, events, sqs, bus, name):
    kept = archive(events, name, bus)
    seen, others = make_queue(sqs, name + "-seen"), make_queue(sqs, name + "-others")
    pattern = {"source": [name]}
    rule = rule_to(events, name + "-seen", {"Id": "q", "Arn": seen[1]}, pattern, bus=name)
    rule_to(events, name + "-others", {"Id": "q", "Arn": others[1]}, pattern, bus=name)
    put(events, name, {}, EventBusName=name)
    assert len(bodies(sqs, seen[0])) == len(bodies(sqs, others[0])) == 1
    replay(events, name, kept, bus, now(server) - HOUR, now(server) + HOUR, [rule])
    clock(server, action="run-until-idle")
    assert len(bodies(sqs, seen[0])) == 1 and bodies(sqs, others[0]) == []
    # What was replayed is not archived once more.
    assert events.describe_archive(ArchiveName=name)["EventCount"] == 1


def test_an_archive_keeps_what_its_pattern_matches(server, events, sqs, bus, name):
    pattern = {"detail": {"n": [{"numeric": [">", 2]}]}}
    kept = archive(events, name, bus, EventPattern=json.dumps(pattern))
    for number in range(6):
        put(events, name, {"n": number}, EventBusName=name)
    assert events.describe_archive(ArchiveName=name)["EventCount"] == 3
    url, arn = make_queue(sqs, name)
    rule_to(events, name, {"Id": "q", "Arn": arn}, bus=name)
    replay(events, name, kept, bus, now(server) - HOUR, now(server) + HOUR)
    clock(server, action="run-until-idle")
    assert sorted(event["detail"]["n"] for event in bodies(sqs, url)) == [3, 4, 5]


def test_a_replay_that_is_cancelled_ends_without_its_events(server, events, sqs, bus, name):
    kept = archive(events, name, bus)
    put(events, name, {}, EventBusName=name)
    url, arn = make_queue(sqs, name)
    rule_to(events, name, {"Id": "q", "Arn": arn}, bus=name)
    replay(events, name, kept, bus, now(server) - HOUR, now(server) + HOUR)
    cancelled = events.cancel_replay(ReplayName=name)
    assert cancelled["State"] == "CANCELLING"
    described = events.describe_replay(ReplayName=name)
    assert described["State"] == "CANCELLING" and "ReplayEndTime" not in described
    clock(server, action="run-until-idle")
    described = events.describe_replay(ReplayName=name)
    assert described["State"] == "CANCELLED" and described["ReplayEndTime"]
    assert bodies(sqs, url) == []
    assert error_of(lambda: events.cancel_replay(ReplayName=name))[0] == "IllegalStatusException"


def test_what_is_older_than_an_archive_keeps_it_is_gone_from_replays_too(server, events, sqs, bus,
                                                                         name):
    kept = archive(events, name, bus, RetentionDays=2)
    put(events, name, {"day": 0}, EventBusName=name)
    clock(server, advance="1d12h")
    put(events, name, {"day": 1}, EventBusName=name)
    assert events.describe_archive(ArchiveName=name)["EventCount"] == 2
    clock(server, advance="1d")
    url, arn = make_queue(sqs, name)
    rule_to(events, name, {"Id": "q", "Arn": arn}, bus=name)
    replay(events, name, kept, bus, now(server) - 100 * HOUR, now(server))
    clock(server, action="run-until-idle")
    assert [event["detail"]["day"] for event in bodies(sqs, url)] == [1]
    listed, = events.list_archives(NamePrefix=name)["Archives"]
    assert listed["EventCount"] == 1 and listed["RetentionDays"] == 2
    clock(server, advance="2d")
    assert events.list_archives(NamePrefix=name)["Archives"][0]["EventCount"] == 0
    assert events.list_archives(NamePrefix=name)["Archives"][0]["SizeBytes"] == 0


def test_a_shorter_retention_counts_for_what_is_there(server, events, bus, name):
    archive(events, name, bus)
    put(events, name, {}, EventBusName=name)
    clock(server, advance="10d")
    assert events.describe_archive(ArchiveName=name)["EventCount"] == 1
    events.update_archive(ArchiveName=name, RetentionDays=3)
    assert events.describe_archive(ArchiveName=name)["EventCount"] == 0


def test_a_replay_of_many_events_is_complete_though_the_server_is_killed(tmp_path, name):
    server = matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"])
    with server:
        events, sqs = (aws_clients.client(kind, server.url) for kind in ("events", "sqs"))
        bus = events.create_event_bus(Name=name)["EventBusArn"]
        kept = archive(events, name, bus)
        for start in range(0, 500, 10):
            events.put_events(Entries=[{
                "Source": name, "DetailType": "t", "EventBusName": name,
                "Detail": json.dumps({"n": start + number})} for number in range(10)])
        url, arn = make_queue(sqs, name)
        rule_to(events, name, {"Id": "q", "Arn": arn}, bus=name)
        replay(events, name, kept, bus, now(server) - HOUR, now(server) + HOUR)
        clock(server, advance="1s")
        server.kill()
        server.start()
        clock(server, action="run-until-idle")
        found = [event["detail"]["n"] for event in bodies(sqs, url)]
        assert sorted(set(found)) == list(range(500)) and len(found) == 500


def test_a_replay_goes_through_transformers_and_over_the_archives_of_its_bus(server, events, sqs,
                                                                             bus, name):
    kept = archive(events, name, bus)
    url, arn = make_queue(sqs, name)
    rule_to(events, name, {"Id": "q", "Arn": arn, "InputTransformer": {
        "InputPathsMap": {"n": "$.detail.n", "r": "$.replay-name"},
        "InputTemplate": '{"n": <n>, "by": <r>}'}}, bus=name)
    put(events, name, {"n": 1}, EventBusName=name)
    assert bodies(sqs, url) == [{"n": 1, "by": ""}]
    replay(events, name, kept, bus, now(server) - HOUR, now(server) + HOUR)
    clock(server, action="run-until-idle")
    assert bodies(sqs, url) == [{"n": 1, "by": name}]


def test_the_times_of_events_decide_not_when_they_were_put(server, events, sqs, bus, name):
    kept = archive(events, name, bus)
    put(events, name, {"when": "long ago"}, EventBusName=name,
        Time=datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.UTC))
    put(events, name, {"when": "now"}, EventBusName=name)
    url, arn = make_queue(sqs, name)
    rule_to(events, name, {"Id": "q", "Arn": arn}, bus=name)
    replay(events, name, kept, bus, datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
           datetime.datetime(2020, 2, 1, tzinfo=datetime.UTC))
    clock(server, action="run-until-idle")
    found = eventually(lambda: bodies(sqs, url))
    assert [event["detail"]["when"] for event in found] == ["long ago"]
