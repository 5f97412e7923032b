"""Live Tail of CloudWatch Logs as boto3 uses it: a reply that goes on."""

import select
import subprocess
import time

import aws_cli
import aws_clients
import matinee_server
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


def test_the_cli_tails_by_https_and_ends_well_when_the_server_stops(tmp_path):
    """By AWS's own name, which the SDK puts a prefix before."""
    with matinee_server.Server(tmp_path / "data", ["--tls"]) as server:
        logs = aws_clients.client("logs", server.url)
        logs.create_log_group(logGroupName="g")
        logs.create_log_stream(logGroupName="g", logStreamName="s")
        tail = subprocess.Popen(
            [aws_cli.AWS, "logs", "start-live-tail", "--log-group-identifiers", arn("g")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=aws_cli.environment(
                HTTPS_PROXY=server.url, PYTHONUNBUFFERED="1",
                AWS_CA_BUNDLE=str(tmp_path / "data" / "tls" / "authority.pem")))

        def is_seen():
            logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[
                {"timestamp": int(time.time() * 1000), "message": "hello"}])
            return select.select([tail.stdout], [], [], 0.5)[0]

        try:
            polling.eventually(is_seen, 60)
            server.stop()
            seen, _ = tail.communicate(timeout=30)
        finally:
            tail.kill()
    assert set(seen.split()) == {"hello"}
    assert tail.returncode == 0
