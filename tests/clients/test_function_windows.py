"""Functions that read streams in tumbling windows: what a call answers is handed to the next."""

import json

import aws_clients
import matinee_server
import polling
import pytest
from stream_kit import Cloud

# Counts the items of a window by their ids, and tells the queue each call.
COUNTER = """
import urllib.request, urllib.parse
told = {name: event[name] for name in event if name != 'Records'}
told['ids'] = [r['dynamodb']['Keys']['id']['S'] for r in event['Records']]
data = urllib.parse.urlencode({'Action': 'SendMessage', 'MessageBody': json.dumps(told)})
urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL'] + '/000000000000/seen', data.encode())
state = event['state']
for each in told['ids']:
    state[each] = state.get(each, 0) + 1
return {'state': state}
"""


@pytest.fixture
def cloud(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        cloud = Cloud(server, COUNTER)
        cloud.clock.set("2030-01-01T00:00:00Z")
        yield cloud


def next_call(cloud):
    """What the function was called with, once no other call is under way."""
    return cloud.message(cloud.seen)


def test_a_window_is_counted_over_several_calls_and_ended_by_the_clock(cloud):
    mapping = cloud.read(TumblingWindowInSeconds=600)
    assert mapping["TumblingWindowInSeconds"] == 600
    cloud.put("alien")
    told = next_call(cloud)
    shard = told.pop("shardId")
    assert shard.startswith("shardId-")
    assert list(told) == ["window", "state", "eventSourceARN", "isFinalInvokeForWindow",
                          "isWindowTerminatedEarly", "ids"]
    assert told == {
        "window": {"start": "2030-01-01T00:00:00Z", "end": "2030-01-01T00:10:00Z"},
        "state": {}, "eventSourceARN": cloud.stream, "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False, "ids": ["alien"]}
    cloud.put("brazil")
    assert next_call(cloud)["state"] == {"alien": 1}
    cloud.clock.advance(minutes=10)
    told = next_call(cloud)
    assert told["isFinalInvokeForWindow"] and told["ids"] == []
    assert told["state"] == {"alien": 1, "brazil": 1}
    assert told["window"]["end"] == "2030-01-01T00:10:00Z"
    cloud.put("casablanca")
    told = next_call(cloud)
    assert told["state"] == {} and told["window"]["start"] == "2030-01-01T00:10:00Z"


def test_the_state_survives_a_kill_with_the_position_that_it_belongs_to(cloud):
    mapping = cloud.read(TumblingWindowInSeconds=600)
    cloud.put("alien", "brazil")
    seen = []
    while len(seen) < 2:
        seen += next_call(cloud)["ids"]
    polling.eventually(lambda: cloud.functions.get_event_source_mapping(
        UUID=mapping["UUID"])["LastProcessingResult"] == "OK")
    cloud.server.kill()
    cloud.server.start()
    cloud.put("casablanca")
    state = {}
    # What was under way at the kill may come again, with the state that it had.
    while "casablanca" not in state:
        told = next_call(cloud)
        state = {**told["state"], **dict.fromkeys(told["ids"], 1)}
        assert set(told["state"].values()) <= {1}
    assert state == {"alien": 1, "brazil": 1, "casablanca": 1}


def test_a_mapping_says_what_cannot_go_together(cloud):
    def refused(**arguments):
        with pytest.raises(cloud.functions.exceptions.ClientError) as error:
            cloud.read(**arguments)
        return error.value.response["Error"]
    error = refused(TumblingWindowInSeconds=30, ParallelizationFactor=2)
    assert error["Code"] == "InvalidParameterValueException"
    assert "ParallelizationFactor" in error["Message"]
    assert refused(TumblingWindowInSeconds=901)["Code"] == "ValidationException"
    mapping = cloud.read(ParallelizationFactor=2)
    with pytest.raises(cloud.functions.exceptions.InvalidParameterValueException):
        cloud.functions.update_event_source_mapping(UUID=mapping["UUID"],
                                                    TumblingWindowInSeconds=30)
    updated = cloud.functions.update_event_source_mapping(
        UUID=mapping["UUID"], TumblingWindowInSeconds=30, ParallelizationFactor=1)
    assert updated["TumblingWindowInSeconds"] == 30


def test_queues_have_no_windows(cloud):
    with pytest.raises(cloud.functions.exceptions.ClientError) as refused:
        cloud.functions.create_event_source_mapping(
            EventSourceArn="arn:aws:sqs:us-east-1:000000000000:seen", FunctionName="reader",
            TumblingWindowInSeconds=30)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"


def test_a_bucket_gets_the_whole_event_of_what_failed(cloud):
    s3 = aws_clients.client("s3", cloud.server.url)
    s3.create_bucket(Bucket="failures")
    cloud.functions.update_function_configuration(FunctionName="reader", Handler="app.missing")
    cloud.put("alien")
    cloud.read(TumblingWindowInSeconds=600, MaximumRetryAttempts=0, DestinationConfig={
        "OnFailure": {"Destination": "arn:aws:s3:::failures"}})
    [entry] = polling.eventually(
        lambda: s3.list_objects_v2(Bucket="failures").get("Contents"), 30)
    document = json.load(s3.get_object(Bucket="failures", Key=entry["Key"])["Body"])
    assert document["payload"]["window"]["start"] == "2030-01-01T00:00:00Z"
    assert document["payload"]["state"] == {}
    assert len(document["payload"]["Records"]) == document["DDBStreamBatchInfo"]["batchSize"] == 1
