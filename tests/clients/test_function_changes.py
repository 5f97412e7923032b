"""What is told of changes that functions read: metrics, the way from an item to a call, and why a
function has not seen a change."""

import json
import os
import subprocess
import urllib.request

import aws_clients
import matinee_server
import polling
import pytest
from stream_kit import Cloud

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793"


@pytest.fixture
def cloud(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        cloud = Cloud(server)
        # Whatever the machine does meanwhile, it is the same minute.
        cloud.clock.set("2030-01-01T00:00:00Z")
        yield cloud


def command(cloud, *arguments):
    done = subprocess.run(
        [matinee_server.find_binary(), *arguments, "--cloud", cloud.server.url],
        capture_output=True, text=True, timeout=60, check=True, env={
            **os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1"})
    return done.stdout


def why(cloud, item, *more):
    return command(cloud, "why", "--stream", "films", "--item", item, *more)


def story(cloud, token):
    with urllib.request.urlopen(f"{cloud.server.url}/_matinee/trace?id={token}",
                                timeout=30) as response:
        return json.load(response)["Hops"]


def metric(cloud, name, **dimensions):
    cloudwatch = aws_clients.client("cloudwatch", cloud.server.url)
    now = cloud.clock.now()
    found = cloudwatch.get_metric_data(
        StartTime=now.replace(year=now.year - 1), EndTime=now, MetricDataQueries=[
            {"Id": "m", "MetricStat": {"Period": 60, "Stat": "Sum", "Metric": {
                "Namespace": "AWS/Lambda", "MetricName": name, "Dimensions": [
                    {"Name": key, "Value": value} for key, value in dimensions.items()]}}}])
    return sum(found["MetricDataResults"][0]["Values"])


def put_traced(cloud, item):
    """Within a trace, as programs do that hand theirs on."""
    def add_header(request, **_):
        request.headers["X-Amzn-Trace-Id"] = TRACE
    client = aws_clients.client("dynamodb", cloud.server.url)
    client.meta.events.register("before-sign.dynamodb", add_header)
    client.put_item(TableName="films", Item={"id": {"S": item}})


def test_a_mapping_counts_its_changes_and_the_function_tells_how_old_they_were(cloud):
    failed, arn = cloud.queue("failed")
    pattern = {"dynamodb": {"Keys": {"id": {"S": [{"anything-but": "unwanted"}]}}}}
    cloud.put("good", "unwanted", "bad-1", "bad-2")
    cloud.clock.advance(seconds=30)
    uuid = cloud.read(
        BatchSize=10, MaximumRetryAttempts=0, MetricsConfig={"Metrics": ["EventCount"]},
        FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]},
        DestinationConfig={"OnFailure": {"Destination": arn}})["UUID"]
    assert cloud.message(failed)["DDBStreamBatchInfo"]["batchSize"] == 3
    cloud.clock.advance(minutes=1)
    counts = {"PolledEventCount": 4, "FilteredOutEventCount": 1, "InvokedEventCount": 3,
              "FailedInvokeEventCount": 3, "DroppedEventCount": 3,
              "OnFailureDestinationDeliveredEventCount": 3, "DeletedEventCount": 0}
    polling.eventually(lambda: metric(cloud, "PolledEventCount", EventSourceMappingUUID=uuid))
    assert {name: metric(cloud, name, EventSourceMappingUUID=uuid) for name in counts} == counts
    age = metric(cloud, "IteratorAge", FunctionName="reader")
    assert 30_000 <= age < 60_000 and age % 1000 == 0


def test_a_change_is_followed_from_the_item_to_the_call(cloud):
    cloud.read()
    put_traced(cloud, "alien")
    told = cloud.message(cloud.seen)[0]
    event = told["record"]["eventID"]

    def called():
        return [hop for hop in story(cloud, TRACE[5:]) if hop["Kind"] == "invoked"]
    [call] = polling.eventually(called)
    assert call["Messages"][0]["Cause"] == event
    [written] = [hop for hop in story(cloud, TRACE[5:])
                 if hop["Kind"] == "sent" and hop["Resource"] == cloud.stream]
    assert written["Reason"] == "INSERT of alien"
    assert written["Peer"] == cloud.stream[:cloud.stream.index("/stream/")]
    assert written["Messages"][0]["Id"] == event
    text = command(cloud, "trace", TRACE[5:])
    assert "INSERT of alien" in text and "function reader" in text


def test_an_item_that_expires_is_told(cloud):
    cloud.dynamodb.update_time_to_live(TableName="films", TimeToLiveSpecification={
        "Enabled": True, "AttributeName": "until"})
    cloud.read()
    cloud.put("alien", until={"N": str(int(cloud.clock.now().timestamp()) + 60)})
    cloud.message(cloud.seen)
    cloud.clock.advance(minutes=2)
    record = cloud.message(cloud.seen)[0]["record"]
    assert record["userIdentity"]["type"] == "Service"
    [told] = [hop for hop in story(cloud, record["eventID"]) if hop["Kind"] == "sent"]
    assert told["Reason"] == "REMOVE of alien, which has expired"
    assert told["Caller"] == "dynamodb.amazonaws.com"


def test_why_says_that_nobody_reads_or_nothing_has_changed(cloud):
    assert "no change of alien" in why(cloud, "alien")
    cloud.put("alien")
    assert "No event source mapping reads" in why(cloud, "alien")
    cloud.dynamodb.create_table(
        TableName="silent", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    assert "silent has no stream" in command(cloud, "why", "--stream", "silent", "--item", "a")


def test_why_says_that_latest_came_later_or_the_mapping_is_disabled(cloud):
    cloud.put("before")
    cloud.read("LATEST", Enabled=False)
    assert "LATEST" in why(cloud, "before")
    cloud.put("after")
    text = why(cloud, "after", "--function", "reader")
    assert "It is disabled." in text and "--enabled" in text


def test_why_says_which_part_of_a_filter_does_not_match(cloud):
    pattern = {"dynamodb": {"NewImage": {"kind": {"S": ["film"]}}}}
    mapping = cloud.read(FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    cloud.put("lost", kind={"S": "series"})
    text = why(cloud, "lost")
    assert mapping["UUID"] in text and "No filter" in text and "series" in text
    cloud.dynamodb.delete_item(TableName="films", Key={"id": {"S": "lost"}})
    assert "asks for NewImage" in why(cloud, "lost")


def test_why_says_that_a_batch_waits_or_is_held_up_by_another(cloud):
    cloud.read(BatchSize=10, MaximumBatchingWindowInSeconds=300)
    cloud.put("alien")
    text = polling.eventually(
        lambda: (found := why(cloud, "alien")) and "1 of 10 changes" in found and found)
    assert "until 2030-01-01T00:0" in text and "matinee clock advance" in text
    cloud.put("bad")
    cloud.clock.advance(seconds=300)
    text = polling.eventually(
        lambda: (found := why(cloud, "bad")) and "holds up" in found and found)
    assert "has failed" in text


def test_why_says_what_was_given_up_and_where_it_went(cloud):
    failed, arn = cloud.queue("failed")
    cloud.read(MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}})
    cloud.put("bad")
    cloud.message(failed)
    text = polling.eventually(
        lambda: (found := why(cloud, "bad")) and "worked off" in found and found)
    assert "RetryAttemptsExhausted after a call" in text and arn in text
