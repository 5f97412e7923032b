"""Rules that EventBridge itself makes: each archive has one. What AWS answers is recorded."""

import datetime

import aws_clients
import matinee_server
import pytest
from botocore.exceptions import ClientError
from moved_clock import Clock

ACCOUNT = "000000000000"


@pytest.fixture(scope="module")
def events(endpoint):
    return aws_clients.client("events", endpoint)


@pytest.fixture
def bus(events, name):
    """The ARN of a bus that is called like the test."""
    return events.create_event_bus(Name=name)["EventBusArn"]


def error_of(call, **arguments):
    """Code and message of the error that a call is answered with."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def answer(response):
    return {key: value for key, value in response.items()
            if key not in ("ResponseMetadata", "CreationTime")}


def put(events, name, source="shop"):
    events.put_events(Entries=[{"Source": source, "DetailType": "t", "Detail": "{}",
                                "EventBusName": name}])


def count(events, name):
    return events.describe_archive(ArchiveName=name)["EventCount"]


def test_an_archive_has_a_rule_that_everybody_sees(events, bus, name):
    events.create_archive(ArchiveName=name, EventSourceArn=bus)
    rule = {"Name": f"Events-Archive-{name}", "State": "ENABLED", "EventBusName": name,
            "Arn": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{name}/Events-Archive-{name}",
            "EventPattern": '{"replay-name":[{"exists":false}]}',
            "ManagedBy": "prod.vhs.events.aws.internal"}
    assert events.list_rules(EventBusName=name)["Rules"] == [rule]
    described = events.describe_rule(Name=rule["Name"], EventBusName=name)
    assert answer(described) == {**rule, "CreatedBy": ACCOUNT}
    [target] = events.list_targets_by_rule(Rule=rule["Name"], EventBusName=name)["Targets"]
    template = target["InputTransformer"].pop("InputTemplate")
    assert target == {"Id": rule["Name"], "Arn": "arn:aws:events:us-east-1:::",
                      "InputTransformer": {"InputPathsMap": {}}}
    archive = f"arn:aws:events:us-east-1:{ACCOUNT}:archive/{name}"
    assert template.startswith(f'{{"archive-arn": "{archive}:')
    assert template.endswith('","event": <aws.events.event.json>,'
                             '"ingestion-time": <aws.events.event.ingestion-time>}')
    assert events.list_rule_names_by_target(
        TargetArn=target["Arn"], EventBusName=name)["RuleNames"] == [rule["Name"]]
    assert events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"] == []


def test_its_pattern_is_the_archives_but_for_replayed_events(events, bus, name):
    events.create_archive(ArchiveName=name, EventSourceArn=bus,
                          EventPattern='{ "source" : [ "shop" ] }')
    put(events, name)
    put(events, name, "another")
    assert count(events, name) == 1
    pattern = lambda: events.describe_rule(  # noqa: E731
        Name=f"Events-Archive-{name}", EventBusName=name)["EventPattern"]
    assert pattern() == '{"replay-name":[{"exists":false}],"source":["shop"]}'
    conflicting = '{"replay-name":[{"exists":true}],"source":["another"]}'
    events.update_archive(ArchiveName=name, EventPattern=conflicting)
    assert pattern() == '{"replay-name":[{"exists":false}],"source":["another"]}'
    assert events.describe_archive(ArchiveName=name)["EventPattern"] == conflicting
    put(events, name, "another")
    assert count(events, name) == 2


def test_a_managed_rule_is_changed_by_nobody(events, bus, name):
    events.create_archive(ArchiveName=name, EventSourceArn=bus)
    rule = f"Events-Archive-{name}"
    managed = ("ManagedRuleException", f"{rule} is a managed rule.")
    forced = ("ManagedRuleException",
              f"{rule} is a managed rule. Set 'force' parameter to true to override.")
    tagged = ("ManagedRuleException",
              f"Tag related operations on the managed rule {rule} is not allowed.")
    of_bus = {"EventBusName": name}
    arn = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{name}/{rule}"
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"
    [target] = events.list_targets_by_rule(Rule=rule, **of_bus)["Targets"]
    assert error_of(events.disable_rule, Name=rule, **of_bus) == managed
    assert error_of(events.enable_rule, Name=rule, **of_bus) == managed
    assert error_of(events.put_rule, Name=rule, EventPattern='{"source":["x"]}',
                    **of_bus) == managed
    assert error_of(events.put_targets, Rule=rule, Targets=[{"Id": "q", "Arn": queue}],
                    **of_bus) == managed
    assert error_of(events.put_targets, Rule=rule, Targets=[target], **of_bus) == (
        "ValidationException",
        "Parameter arn:aws:events:us-east-1::: is not valid. Reason: Service as target config for "
        "ARN: arn:aws:events:us-east-1::: not found. The API call hasn't been recognized as "
        "managed rules call")
    assert error_of(events.delete_rule, Name=rule, **of_bus) == forced
    assert error_of(events.remove_targets, Rule=rule, Ids=[rule], **of_bus) == forced
    assert error_of(events.tag_resource, ResourceARN=arn,
                    Tags=[{"Key": "k", "Value": "v"}]) == tagged
    assert error_of(events.untag_resource, ResourceARN=arn, TagKeys=["k"]) == tagged
    assert error_of(events.delete_event_bus, Name=name) == (
        "ValidationException", "EventBus can't be deleted since it has rules.")
    put(events, name)
    assert count(events, name) == 1


def test_who_takes_it_away_by_force_stops_the_archive_until_it_is_updated(events, bus, name):
    events.create_archive(ArchiveName=name, EventSourceArn=bus, Description="original")
    rule, of_bus = f"Events-Archive-{name}", {"EventBusName": name}
    assert error_of(events.delete_rule, Name=rule, Force=True, **of_bus) == (
        "ValidationException", "Rule can't be deleted since it has targets.")
    events.remove_targets(Rule=rule, Ids=["none"], Force=True, **of_bus)
    assert events.describe_archive(ArchiveName=name)["State"] == "ENABLED"
    events.remove_targets(Rule=rule, Ids=[rule], Force=True, **of_bus)
    told = events.describe_archive(ArchiveName=name)
    assert (told["State"], told["StateReason"]) == (
        "DISABLED", "Managed rule for the archive was forcefully deleted.")
    put(events, name)
    events.delete_rule(Name=rule, Force=True, **of_bus)
    put(events, name)
    assert count(events, name) == 0
    assert [one["ArchiveName"] for one in events.list_archives(State="DISABLED")["Archives"]
            if one["StateReason"]] == [name]
    assert events.update_archive(ArchiveName=name, Description="repaired")["State"] == "ENABLED"
    assert [one["Name"] for one in events.list_rules(**of_bus)["Rules"]] == [rule]
    assert len(events.list_targets_by_rule(Rule=rule, **of_bus)["Targets"]) == 1
    put(events, name)
    assert count(events, name) == 1


def test_an_archive_outlives_its_bus_and_takes_its_rule_along(events, bus, name):
    events.create_archive(ArchiveName=name, EventSourceArn=bus)
    events.create_archive(ArchiveName=f"{name}-2", EventSourceArn=bus)
    rule, of_bus = f"Events-Archive-{name}", {"EventBusName": name}
    events.delete_archive(ArchiveName=f"{name}-2")
    assert [one["Name"] for one in events.list_rules(**of_bus)["Rules"]] == [rule]
    events.remove_targets(Rule=rule, Ids=[rule], Force=True, **of_bus)
    events.delete_rule(Name=rule, Force=True, **of_bus)
    events.delete_event_bus(Name=name)
    assert events.describe_archive(ArchiveName=name)["State"] == "DISABLED"
    assert error_of(events.update_archive, ArchiveName=name, Description="d") == (
        "ResourceNotFoundException", f"Archive {name} managed rule does not exist.")
    events.delete_archive(ArchiveName=name)
    assert error_of(events.describe_archive, ArchiveName=name)[0] == "ResourceNotFoundException"


def test_a_rule_of_the_users_may_have_the_name(events, bus, name):
    rule = f"Events-Archive-{name}"
    events.put_rule(Name=rule, EventBusName=name, EventPattern='{"source":["x"]}')
    assert error_of(events.create_archive, ArchiveName=name, EventSourceArn=bus) == (
        "ResourceAlreadyExistsException",
        f"A rule with the pattern '{rule}' already exists. Please choose a different archive name "
        "or delete your rule, then, try again.")
    assert error_of(events.describe_archive, ArchiveName=name)[0] == "ResourceNotFoundException"
    events.delete_rule(Name=rule, EventBusName=name)
    events.create_archive(ArchiveName=name, EventSourceArn=bus)


def test_archives_are_where_their_bus_is(events, bus, name):
    for old, new, reason in (
            ("us-east-1", "us-west-2", "Creating cross-region archive is not permitted."),
            (ACCOUNT, "999000999000", "Creating cross-account archive is not permitted."),
            (ACCOUNT, "", "Must contain an event bus ARN."),
            ("event-bus", "rule", "Must contain an event bus ARN.")):
        assert error_of(events.create_archive, ArchiveName=name,
                        EventSourceArn=bus.replace(old, new)) == (
            "ValidationException", f"Parameter EventSourceArn is not valid. Reason: {reason}")


def test_replayed_events_are_not_archived_again(tmp_path, name):
    with matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"]) as server:
        events, clock = aws_clients.client("events", server.url), Clock(server)
        bus = events.create_event_bus(Name=name)["EventBusArn"]
        archive = events.create_archive(ArchiveName=name, EventSourceArn=bus)["ArchiveArn"]
        put(events, name)
        hour = datetime.timedelta(hours=1)
        events.start_replay(ReplayName=name, EventSourceArn=archive, Destination={"Arn": bus},
                            EventStartTime=clock.now() - hour, EventEndTime=clock.now() + hour)
        clock.advance(minutes=1)
        assert events.describe_replay(ReplayName=name)["State"] == "COMPLETED"
        assert count(events, name) == 1
