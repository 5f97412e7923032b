"""What calls of functions leave behind: loops that are ended, metrics, records in buckets, and hops
in the journal."""

import datetime
import json
import re
import subprocess
import urllib.request

import aws_clients
import matinee_server
import own_pages
import polling
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError
from functions_kit import make_function, make_queue, python_package
from moved_clock import Clock

ARN = "arn:aws:lambda:us-east-1:000000000000:function:"
FAIL = python_package("raise ValueError('no')")
# Sends what it gets to the queue again, as SDKs do: with the trace that it was called with.
AGAIN = python_package("""
import urllib.parse, urllib.request
number = int(event['Records'][0]['body']) + 1
data = urllib.parse.urlencode({'Action': 'SendMessage', 'MessageBody': number}).encode()
urllib.request.urlopen(urllib.request.Request(
    os.environ['AWS_ENDPOINT_URL'] + '/000000000000/work', data,
    {'X-Amzn-Trace-Id': os.environ['_X_AMZN_TRACE_ID']}))
return number""")
# Puts an object into the bucket whose event has called it.
OBJECTS = python_package("""
import urllib.request
key = event['Records'][0]['s3']['object']['key']
request = urllib.request.Request(
    os.environ['AWS_ENDPOINT_URL'] + '/films/' + str(int(key) + 1), b'x',
    {'X-Amzn-Trace-Id': os.environ['_X_AMZN_TRACE_ID'],
     'Authorization': 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/s3/aws4_request, '
                      'SignedHeaders=host, Signature=0'}, method='PUT')
urllib.request.urlopen(request)""")


@pytest.fixture
def server(tmp_path):
    with matinee_server.Server(tmp_path / "data", arguments=["--clock", "paused"]) as server:
        yield server


@pytest.fixture
def functions(server):
    return aws_clients.client("lambda", server.url)


@pytest.fixture
def sqs(server):
    return aws_clients.client("sqs", server.url)


def waiting(sqs, url):
    return int(sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"][
            "ApproximateNumberOfMessages"])


def command(server, *arguments):
    run = subprocess.run([matinee_server.find_binary(), *arguments, "--cloud", server.url],
                         capture_output=True, text=True, timeout=60, check=False,
                         env={"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                              "HOME": "/nonexistent"})
    assert run.returncode == 0, run.stderr
    return run.stdout


def hops(server, identifier):
    return own_pages.read(server, "trace", id=identifier)["Hops"]


# Loops

def loop_over_queue(functions, sqs):
    dead, dead_arn = make_queue(sqs, "dead")
    work, work_arn = make_queue(sqs, "work", VisibilityTimeout="30", RedrivePolicy=json.dumps(
        {"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1}))
    make_function(functions, "again", AGAIN)
    return work, work_arn, dead


def test_a_loop_over_a_queue_ends_after_sixteen_passes(server, functions, sqs):
    work, work_arn, dead = loop_over_queue(functions, sqs)
    functions.create_event_source_mapping(EventSourceArn=work_arn, FunctionName="again")
    sent = sqs.send_message(QueueUrl=work, MessageBody="0")
    [called] = polling.eventually(lambda: [hop for hop in hops(server, sent["MessageId"])
                                           if hop["Kind"] == "invoked"])
    trace = re.search("Root=([^;]+)", called["Trace"]).group(1)
    [refused] = polling.eventually(lambda: [hop for hop in hops(server, trace)
                                            if hop["Kind"] == "refused"])
    assert "recursive loop" in refused["Reason"]
    Clock(server).advance(seconds=31)
    polling.eventually(lambda: waiting(sqs, dead) == 1)
    assert sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"] == "16"
    Clock(server).advance(minutes=2)
    assert metric(server, "RecursiveInvocationsDropped", FunctionName="again")["Sum"] == 1
    assert metric(server, "Invocations", FunctionName="again")["Sum"] == 16


def test_a_loop_that_is_allowed_goes_on(server, functions, sqs):
    work, work_arn, dead = loop_over_queue(functions, sqs)
    functions.put_function_recursion_config(FunctionName="again", RecursiveLoop="Allow")
    functions.create_event_source_mapping(EventSourceArn=work_arn, FunctionName="again")
    sqs.send_message(QueueUrl=work, MessageBody="0")
    logs = aws_clients.client("logs", server.url)

    def calls():
        return logs.filter_log_events(logGroupName="/aws/lambda/again",
                                      filterPattern="REPORT")["events"]
    polling.eventually(lambda: logs.describe_log_groups(
        logGroupNamePrefix="/aws/lambda/again")["logGroups"])
    polling.eventually(lambda: len(calls()) > 20)
    functions.put_function_recursion_config(FunctionName="again", RecursiveLoop="Terminate")


def test_a_loop_over_a_bucket_goes_to_the_destination_for_failures(server, functions, sqs):
    failed, failed_arn = make_queue(sqs, "failed")
    s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
    s3.create_bucket(Bucket="films")
    make_function(functions, "objects", OBJECTS)
    functions.put_function_event_invoke_config(
        FunctionName="objects", DestinationConfig={"OnFailure": {"Destination": failed_arn}})
    functions.add_permission(FunctionName="objects", StatementId="s3",
                             Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")
    s3.put_bucket_notification_configuration(Bucket="films", NotificationConfiguration={
        "LambdaFunctionConfigurations": [{"LambdaFunctionArn": ARN + "objects",
                                          "Events": ["s3:ObjectCreated:*"]}]})
    s3.put_object(Bucket="films", Key="0", Body=b"x")
    message = sqs.receive_message(QueueUrl=failed, WaitTimeSeconds=20)["Messages"][0]
    record = json.loads(message["Body"])
    assert record["requestPayload"]["Records"][0]["s3"]["object"]["key"] == "16"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert len(s3.list_objects_v2(Bucket="films")["Contents"]) == 17


def test_who_waits_for_a_call_in_a_loop_hears_of_it(functions, server):
    make_function(functions, "trace", python_package("return os.environ['_X_AMZN_TRACE_ID']"))
    trace = json.load(functions.invoke(FunctionName="trace")["Payload"])
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;"
                        r"Lineage=[0-9a-f]{8}:1", trace)
    other = json.load(functions.invoke(FunctionName="trace")["Payload"])
    assert other.split(";")[0] != trace.split(";")[0]
    sent = []

    def add_trace(request, **_):
        request.headers["X-Amzn-Trace-Id"] = sent[-1]
    functions.meta.events.register("before-send.lambda.Invoke", add_trace)
    sent.append(trace)
    for passes in range(2, 17):
        sent.append(json.load(functions.invoke(FunctionName="trace")["Payload"]))
        assert sent[-1].endswith(f":{passes}")
        assert sent[-1].split(";")[0] == trace.split(";")[0]
    with pytest.raises(ClientError) as raised:
        functions.invoke(FunctionName="trace")
    assert error_of(raised) == ("RecursiveInvocationException", 400)


# Metrics

def metric(server, name, **dimensions):
    """What CloudWatch has of it for the last ten minutes, as one; nothing where there is none."""
    cloudwatch = aws_clients.client("cloudwatch", server.url)
    now = Clock(server).now().replace(second=0, microsecond=0) + datetime.timedelta(minutes=1)
    points = cloudwatch.get_metric_statistics(
        Namespace="AWS/Lambda", MetricName=name, Period=60,
        Statistics=["Sum", "SampleCount", "Maximum"],
        StartTime=now - datetime.timedelta(minutes=10), EndTime=now,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()])
    return as_one(points["Datapoints"])


def as_one(points):
    """Periods begin at fixed times, so that one of ten minutes could be cut in two."""
    if not points:
        return None
    one = {"Sum": sum(point["Sum"] for point in points),
           "SampleCount": sum(point["SampleCount"] for point in points),
           "Maximum": max(point["Maximum"] for point in points)}
    return one | {"Average": one["Sum"] / one["SampleCount"]}


def test_provisioned_instances_are_measured_too(server, functions):
    make_function(functions, "ready", python_package("return 1"))
    functions.publish_version(FunctionName="ready")
    functions.put_provisioned_concurrency_config(
        FunctionName="ready", Qualifier="1", ProvisionedConcurrentExecutions=1)
    polling.eventually(lambda: functions.get_provisioned_concurrency_config(
        FunctionName="ready", Qualifier="1")["Status"] == "READY")
    functions.invoke(FunctionName="ready", Qualifier="1")
    functions.invoke(FunctionName="ready")
    Clock(server).advance(minutes=1)
    counted = polling.eventually(lambda: metric(
        server, "ProvisionedConcurrencyInvocations", FunctionName="ready"))
    assert counted["Sum"] == 1
    for name in ("ProvisionedConcurrentExecutions", "ProvisionedConcurrencyUtilization"):
        assert metric(server, name, FunctionName="ready", Resource="ready:1")["Maximum"] == 1
    assert metric(server, "ProvisionedConcurrencySpilloverInvocations",
                  FunctionName="ready") is None


def test_calls_are_counted_by_function_and_by_the_name_that_was_called(server, functions):
    make_function(functions, "count", python_package("return 1 / event"))
    functions.publish_version(FunctionName="count")
    functions.create_alias(FunctionName="count", Name="live", FunctionVersion="1")
    for number in (1, 2, 0):
        functions.invoke(FunctionName="count", Payload=str(number))
    functions.invoke(FunctionName="count", Payload="1", Qualifier="live")
    functions.put_function_concurrency(FunctionName="count", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError):
        functions.invoke(FunctionName="count", Payload="1")
    assert metric(server, "Invocations", FunctionName="count") is None
    Clock(server).advance(minutes=1)
    polling.eventually(lambda: metric(server, "Invocations", FunctionName="count"))
    assert metric(server, "Invocations", FunctionName="count")["Sum"] == 4
    assert metric(server, "Invocations")["Sum"] == 4
    assert metric(server, "Invocations", FunctionName="count", Resource="count")["Sum"] == 3
    assert metric(server, "Invocations", FunctionName="count", Resource="count:live",
                  ExecutedVersion="1")["Sum"] == 1
    errors = metric(server, "Errors", FunctionName="count")
    assert (errors["Sum"], errors["SampleCount"]) == (1, 4)
    assert metric(server, "Throttles", FunctionName="count")["Sum"] == 1
    duration = metric(server, "Duration", FunctionName="count")
    assert duration["SampleCount"] == 4
    assert 0 < duration["Average"] <= duration["Maximum"] < 3000
    assert metric(server, "ConcurrentExecutions", FunctionName="count")["Maximum"] == 1
    assert metric(server, "UnreservedConcurrentExecutions")["Maximum"] == 1


def test_asynchronous_calls_are_counted_with_what_was_lost(server, functions):
    make_function(functions, "fail", FAIL)
    functions.put_function_event_invoke_config(
        FunctionName="fail", MaximumRetryAttempts=1, DestinationConfig={
            "OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:nowhere"}})
    functions.invoke(FunctionName="fail", InvocationType="Event")
    clock = Clock(server)
    clock.advance(minutes=3)
    polling.eventually(lambda: metric(server, "AsyncEventsDropped", FunctionName="fail"))
    assert metric(server, "AsyncEventsReceived", FunctionName="fail")["Sum"] == 1
    assert metric(server, "AsyncEventsDropped", FunctionName="fail")["Sum"] == 1
    assert metric(server, "AsyncEventAge", FunctionName="fail")["SampleCount"] == 2
    assert metric(server, "AsyncEventAge", FunctionName="fail")["Maximum"] >= 60_000
    clock.advance(minutes=2)
    polling.eventually(lambda: metric(server, "DestinationDeliveryFailures", FunctionName="fail"))


def test_a_mapping_counts_its_events_where_it_is_asked_to(server, functions, sqs):
    work, work_arn = make_queue(sqs, "work")
    make_function(functions, "some", python_package("return 1"))
    mapping = functions.create_event_source_mapping(
        EventSourceArn=work_arn, FunctionName="some", MetricsConfig={"Metrics": ["EventCount"]},
        FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"kind": ["wanted"]}})}]})
    unwanted = sqs.send_message(QueueUrl=work, MessageBody=json.dumps({"kind": "other"}))
    wanted = sqs.send_message(QueueUrl=work, MessageBody=json.dumps({"kind": "wanted"}))
    polling.eventually(lambda: "deleted" in [hop["Kind"] for hop in hops(server,
                                                                        wanted["MessageId"])])
    Clock(server).advance(minutes=1)
    uuid = mapping["UUID"]
    polling.eventually(lambda: metric(server, "PolledEventCount", EventSourceMappingUUID=uuid))
    counts = {name: metric(server, name, EventSourceMappingUUID=uuid)
              for name in ("PolledEventCount", "FilteredOutEventCount", "InvokedEventCount",
                           "DeletedEventCount", "FailedInvokeEventCount")}
    assert {name: found and found["Sum"] for name, found in counts.items()} == {
        "PolledEventCount": 2, "FilteredOutEventCount": 1, "InvokedEventCount": 1,
        "DeletedEventCount": 1, "FailedInvokeEventCount": None}
    # The journal says why it was deleted, and what the other one has called.
    left_out = [hop for hop in hops(server, unwanted["MessageId"]) if hop["Kind"] == "not matched"]
    assert uuid in left_out[0]["Reason"] and "kind" in left_out[0]["Reason"]
    why = command(server, "why", "--queue", "work", "--message", unwanted["MessageId"])
    assert uuid in why and "deleted" in why
    called = [hop for hop in hops(server, wanted["MessageId"]) if hop["Kind"] == "invoked"]
    assert called[0]["Resource"] == ARN + "some" and called[0]["Peer"] == work_arn


# Records in buckets

def test_a_bucket_keeps_the_record_of_a_call_that_has_failed(server, functions):
    s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
    s3.create_bucket(Bucket="failures")
    make_function(functions, "fail", FAIL)
    bucket = {"Destination": "arn:aws:s3:::failures"}
    with pytest.raises(ClientError) as raised:
        functions.put_function_event_invoke_config(
            FunctionName="fail", DestinationConfig={"OnSuccess": bucket})
    assert error_of(raised) == ("InvalidParameterValueException", 400)
    functions.put_function_event_invoke_config(
        FunctionName="fail", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": bucket})
    functions.invoke(FunctionName="fail", InvocationType="Event", Payload=b'{"a": 1}')
    found = polling.eventually(lambda: s3.list_objects_v2(Bucket="failures").get("Contents"))
    key = found[0]["Key"]
    assert re.fullmatch(r"aws/lambda/async/fail/(\d{4})/(\d\d)/(\d\d)/\1-\2-\3T\d\d\.\d\d\.\d\d-"
                        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", key)
    record = json.load(s3.get_object(Bucket="failures", Key=key)["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestPayload"] == {"a": 1}
    assert record["responsePayload"]["errorType"] == "ValueError"


# The journal

def test_the_journal_tells_how_calls_have_ended(server, functions):
    make_function(functions, "maybe", python_package("return 1 / event"))
    good = functions.invoke(FunctionName="maybe", Payload="1")["ResponseMetadata"]["RequestId"]
    bad = functions.invoke(FunctionName="maybe", Payload="0")["ResponseMetadata"]["RequestId"]
    functions.put_function_concurrency(FunctionName="maybe", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as raised:
        functions.invoke(FunctionName="maybe", Payload="1")
    throttled = raised.value.response["ResponseMetadata"]["RequestId"]
    told = {name: hops(server, identifier)[0] for name, identifier in
            (("good", good), ("bad", bad), ("throttled", throttled))}
    assert told["good"]["Kind"] == "invoked" and "Reason" not in told["good"]
    assert told["good"]["Resource"] == ARN + "maybe"
    assert told["bad"]["Kind"] == "invoked" and "division by zero" in told["bad"]["Reason"]
    assert told["throttled"]["Kind"] == "refused"
    assert "ReservedFunctionConcurrentInvocationLimitExceeded" in told["throttled"]["Reason"]


def test_calls_by_a_url_are_told_too(server, functions):
    make_function(functions, "page", python_package("return 'hi'"))
    url = functions.create_function_url_config(FunctionName="page", AuthType="NONE")["FunctionUrl"]
    functions.add_permission(FunctionName="page", StatementId="all", Principal="*",
                             Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="NONE")
    functions.add_permission(FunctionName="page", StatementId="call", Principal="*",
                             Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True)
    place = url.split("//")[1].split(".")[0]
    with urllib.request.urlopen(f"{server.url}/_matinee/function-url/{place}/",
                                timeout=30) as response:
        identifier = response.headers["x-amzn-RequestId"]
    [hop] = hops(server, identifier)
    assert (hop["Kind"], hop["Resource"]) == ("invoked", ARN + "page")
