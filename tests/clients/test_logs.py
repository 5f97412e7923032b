"""CloudWatch Logs as boto3 and the aws CLI use it."""

import gzip
import json
import time

import aws_cli
import aws_clients
import matinee_server
import polling
import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def logs(endpoint):
    return aws_clients.client("logs", endpoint)


@pytest.fixture
def group(logs, name):
    """The name of a new group with a stream "s"."""
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    return name


def now():
    return int(time.time() * 1000)


def put(logs, group, *messages, stream="s", start=None):
    start = start or now() - len(messages)
    return logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[
        {"timestamp": start + i, "message": message} for i, message in enumerate(messages)])


def messages(response):
    return [event["message"] for event in response["events"]]


def test_a_group_is_described_as_aws_does(logs, name):
    assert logs.create_log_group(logGroupName=name, tags={"a": "1"})["ResponseMetadata"][
        "HTTPStatusCode"] == 200
    [described] = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert set(described) == {"arn", "creationTime", "deletionProtectionEnabled", "logGroupArn",
                              "logGroupClass", "logGroupName", "metricFilterCount", "storedBytes"}
    assert described["arn"] == described["logGroupArn"] + ":*"
    [short] = logs.describe_log_groups(logGroupNamePattern=name[1:])["logGroups"]
    assert set(short) == {"arn", "creationTime", "logGroupArn", "logGroupClass", "logGroupName",
                          "metricFilterCount"}
    assert logs.list_tags_for_resource(resourceArn=described["logGroupArn"])["tags"] == {"a": "1"}
    logs.put_retention_policy(logGroupName=name, retentionInDays=14)
    [described] = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert described["retentionInDays"] == 14
    logs.delete_log_group(logGroupName=name)
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"] == []


def test_events_come_back_both_ways(logs, group):
    answer = put(logs, group, *[f"event {i}" for i in range(10)])
    assert len(answer["nextSequenceToken"]) == 56
    assert "rejectedLogEventsInfo" not in answer
    seen = []
    token = None
    while True:
        arguments = {"nextToken": token} if token else {"startFromHead": True}
        page = logs.get_log_events(logGroupName=group, logStreamName="s", limit=3, **arguments)
        if page["nextForwardToken"] == token:
            break
        seen += messages(page)
        token = page["nextForwardToken"]
    assert seen == [f"event {i}" for i in range(10)]
    latest = logs.get_log_events(logGroupName=group, logStreamName="s", limit=2)
    assert messages(latest) == ["event 8", "event 9"]
    earlier = logs.get_log_events(logGroupName=group, logStreamName="s", limit=2,
                                  nextToken=latest["nextBackwardToken"])
    assert messages(earlier) == ["event 6", "event 7"]


def test_filters_find_events_page_by_page(logs, group):
    logs.create_log_stream(logGroupName=group, logStreamName="other")
    put(logs, group, *[json.dumps({"n": n, "user": {"name": f"u{n % 3}"}}) for n in range(100)])
    put(logs, group, "plain ERROR", stream="other")
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern='{ $.n >= 50 && $.user.name = "u1" }',
        PaginationConfig={"PageSize": 5})
    found = [json.loads(event["message"])["n"] for page in pages for event in page["events"]]
    assert found == [n for n in range(50, 100) if n % 3 == 1]
    answer = logs.filter_log_events(logGroupName=group, filterPattern="ERROR")
    [event] = answer["events"]
    assert set(event) == {"logStreamName", "timestamp", "message", "ingestionTime", "eventId"}
    assert event["logStreamName"] == "other" and len(event["eventId"]) == 56
    assert answer["searchedLogStreams"] == []
    record = logs.get_log_record(logRecordPointer=event["eventId"])["logRecord"]
    assert record["@message"] == "plain ERROR"


def test_old_events_are_told_of_and_not_stored(logs, group):
    answer = put(logs, group, "old", start=now() - 30 * 86_400_000)
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    assert messages(logs.filter_log_events(logGroupName=group)) == []


@pytest.mark.parametrize("operation, arguments, code, message", [
    ("get_log_events", {"logGroupName": "no-such-group", "logStreamName": "s"},
     "ResourceNotFoundException", "The specified log group does not exist."),
    ("create_log_group", {"logGroupName": "bad name"}, "InvalidParameterException", None),
    ("describe_log_groups", {"logGroupNamePrefix": "a", "logGroupNamePattern": "b"},
     "InvalidParameterException", "LogGroup name prefix and LogGroup name pattern are mutually "
     "exclusive parameters."),
    ("delete_resource_policy", {"policyName": "none"}, "ResourceNotFoundException",
     "Policy with name [none] does not exist."),
    ("cancel_export_task", {"taskId": "none"}, "ResourceNotFoundException",
     "The specified export task does not exist."),
    ("delete_metric_filter", {"logGroupName": "x" * 513, "filterName": "f"},
     "InvalidParameterException",
     "Invalid LogGroup or LogStream, both must have length less than or equal to 512."),
    ("describe_metric_filters", {"metricName": "x" * 256, "metricNamespace": "n"},
     "InvalidParameterException", "1 validation error detected: Value '" + "x" * 256 + "' at "
     "'metricName' failed to satisfy constraint: Member must have length less than or equal to "
     "255"),
    ("test_metric_filter", {"filterPattern": "a:b", "logEventMessages": ["x"]},
     "InvalidParameterException", "Invalid character(s) in term 'a:b'")])
def test_what_is_wrong_is_told_in_the_words_of_aws(endpoint, operation, arguments, code, message):
    unchecked = aws_clients.client("logs", endpoint, parameter_validation=False)
    with pytest.raises(ClientError) as raised:
        getattr(unchecked, operation)(**arguments)
    error = raised.value.response["Error"]
    assert error["Code"] == code
    assert message is None or error["Message"] == message
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_metric_filters_are_tried_and_kept(logs, group):
    [match] = logs.test_metric_filter(
        filterPattern="[ip, user, username, timestamp, request, status_code, bytes > 1000]",
        logEventMessages=['127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /a HTTP/1.0" 200 '
                          '1534', "127.0.0.1 - x [d] \"GET\" 200 10"])["matches"]
    assert match["eventNumber"] == 1
    assert match["extractedValues"]["$request"] == "GET /a HTTP/1.0"
    logs.put_metric_filter(
        logGroupName=group, filterName="f", filterPattern="",
        metricTransformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}])
    [kept] = logs.describe_metric_filters(logGroupName=group)["metricFilters"]
    assert set(kept) == {"applyOnTransformedLogs", "creationTime", "filterName", "filterPattern",
                         "logGroupName", "metricTransformations"}
    assert kept["metricTransformations"] == [
        {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]


def finished_task(logs, task):
    [described] = logs.describe_export_tasks(taskId=task)["exportTasks"]
    return described if described["status"]["code"] not in ("PENDING", "RUNNING") else None


def test_an_export_is_found_in_the_bucket(logs, s3, group, name):
    s3.create_bucket(Bucket=name)
    put(logs, group, "one", "two")
    task = logs.create_export_task(logGroupName=group, fromTime=now() - 60_000, to=now() + 1000,
                                   destination=name)["taskId"]
    described = polling.eventually(lambda: finished_task(logs, task))
    assert described["status"]["code"] == "COMPLETED"
    body = s3.get_object(Bucket=name, Key=f"exportedlogs/{task}/s/000000.gz")["Body"].read()
    assert [line.split(" ", 1)[1] for line in gzip.decompress(body).decode().splitlines()] == [
        "one", "two"]
    assert s3.head_object(Bucket=name, Key="exportedlogs/aws-logs-write-test")


def test_the_cli_filters_page_by_page(endpoint, logs, group, tmp_path):
    put(logs, group, *[f"line {n}" for n in range(7)], "other")
    cli = aws_cli.Cli(endpoint, tmp_path)
    found = cli("logs", "filter-log-events", "--log-group-name", group, "--filter-pattern", "line",
                "--page-size", 2)
    assert messages(found) == [f"line {n}" for n in range(7)]
    latest = cli("logs", "get-log-events", "--log-group-name", group, "--log-stream-name", "s",
                 "--limit", 1)
    assert messages(latest) == ["other"]


def test_all_is_there_after_a_kill(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        logs = aws_clients.client("logs", server.url)
        logs.create_log_group(logGroupName="g")
        logs.create_log_stream(logGroupName="g", logStreamName="s")
        put(logs, "g", *["x"] * 1000)
        token = logs.filter_log_events(logGroupName="g", limit=10)["nextToken"]
        server.kill()
    with matinee_server.Server(tmp_path / "data") as server:
        logs = aws_clients.client("logs", server.url)
        assert len(logs.filter_log_events(logGroupName="g", nextToken=token)["events"]) == 990


def test_streams_are_listed_by_their_last_events(logs, name):
    logs.create_log_group(logGroupName=name)
    start = now() - 60_000
    for number in range(12):
        logs.create_log_stream(logGroupName=name, logStreamName=f"s{number}")
        put(logs, name, "x", stream=f"s{number}", start=start + 700 * (number * 5 % 12))
    pages = logs.get_paginator("describe_log_streams").paginate(
        logGroupName=name, orderBy="LastEventTime", descending=True,
        PaginationConfig={"PageSize": 5})
    times = [stream["lastEventTimestamp"] for page in pages for stream in page["logStreams"]]
    assert times == [start + 700 * place for place in reversed(range(12))]
    put(logs, name, "x", stream="s0", start=now())
    latest = logs.describe_log_streams(logGroupName=name, orderBy="LastEventTime", descending=True,
                                       limit=1)["logStreams"]
    assert [stream["logStreamName"] for stream in latest] == ["s0"]


def test_account_policies_for_retention(logs, name):
    logs.create_log_group(logGroupName=name)
    policy = {"policyName": name, "policyType": "RETENTION_POLICY",
              "policyDocument": json.dumps({"retentionInDays": 90,
                                            "enforcementMode": "RETROACTIVE"})}
    kept = logs.put_account_policy(**policy)["accountPolicy"]
    assert kept["policyType"] == "RETENTION_POLICY" and kept["scope"] == "ALL"
    # It takes effect after a day.
    assert "retentionInDays" not in logs.describe_log_groups(
        logGroupNamePrefix=name)["logGroups"][0]
    listed = logs.describe_account_policies(policyType="RETENTION_POLICY")["accountPolicies"]
    assert name in [one["policyName"] for one in listed]
    logs.delete_account_policy(policyName=name, policyType="RETENTION_POLICY")
