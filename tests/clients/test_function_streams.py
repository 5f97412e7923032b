"""Functions that read the streams of tables."""

import json

import aws_clients
import matinee_server
import polling
import pytest
from stream_kit import Cloud


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data") as server:
        yield server


def test_a_function_gets_the_changes_of_a_table(server):
    cloud = Cloud(server)
    mapping = cloud.read()
    assert mapping["ResponseMetadata"]["HTTPStatusCode"] == 202
    told = {name: mapping[name] for name in (
        "State", "StateTransitionReason", "BatchSize", "StartingPosition", "MaximumRetryAttempts",
        "MaximumRecordAgeInSeconds", "ParallelizationFactor", "BisectBatchOnFunctionError",
        "TumblingWindowInSeconds", "DestinationConfig", "LastProcessingResult",
        "FunctionResponseTypes")}
    assert told == {
        "State": "Creating", "StateTransitionReason": "User action", "BatchSize": 100,
        "StartingPosition": "TRIM_HORIZON", "MaximumRetryAttempts": -1,
        "MaximumRecordAgeInSeconds": -1, "ParallelizationFactor": 1,
        "BisectBatchOnFunctionError": False, "TumblingWindowInSeconds": 0,
        "DestinationConfig": {"OnFailure": {}}, "LastProcessingResult": "No records processed",
        "FunctionResponseTypes": []}
    cloud.put("alien", year={"N": "1979"})
    [told] = cloud.message(cloud.seen)
    record = told["record"]
    assert list(record) == ["eventID", "eventName", "eventVersion", "eventSource", "awsRegion",
                            "dynamodb", "eventSourceARN"]
    assert (record["eventName"], record["eventSource"]) == ("INSERT", "aws:dynamodb")
    assert record["eventSourceARN"] == cloud.stream
    assert record["dynamodb"]["NewImage"] == {"id": {"S": "alien"}, "year": {"N": "1979"}}
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], (int, float))
    assert polling.eventually(lambda: cloud.functions.get_event_source_mapping(
        UUID=mapping["UUID"])["LastProcessingResult"] == "OK")


def test_batches_are_no_larger_than_they_may_be_and_in_order(server):
    cloud = Cloud(server)
    films = [f"film-{number:02}" for number in range(25)]
    cloud.put(*films)
    cloud.read(BatchSize=10)
    batches = cloud.batches(3)
    assert sorted(len(batch) for batch in batches) == [5, 10, 10]
    assert sorted(batches) == [films[:10], films[10:20], films[20:]]


def test_latest_begins_with_what_comes_after_the_mapping(server):
    cloud = Cloud(server)
    cloud.put("before")
    cloud.read("LATEST")
    cloud.put("after")
    assert cloud.batches(1) == [["after"]]


def test_filters_leave_out_what_they_do_not_match(server):
    cloud = Cloud(server)
    pattern = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": ["film"]}}}}
    cloud.read(FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]}, BatchSize=1)
    cloud.put("alien", kind={"S": "film"})
    cloud.put("lost", kind={"S": "series"})
    cloud.dynamodb.delete_item(TableName="films", Key={"id": {"S": "alien"}})
    cloud.put("brazil", kind={"S": "film"})
    assert sorted(cloud.batches(2)) == [["alien"], ["brazil"]]


def test_what_fails_for_good_goes_to_its_destination_and_the_rest_goes_on(server):
    cloud = Cloud(server)
    failed, arn = cloud.queue("failed")
    cloud.put("bad")
    mapping = cloud.read(BatchSize=1, MaximumRetryAttempts=1,
                         DestinationConfig={"OnFailure": {"Destination": arn}})
    cloud.put("good")
    record = cloud.message(failed)
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["requestContext"]["functionArn"] == mapping["FunctionArn"]
    assert record["responseContext"] == {
        "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    place = record["DDBStreamBatchInfo"]
    assert (place["batchSize"], place["streamArn"]) == (1, cloud.stream)
    assert place["startSequenceNumber"] == place["endSequenceNumber"]
    assert place["shardId"].startswith("shardId-")
    assert sorted(cloud.batches(3)) == [["bad"], ["bad"], ["good"]]


def test_a_bucket_gets_the_records_as_well(server):
    cloud = Cloud(server)
    s3 = aws_clients.client("s3", server.url)
    s3.create_bucket(Bucket="failures")
    cloud.put("bad")
    mapping = cloud.read(MaximumRetryAttempts=0, DestinationConfig={
        "OnFailure": {"Destination": "arn:aws:s3:::failures"}})
    [entry] = polling.eventually(
        lambda: s3.list_objects_v2(Bucket="failures").get("Contents"), 30)
    assert entry["Key"].startswith(f"aws/lambda/{mapping['UUID']}/shardId-")
    document = json.load(s3.get_object(Bucket="failures", Key=entry["Key"])["Body"])
    assert document["requestContext"]["approximateInvokeCount"] == 1
    [record] = document["payload"]["Records"]
    assert record["dynamodb"]["Keys"] == {"id": {"S": "bad"}}


def test_a_batch_that_fails_is_split_until_the_bad_one_is_alone(server):
    cloud = Cloud(server)
    failed, arn = cloud.queue("failed")
    cloud.put("a", "b", "bad", "d")
    cloud.read(BisectBatchOnFunctionError=True, MaximumRetryAttempts=0,
               DestinationConfig={"OnFailure": {"Destination": arn}})
    # Without a retry it is not even split.
    assert cloud.message(failed)["DDBStreamBatchInfo"]["batchSize"] == 4
    assert cloud.batches(1) == [["a", "b", "bad", "d"]]

    mapping = cloud.functions.list_event_source_mappings()["EventSourceMappings"][0]
    cloud.functions.update_event_source_mapping(UUID=mapping["UUID"], MaximumRetryAttempts=1)
    batch = ["e", "bad-2", "g", "h"]
    cloud.dynamodb.transact_write_items(TransactItems=[
        {"Put": {"TableName": "films", "Item": {"id": {"S": each}}}} for each in batch])
    record = cloud.message(failed)
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert sorted(map(len, cloud.batches(6))) == [1, 1, 1, 2, 2, 4]


def test_reported_failures_come_again_without_what_was_done(server):
    cloud = Cloud(server, REPORTS="yes")
    failed, arn = cloud.queue("failed")
    cloud.put("a", "b", "bad")
    cloud.read(FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=1,
               DestinationConfig={"OnFailure": {"Destination": arn}})
    record = cloud.message(failed)
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responseContext"]["functionError"] is None
    assert sorted(cloud.batches(3)) == [["a", "b", "bad"], ["bad"], ["bad"]]


def test_a_killed_server_goes_on_where_it_was(server):
    cloud = Cloud(server)
    cloud.read()
    cloud.put("first")
    assert cloud.batches(1) == [["first"]]
    polling.eventually(lambda: cloud.functions.list_event_source_mappings()[
        "EventSourceMappings"][0]["LastProcessingResult"] == "OK")
    server.kill()
    server.start()
    cloud.put("second")
    assert cloud.batches(1) == [["second"]]


def test_several_batches_at_a_time_keep_the_order_of_each_item(server):
    cloud = Cloud(server)
    for number in range(5):
        for film in ("a", "b", "c", "d"):
            cloud.put(film, number={"N": str(number)})
    cloud.read(ParallelizationFactor=4, BatchSize=20)
    seen = {}
    while sum(map(len, seen.values())) < 20:
        for told in cloud.message(cloud.seen):
            seen.setdefault(told["id"], []).append(
                told["record"]["dynamodb"]["NewImage"]["number"]["N"])
    assert seen == {film: ["0", "1", "2", "3", "4"] for film in ("a", "b", "c", "d")}


@pytest.mark.parametrize("wrong, code, words", [
    ({"StartingPosition": "AT_TIMESTAMP"}, "InvalidParameterValueException",
     "Unsupported starting position for arn type: {stream}"),
    ({}, "InvalidParameterValueException",
     "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
     "Member must not be null."),
    ({"StartingPosition": "LATEST", "EventSourceArn": "{stream}1"},
     "InvalidParameterValueException", "Stream not found: {stream}1"),
    ({"StartingPosition": "LATEST", "ParallelizationFactor": 10, "MaximumRecordAgeInSeconds": 30},
     "InvalidParameterValueException",
     "MaximumRecordAgeInSeconds must be -1, or between 60 and 604800."),
])
def test_what_is_wrong_with_a_mapping_is_said(server, wrong, code, words):
    cloud = Cloud(server)
    arguments = {"EventSourceArn": cloud.stream, "FunctionName": "reader", **wrong}
    arguments["EventSourceArn"] = arguments["EventSourceArn"].format(stream=cloud.stream)
    with pytest.raises(cloud.functions.exceptions.ClientError) as refused:
        cloud.functions.create_event_source_mapping(**arguments)
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["Error"]["Message"] == words.format(stream=cloud.stream)


def test_one_function_reads_a_stream_once(server):
    cloud = Cloud(server)
    mapping = cloud.read()
    with pytest.raises(cloud.functions.exceptions.ResourceConflictException) as refused:
        cloud.read()
    assert mapping["UUID"] in refused.value.response["Error"]["Message"]
