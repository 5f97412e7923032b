"""Topics, buses and schedules under `--iam enforce`: who may cause deliveries, in whose name they
are made, and that one which is refused at its target ends with a reason that can be asked for.
"""

import datetime
import json
import os
import subprocess

import matinee_server
import pytest
from enforced_cloud import ACCOUNT, OTHER, Cloud, allow, document, is_denied, keys, refused
from moved_clock import Clock


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    data = tmp_path_factory.mktemp("enforcement") / "data"
    with matinee_server.Server(data, ["--iam", "enforce", "--clock", "paused"]) as server:
        yield Cloud(server)


def ask(cloud, *arguments):
    """What a command says to the root user of the account."""
    run = subprocess.run(
        [matinee_server.find_binary(), *arguments, "--cloud", cloud.server.url],
        capture_output=True, text=True, timeout=60,
        env={**os.environ, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "secret",
             "AWS_REGION": "us-east-1"})
    assert run.returncode == 0, run.stderr
    return run.stdout


def queue_for(cloud, name, *statements):
    """A queue with that policy: its URL and ARN. `Resource` is added."""
    url, arn = cloud.queue(name)
    if statements:
        cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(
            *({"Resource": arn, "Action": "sqs:SendMessage", **one} for one in statements))})
    return url, arn


def let(service, effect="Allow", **condition):
    more = {"Condition": {"ArnEquals": {"aws:SourceArn": condition["source"]}}} if condition else {}
    return {"Effect": effect, "Principal": {"Service": service}, **more}


def trust(statement):
    return document({"Action": "sts:AssumeRole", **statement})


def bodies(cloud, url):
    found = cloud.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10,
                                                WaitTimeSeconds=2).get("Messages", [])
    return [message["Body"] for message in found]


def topic_of(cloud, name, *endpoints):
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]
    for endpoint in endpoints:
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint,
                      Attributes={"RawMessageDelivery": "true"})
    return topic


def rule_to(cloud, name, bus="default", **target):
    """A rule for events of the source `name`; gives its ARN."""
    events = cloud.client("events")
    arn = events.put_rule(Name=name, EventBusName=bus,
                          EventPattern=json.dumps({"source": [name]}))["RuleArn"]
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "t", **target}])
    return arn


def put(events, source, bus="default"):
    return events.put_events(Entries=[{"Source": source, "DetailType": "t", "Detail": "{}",
                                       "EventBusName": bus}])["Entries"][0]["EventId"]


def test_a_user_publishes_to_the_topic_that_a_policy_names(cloud, name):
    topic, another = topic_of(cloud, name), topic_of(cloud, f"{name}-other")
    sns = cloud.client("sns", cloud.user(name, allow("sns:Publish", topic)))
    sns.publish(TopicArn=topic, Message="m")
    code, status, message = refused(lambda: sns.publish(TopicArn=another, Message="m"))
    assert (code, status) == ("AuthorizationError", 403)
    assert f"is not authorized to perform: SNS:Publish on resource: {another}" in message


def test_another_account_publishes_if_both_sides_let_it(cloud, name):
    topic = topic_of(cloud, name)
    who = cloud.user(name, account=OTHER)
    publish = lambda: cloud.client("sns", who).publish(  # noqa: E731
        TopicArn=topic, Message="m")
    assert refused(publish)[0] == "AuthorizationError"
    cloud.client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=document({
            "Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sns:Publish",
            "Resource": topic}))
    assert refused(publish)[0] == "AuthorizationError"
    cloud.client("iam", keys(OTHER)).put_user_policy(
        UserName=name, PolicyName="p", PolicyDocument=document(allow("sns:Publish", topic)))
    assert refused(publish) is None


def test_a_topic_takes_notifications_of_the_bucket_that_its_policy_names(cloud, name):
    url, arn = queue_for(cloud, name, let("sns.amazonaws.com"))
    topic = topic_of(cloud, name, arn)
    s3 = cloud.client("s3")
    for bucket in (name, f"{name}-other"):
        s3.create_bucket(Bucket=bucket)
    cloud.client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=document({
            "Resource": topic, "Action": "sns:Publish",
            **let("s3.amazonaws.com", source=f"arn:aws:s3:::{name}")}))
    notify = lambda bucket: s3.put_bucket_notification_configuration(  # noqa: E731
        Bucket=bucket, NotificationConfiguration={"TopicConfigurations": [
            {"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]})
    notify(name)
    assert refused(lambda: notify(f"{name}-other"))[0] == "InvalidArgument"
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    told = [json.loads(body) for body in bodies(cloud, url)]
    assert [one.get("Event", "Records") for one in told] == ["s3:TestEvent", "Records"]


def test_a_queue_that_denies_a_topic_gets_nothing_and_why_tells_it(cloud, name):
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:{name}"
    url, arn = queue_for(cloud, name, let("sns.amazonaws.com"),
                         let("sns.amazonaws.com", "Deny", source=topic))
    open_url, open_arn = queue_for(cloud, f"{name}-open", let("sns.amazonaws.com"))
    topic_of(cloud, name, arn, open_arn)
    message = cloud.client("sns").publish(TopicArn=topic, Message="m")["MessageId"]
    assert bodies(cloud, open_url) == ["m"]
    assert bodies(cloud, url) == []
    assert "with an explicit deny in a resource-based policy" in ask(
        cloud, "why", "--queue", name, "--message", message)
    assert "given up: AccessDenied: User: sns.amazonaws.com" in ask(cloud, "trace", message)


def test_a_queue_that_denies_a_rule_gets_nothing_and_why_tells_it(cloud, name):
    rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{name}"
    url, arn = queue_for(cloud, name, let("events.amazonaws.com"),
                         let("events.amazonaws.com", "Deny", source=rule))
    assert rule_to(cloud, name, Arn=arn) == rule
    event = put(cloud.client("events"), name)
    assert bodies(cloud, url) == []
    assert "with an explicit deny in a resource-based policy" in ask(
        cloud, "why", "--queue", name, "--message", event)
    trace = ask(cloud, "trace", event)
    assert f"matched rule {name}" in trace, trace
    assert "given up: AccessDenied: User: events.amazonaws.com" in trace


def test_a_queue_with_no_policy_leaves_a_dead_letter_as_if_it_were_not_there(cloud, name):
    url, arn = queue_for(cloud, name)
    dead_url, dead_arn = queue_for(cloud, f"{name}-dead", let("events.amazonaws.com"))
    rule_to(cloud, name, Arn=arn, DeadLetterConfig={"Arn": dead_arn})
    event = put(cloud.client("events"), name)
    [letter] = cloud.client("sqs").receive_message(
        QueueUrl=dead_url, WaitTimeSeconds=5, MessageAttributeNames=["All"])["Messages"]
    # So AWS has it: SQS tells EventBridge no more. What it was is in the journal.
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"
    assert "does not exist or you do not have access to it" in (
        letter["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"])
    assert "no resource-based policy allows" in ask(cloud, "trace", event)


def test_the_role_of_a_target_decides_what_reaches_a_queue(cloud, name):
    url, arn = queue_for(cloud, name)
    role = cloud.role(name, trusts="events.amazonaws.com")
    rule_to(cloud, name, Arn=arn, RoleArn=role)
    event = put(cloud.client("events"), name)
    assert bodies(cloud, url) == []
    assert f"assumed-role/{name}/" in ask(cloud, "why", "--queue", name, "--message", event)
    cloud.client("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(
        allow("sqs:SendMessage", arn)))
    put(cloud.client("events"), name)
    assert len(bodies(cloud, url)) == 1


def test_a_role_that_does_not_trust_eventbridge_is_not_taken_on(cloud, name):
    url, arn = queue_for(cloud, name)
    role = cloud.role(name, allow("sqs:SendMessage", arn), trusts="lambda.amazonaws.com")
    rule = rule_to(cloud, name, Arn=arn, RoleArn=role)
    event = put(cloud.client("events"), name)
    assert bodies(cloud, url) == []
    reason = ask(cloud, "why", "--queue", name, "--message", event)
    assert f"not authorized to perform: sts:AssumeRole on resource: {role}" in reason
    cloud.client("iam").update_assume_role_policy(RoleName=name, PolicyDocument=trust(
        let("events.amazonaws.com", source=rule)))
    put(cloud.client("events"), name)
    assert len(bodies(cloud, url)) == 1


def test_whoever_gives_a_target_a_role_must_be_allowed_to_pass_it(cloud, name):
    _, arn = queue_for(cloud, name)
    role = cloud.role(name, allow("sqs:*"), trusts="events.amazonaws.com")
    rule_to(cloud, name, Arn=arn)
    who = cloud.user(name, allow("events:*"))
    give = lambda: cloud.client("events", who).put_targets(  # noqa: E731
        Rule=name, Targets=[{"Id": "t", "Arn": arn, "RoleArn": role}])
    code, _, message = refused(give)
    assert code == "AccessDeniedException" and f"iam:PassRole on resource: {role}" in message
    cloud.client("iam").put_user_policy(UserName=name, PolicyName="q", PolicyDocument=document(
        allow("iam:PassRole", role, Condition={"StringEquals": {
            "iam:PassedToService": "events.amazonaws.com"}})))
    assert refused(give) is None


def test_the_role_of_a_rule_must_be_passed_and_trust_eventbridge(cloud, name):
    good = cloud.role(name, trusts="events.amazonaws.com")
    bad = cloud.role(f"{name}-bad", trusts="lambda.amazonaws.com")
    who = cloud.user(name, allow("events:*"))
    make = lambda role, who=None: refused(  # noqa: E731
        lambda: cloud.client("events", who).put_rule(
            Name=name, EventPattern='{"source": ["s"]}', RoleArn=role))
    assert f"iam:PassRole on resource: {good}" in make(good, who)[2]
    for role in (bad, f"arn:aws:iam::{ACCOUNT}:role/none"):
        assert make(role) == (
            "ValidationException", 400,
            f"Provided role '{role}' cannot be assumed by principal 'events.amazonaws.com'.")
    assert make(good) is None


def test_another_accounts_bus_takes_events_if_both_sides_let_them(cloud, name):
    theirs = cloud.client("events", keys(OTHER))
    bus = theirs.create_event_bus(Name=name)["EventBusArn"]
    events = cloud.client("events", cloud.user(name, allow("events:PutEvents", bus)))
    assert is_denied(lambda: put(events, "mine", bus))
    theirs.put_permission(EventBusName=name, Action="events:PutEvents", Principal=ACCOUNT,
                          StatementId="let")
    assert refused(lambda: put(events, "mine", bus)) is None
    cloud.client("iam").delete_user_policy(UserName=name, PolicyName="p")
    assert is_denied(lambda: put(events, "mine", bus))


def heard_by(cloud, name):
    """A bus of the other account with a queue that hears all of it; gives the bus, and what has
    come there."""
    events, sqs = cloud.client("events", keys(OTHER)), cloud.client("sqs", keys(OTHER))
    bus = events.create_event_bus(Name=name)["EventBusArn"]
    arn = f"arn:aws:sqs:us-east-1:{OTHER}:{name}"
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": document(
        {"Resource": arn, "Action": "sqs:SendMessage", **let("events.amazonaws.com")})})["QueueUrl"]
    events.put_rule(Name=name, EventBusName=name, EventPattern='{"version": ["0"]}')
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "q", "Arn": arn}])

    def ids():
        found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"])["id"] for message in found]

    return bus, ids


def test_a_rule_sends_to_another_accounts_bus_if_the_bus_and_the_role_let_it(cloud, name):
    bus, ids = heard_by(cloud, name)
    role = cloud.role(name, trusts="events.amazonaws.com")
    rule_to(cloud, name, Arn=bus, RoleArn=role)
    events, iam = cloud.client("events"), cloud.client("iam")

    def reason():
        event = put(events, name)
        assert ids() == []
        return ask(cloud, "trace", event)

    assert "no identity-based policy allows the events:PutEvents action" in reason()
    iam.put_role_policy(RoleName=name, PolicyName="p",
                        PolicyDocument=document(allow("events:PutEvents", bus)))
    assert "no resource-based policy allows the events:PutEvents action" in reason()
    cloud.client("events", keys(OTHER)).put_permission(
        EventBusName=name, Action="events:PutEvents", Principal=ACCOUNT, StatementId="let")
    event = put(events, name)
    assert ids() == [event]
    # What only requests have is not there: nothing is asked of one.
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(
        allow("events:PutEvents", bus, Condition={"StringEquals": {"aws:RequestTag/a": "b"}})))
    assert "no identity-based policy allows the events:PutEvents action" in reason()
    iam.delete_role_policy(RoleName=name, PolicyName="p")
    assert "no identity-based policy allows the events:PutEvents action" in reason()


def test_a_rule_sends_to_another_bus_of_its_account_as_its_role_may(cloud, name):
    url, arn = queue_for(cloud, name, let("events.amazonaws.com"))
    bus = cloud.client("events").create_event_bus(Name=name)["EventBusArn"]
    rule_to(cloud, f"{name}-there", bus=name, Arn=arn)
    cloud.client("events").put_rule(Name=f"{name}-there", EventBusName=name,
                                    EventPattern='{"version": ["0"]}')
    role = cloud.role(name, trusts="events.amazonaws.com")
    rule_to(cloud, name, Arn=bus, RoleArn=role)
    event = put(cloud.client("events"), name)
    assert bodies(cloud, url) == []
    assert "no identity-based policy allows the events:PutEvents action" in ask(
        cloud, "trace", event)
    cloud.client("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(
        allow("events:PutEvents", bus)))
    event = put(cloud.client("events"), name)
    assert [json.loads(body)["id"] for body in bodies(cloud, url)] == [event]


def schedule(scheduler, when, name, **target):
    scheduler.create_schedule(
        Name=name, ScheduleExpression=f"at({when.strftime('%Y-%m-%dT%H:%M:%S')})",
        FlexibleTimeWindow={"Mode": "OFF"}, Target={"Input": name, **target})


def test_a_schedule_needs_a_role_that_may_be_passed_and_that_trusts_the_scheduler(cloud, name):
    _, arn = queue_for(cloud, name)
    when = Clock(cloud.server).now() + datetime.timedelta(days=1)
    good = cloud.role(name, allow("sqs:SendMessage", arn), trusts="scheduler.amazonaws.com")
    bad = cloud.role(f"{name}-bad", allow("sqs:SendMessage", arn))
    scheduler = cloud.client("scheduler", cloud.user(name, allow("scheduler:*")))
    code, status, message = refused(
        lambda: schedule(scheduler, when, name, Arn=arn, RoleArn=good))
    assert (code, status) == ("AccessDeniedException", 403)
    assert f"iam:PassRole on resource: {good}" in message
    cloud.client("iam").put_user_policy(UserName=name, PolicyName="q", PolicyDocument=document(
        allow("iam:PassRole", "*", Condition={"StringEquals": {
            "iam:PassedToService": "scheduler.amazonaws.com"}})))
    untrusting = ("ValidationException", 400, "The execution role you provide must allow AWS "
                  "EventBridge Scheduler to assume the role.")
    for role in (bad, f"arn:aws:iam::{ACCOUNT}:role/none"):
        assert refused(lambda role=role: schedule(
            scheduler, when, name, Arn=arn, RoleArn=role)) == untrusting
    schedule(scheduler, when, name, Arn=arn, RoleArn=good)
    assert refused(lambda: scheduler.update_schedule(
        Name=name, ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": bad})) == untrusting
    scheduler.delete_schedule(Name=name)


def test_a_role_may_trust_the_scheduler_for_one_group_alone(cloud, name):
    _, arn = queue_for(cloud, name)
    role = cloud.role(name, allow("sqs:SendMessage", arn), trusts="scheduler.amazonaws.com")
    scheduler = cloud.client("scheduler")
    group = scheduler.create_schedule_group(Name=name)["ScheduleGroupArn"]
    cloud.client("iam").update_assume_role_policy(RoleName=name, PolicyDocument=document({
        "Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole", "Condition": {"StringEquals": {
            "aws:SourceArn": group, "aws:SourceAccount": ACCOUNT}}}))
    make = lambda **more: refused(lambda: scheduler.create_schedule(  # noqa: E731
        Name=name, ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"},
        State="DISABLED", Target={"Arn": arn, "RoleArn": role}, **more))
    assert make()[0] == "ValidationException"
    assert make(GroupName=name) is None


def test_a_role_that_has_stopped_trusting_the_scheduler_is_not_taken_on(cloud, name):
    clock = Clock(cloud.server)
    url, arn = queue_for(cloud, name)
    role = cloud.role(name, allow("sqs:SendMessage", arn), trusts="scheduler.amazonaws.com")
    schedule(cloud.client("scheduler"), clock.now() + datetime.timedelta(hours=1), name, Arn=arn,
             RoleArn=role)
    cloud.client("iam").update_assume_role_policy(RoleName=name, PolicyDocument=trust(
        let("events.amazonaws.com")))
    clock.advance(hours=1)
    assert bodies(cloud, url) == []
    assert f"not authorized to perform: sts:AssumeRole on resource: {role}" in ask(
        cloud, "trace", "--queue", name)


def test_what_fires_reaches_what_the_role_may_send_to(cloud, name):
    clock = Clock(cloud.server)
    url, arn = queue_for(cloud, name)
    closed_url, closed = queue_for(cloud, f"{name}-closed")
    dead_url, dead = queue_for(cloud, f"{name}-dead")
    role = cloud.role(name, allow("sqs:SendMessage", [arn, dead]),
                      trusts="scheduler.amazonaws.com")
    scheduler = cloud.client("scheduler")
    when = clock.now() + datetime.timedelta(hours=1)
    schedule(scheduler, when, f"{name}-1", Arn=arn, RoleArn=role)
    schedule(scheduler, when, f"{name}-2", Arn=closed, RoleArn=role,
             DeadLetterConfig={"Arn": dead})
    schedule(scheduler, when, f"{name}-3", Arn=closed, RoleArn=role)
    clock.advance(hours=1)
    assert bodies(cloud, url) == [f"{name}-1"]
    assert bodies(cloud, closed_url) == []
    [letter] = cloud.client("sqs").receive_message(
        QueueUrl=dead_url, WaitTimeSeconds=5, MessageAttributeNames=["All"])["Messages"]
    told = {key: one["StringValue"] for key, one in letter["MessageAttributes"].items()}
    assert letter["Body"] == f"{name}-2"
    assert told["ERROR_CODE"] == "AccessDenied" and told["RETRY_ATTEMPTS"] == "0"
    assert f"assumed-role/{name}/" in told["ERROR_MESSAGE"]
    assert "no identity-based policy allows" in told["ERROR_MESSAGE"]
    assert "no identity-based policy allows" in ask(cloud, "trace", "--queue", f"{name}-closed")
