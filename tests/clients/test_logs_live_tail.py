"""Live Tail of CloudWatch Logs as boto3 uses it: a reply that goes on."""

import time

import aws_clients
import polling
import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def logs(endpoint):
    # The prefix of the host that the model asks for leads nowhere on this machine.
    return aws_clients.client("logs", endpoint, inject_host_prefix=False)


@pytest.fixture
def group(logs, name):
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    return name


def arn(group):
    return f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"


def test_a_tail_sees_what_is_put_after_it_has_started(logs, group):
    stream = logs.start_live_tail(
        logGroupIdentifiers=[arn(group)], logEventFilterPattern="error")["responseStream"]
    events = iter(stream)
    start = next(events)["sessionStart"]
    assert start["logGroupIdentifiers"] == [arn(group)]
    assert start["logEventFilterPattern"] == "error"
    assert start["sessionId"] and start["requestId"]
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[
        {"timestamp": now, "message": "all is well"}, {"timestamp": now, "message": "an error"}])
    for event in events:
        assert event["sessionUpdate"]["sessionMetadata"] == {"sampled": False}
        if event["sessionUpdate"]["sessionResults"]:
            break
    [seen] = event["sessionUpdate"]["sessionResults"]
    assert seen.pop("ingestionTime") >= now
    assert seen == {"logStreamName": "s", "message": "an error", "timestamp": now,
                    "logGroupIdentifier": f"000000000000:{group}"}
    stream.close()


def test_fifteen_tails_may_be_open_and_closing_them_makes_room(logs, group):
    open_tails = []
    with pytest.raises(ClientError) as refused:
        for _ in range(16):
            open_tails.append(
                logs.start_live_tail(logGroupIdentifiers=[arn(group)])["responseStream"])
    assert refused.value.response["Error"]["Code"] == "LimitExceededException"
    for tail in open_tails:
        tail.close()

    def opens():
        try:
            logs.start_live_tail(logGroupIdentifiers=[arn(group)])["responseStream"].close()
        except ClientError:
            return False
        return True

    polling.eventually(opens)


def test_a_tail_of_nothing_is_refused(logs, group):
    with pytest.raises(ClientError) as refused:
        logs.start_live_tail(logGroupIdentifiers=[arn(group + "-none")])
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
