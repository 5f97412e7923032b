"""CloudWatch in each of its three protocols: metrics, alarms, and errors as clients see them."""

import datetime
import gzip
import json
import urllib.error
import urllib.parse
import urllib.request

import aws_clients
import pytest
import raw_http
from aws_clients import error_of
from botocore.exceptions import ClientError, ParamValidationError

NAMESPACE_XML = "http://monitoring.amazonaws.com/doc/2010-08-01/"


@pytest.fixture(scope="module", params=["smithy-rpc-v2-cbor", "json", "query"])
def cloudwatch(request, endpoint):
    return aws_clients.client_of_protocol("cloudwatch", request.param, endpoint)


@pytest.fixture
def minute():
    """The beginning of a minute that is over."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.replace(second=0, microsecond=0) - datetime.timedelta(minutes=5)


def put(cloudwatch, namespace, time, **datum):
    cloudwatch.put_metric_data(
        Namespace=namespace, MetricData=[{"MetricName": "m", "Timestamp": time, **datum}])


def get(cloudwatch, namespace, start, stats=("Sum",), period=60, **parameters):
    return cloudwatch.get_metric_data(
        StartTime=start, EndTime=start + datetime.timedelta(minutes=5),
        MetricDataQueries=[
            {"Id": f"q{number}", "MetricStat": {
                "Metric": {"Namespace": namespace, "MetricName": "m"},
                "Period": period, "Stat": stat}} for number, stat in enumerate(stats)],
        **parameters)


def put_alarm(cloudwatch, name, **parameters):
    settings = {"Namespace": name, "MetricName": "m", "Statistic": "Average", "Period": 60,
                "EvaluationPeriods": 1, "Threshold": 30,
                "ComparisonOperator": "GreaterThanThreshold"}
    cloudwatch.put_metric_alarm(AlarmName=name, **{**settings, **parameters})


def test_what_is_put_is_got(cloudwatch, name, minute):
    put(cloudwatch, name, minute, Value=11)
    put(cloudwatch, name, minute, StatisticValues={
        "SampleCount": 10, "Sum": 55, "Minimum": 1, "Maximum": 10})
    put(cloudwatch, name, minute + datetime.timedelta(minutes=1), Values=[1, 2], Counts=[3, 1])
    got = get(cloudwatch, name, minute, ["Sum", "SampleCount", "Maximum"])
    assert got["Messages"] == []
    assert [result["Label"] for result in got["MetricDataResults"]] == [
        "m Sum", "m SampleCount", "m Maximum"]
    assert [result["Values"] for result in got["MetricDataResults"]] == [[5, 66], [4, 11], [2, 11]]
    assert got["MetricDataResults"][0]["Timestamps"] == [
        minute + datetime.timedelta(minutes=1), minute]
    assert get(cloudwatch, "other", minute)["MetricDataResults"] == [
        {"Id": "q0", "Label": "m", "StatusCode": "Complete", "Timestamps": [], "Values": []}]


def test_statistics_have_a_point_for_each_unit(cloudwatch, name, minute):
    put(cloudwatch, name, minute, Value=1, Unit="Seconds")
    put(cloudwatch, name, minute, Value=2)
    got = cloudwatch.get_metric_statistics(
        Namespace=name, MetricName="m", StartTime=minute, Period=60,
        EndTime=minute + datetime.timedelta(minutes=1), Statistics=["Sum", "Average"])
    assert got["Label"] == "m"
    assert sorted(got["Datapoints"], key=lambda point: point["Sum"]) == [
        {"Timestamp": minute, "Sum": 1, "Average": 1, "Unit": "Seconds"},
        {"Timestamp": minute, "Sum": 2, "Average": 2, "Unit": "None"}]
    percentiles = cloudwatch.get_metric_statistics(
        Namespace=name, MetricName="m", StartTime=minute, Period=60, Unit="Seconds",
        EndTime=minute + datetime.timedelta(minutes=1), ExtendedStatistics=["p50", "tm90"])
    assert percentiles["Datapoints"][0]["ExtendedStatistics"] == {"p50": 1, "tm90": 1}


def test_metrics_are_listed(cloudwatch, name):
    dimensions = [{"Name": "b", "Value": "2"}, {"Name": "a", "Value": "1"}]
    cloudwatch.put_metric_data(Namespace=name, MetricData=[
        {"MetricName": "m", "Value": 1, "Dimensions": dimensions}, {"MetricName": "n", "Value": 1}])
    listed = cloudwatch.list_metrics(Namespace=name)["Metrics"]
    assert sorted(metric["MetricName"] for metric in listed) == ["m", "n"]
    assert [metric["MetricName"] for metric in cloudwatch.list_metrics(
        Namespace=name, Dimensions=[{"Name": "a"}], RecentlyActive="PT3H")["Metrics"]] == ["m"]
    assert cloudwatch.list_metrics(Namespace="nothing")["Metrics"] == []


def test_metrics_are_listed_page_by_page(cloudwatch, name):
    for start in (0, 300):
        cloudwatch.put_metric_data(Namespace=name, MetricData=[
            {"MetricName": f"m{number}", "Value": 1} for number in range(start, start + 300)])
    pages = list(cloudwatch.get_paginator("list_metrics").paginate(Namespace=name))
    assert [len(page["Metrics"]) for page in pages] == [500, 100]


def test_many_points_come_in_pages(cloudwatch, name, minute):
    for number in range(4):
        put(cloudwatch, name, minute + datetime.timedelta(minutes=number), Value=number)
    pages = []
    token = {}
    while True:
        page = get(cloudwatch, name, minute, MaxDatapoints=3, ScanBy="TimestampAscending", **token)
        pages.append(page["MetricDataResults"][0]["Values"])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert pages == [[0, 1, 2], [3]]


def test_alarms_are_made_set_and_deleted(cloudwatch, name):
    put_alarm(cloudwatch, name, Tags=[{"Key": "k", "Value": "v"}])
    alarm, = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["StateValue"] == "INSUFFICIENT_DATA"
    assert alarm["StateReason"] == "Unchecked: Initial alarm creation"
    assert alarm["Threshold"] == 30
    assert alarm["Dimensions"] == alarm["OKActions"] == []
    assert alarm["ActionsEnabled"] is True
    assert "AlarmDescription" not in alarm
    assert "TreatMissingData" not in alarm
    assert alarm["StateUpdatedTimestamp"].microsecond % 1000 == 0
    arn = alarm["AlarmArn"]
    tags = cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert tags == [{"Key": "k", "Value": "v"}]
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["k"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == []
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="<by hand>")
    alarm, = cloudwatch.describe_alarms_for_metric(Namespace=name, MetricName="m")["MetricAlarms"]
    assert (alarm["StateValue"], alarm["StateReason"]) == ("ALARM", "<by hand>")
    put_alarm(cloudwatch, name, Threshold=31, AlarmDescription="a < b")
    alarm, = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert (alarm["StateValue"], alarm["Threshold"], alarm["AlarmDescription"]) == (
        "ALARM", 31, "a < b")
    items = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")
    item, = items["AlarmHistoryItems"]
    assert item["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"
    assert json.loads(item["HistoryData"])["newState"] == {
        "stateValue": "ALARM", "stateReason": "<by hand>"}
    cloudwatch.delete_alarms(AlarmNames=[name])
    nothing = cloudwatch.describe_alarms(AlarmNames=[name])
    assert nothing["MetricAlarms"] == nothing["CompositeAlarms"] == []


def test_an_alarm_goes_off_by_itself(cloudwatch, name):
    put_alarm(cloudwatch, name, Period=10, Threshold=1)
    put(cloudwatch, name, datetime.datetime.now(datetime.timezone.utc), Values=[21, 22])
    waiter = cloudwatch.get_waiter("alarm_exists")
    waiter.wait(AlarmNames=[name], StateValue="ALARM", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    alarm, = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["StateReason"].startswith("Threshold Crossed: 1 datapoint [21.5 (")
    assert json.loads(alarm["StateReasonData"])["evaluatedDatapoints"][0]["sampleCount"] == 2


@pytest.mark.parametrize(("call", "parameters", "error"), [
    ("set_alarm_state", {"AlarmName": "none", "StateValue": "OK", "StateReason": "r"},
     ("ResourceNotFound", 404)),
    ("set_alarm_state", {"AlarmName": "none", "StateValue": "INVALID", "StateReason": "r"},
     ("ValidationError", 400)),
    ("get_metric_statistics",
     {"Namespace": "N", "MetricName": "m", "StartTime": 86400, "EndTime": 172800, "Period": 1,
      "Statistics": ["Sum"]}, ("InvalidParameterCombination", 400)),
    ("get_metric_statistics",
     {"Namespace": "N", "MetricName": "m", "StartTime": 5, "EndTime": 5, "Period": 60,
      "Statistics": ["Sum"]}, ("InvalidParameterValue", 400)),
    ("put_metric_data", {"Namespace": "N", "MetricData": [{"MetricName": "m"}]},
     ("MissingParameter", 400)),
    ("enable_insight_rules", {"RuleNames": ["r"]}, ("NotImplemented", 501)),
])
def test_errors_are_the_same_in_each_protocol(cloudwatch, call, parameters, error):
    with pytest.raises(ClientError) as raised:
        getattr(cloudwatch, call)(**parameters)
    assert error_of(raised) == error


def post(endpoint, path, body, headers):
    """(status, headers, body) of a request by hand."""
    request = urllib.request.Request(endpoint + path, data=body, method="POST", headers={
        "Authorization": raw_http.CREDENTIAL.format(service="monitoring"), **headers})
    try:
        with urllib.request.urlopen(request) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


UNKNOWN_ALARM = {"AlarmName": "none", "StateValue": "OK", "StateReason": "r"}


def test_the_query_status_is_for_those_who_ask(endpoint):
    headers = {"X-Amz-Target": "GraniteServiceVersion20100801.SetAlarmState",
               "Content-Type": "application/x-amz-json-1.0"}
    body = json.dumps(UNKNOWN_ALARM).encode()
    status, reply, text = post(endpoint, "/", body, headers)
    assert (status, reply["x-amzn-query-error"]) == (400, None)
    assert text == b'{"__type":"com.amazonaws.cloudwatch.v2010_08_01#ResourceNotFound"}'
    status, reply, text = post(endpoint, "/", body, {**headers, "x-amzn-query-mode": "true"})
    assert (status, reply["x-amzn-query-error"]) == (404, "ResourceNotFound;Sender")


def test_an_unknown_alarm_has_no_message_in_xml(endpoint):
    form = urllib.parse.urlencode(
        {"Action": "SetAlarmState", "Version": "2010-08-01", **UNKNOWN_ALARM}).encode()
    status, headers, text = post(endpoint, "/", form, {
        "Content-Type": "application/x-www-form-urlencoded"})
    assert status == 404
    assert headers["Content-Type"] == "text/xml"
    assert f'<ErrorResponse xmlns="{NAMESPACE_XML}"><Error><Type>Sender</Type>' \
           "<Code>ResourceNotFound</Code></Error><RequestId>" in text.decode()


def test_replies_in_cbor_are_as_aws_writes_them(endpoint):
    operation = "/service/GraniteServiceVersion20100801/operation/"
    cbor = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
    status, headers, body = post(
        endpoint, operation + "ListMetrics", b"\xa1\x69Namespace\x61x", cbor)
    assert (status, headers["smithy-protocol"], headers["Content-Type"]) == (
        200, "rpc-v2-cbor", "application/cbor")
    assert body == b"\xbf\x67Metrics\x9f\xff\xff"
    status, _, body = post(endpoint, operation + "ListMetrics", b"\xa1\x69Namespace", cbor)
    assert status == 400
    assert b"SerializationException" in body
    status, _, body = post(endpoint, operation + "Nothing", b"", cbor)
    assert (status, b"UnknownOperationException" in body) == (404, True)


def test_bodies_may_be_compressed(endpoint, name):
    body = gzip.compress(json.dumps({"Namespace": name, "MetricData": [
        {"MetricName": "m", "Value": 1}]}).encode())
    status, headers, text = post(endpoint, "/", body, {
        "X-Amz-Target": "GraniteServiceVersion20100801.PutMetricData",
        "Content-Type": "application/x-amz-json-1.0", "Content-Encoding": "gzip"})
    assert (status, text) == (200, b"")
    assert headers["x-amzn-RequestId"]


def test_filters_of_logs_write_metrics(endpoint, cloudwatch, name):
    logs = aws_clients.client("logs", endpoint)
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    logs.put_metric_filter(
        logGroupName=name, filterName="f", filterPattern="{ $.bytes > 1 }",
        metricTransformations=[
            {"metricName": "m", "metricNamespace": name, "metricValue": "$.bytes"}])
    now = datetime.datetime.now(datetime.timezone.utc)
    logs.put_log_events(logGroupName=name, logStreamName="s", logEvents=[
        {"timestamp": int(now.timestamp() * 1000), "message": json.dumps({"bytes": number})}
        for number in (1, 2, 3)])
    got = get(cloudwatch, name, now - datetime.timedelta(minutes=2), ["Sum", "SampleCount"])
    assert [result["Values"] for result in got["MetricDataResults"]] == [[5], [2]]


def test_alarms_keep_what_is_said_of_their_actions(cloudwatch, name):
    alarm = {"AlarmName": name, "Namespace": name, "MetricName": "m", "Statistic": "Sum",
             "Period": 60, "EvaluationPeriods": 1, "Threshold": 30,
             "ComparisonOperator": "GreaterThanThreshold"}
    tags = {"AlarmTagsPropagation": {"Enabled": True, "ExcludedTagKeys": ["secret"]}}
    try:
        cloudwatch.put_metric_alarm(**alarm, ActionConfiguration=tags)
    except ParamValidationError:
        pytest.skip("this boto3 does not know ActionConfiguration")
    shown = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    assert shown["ActionConfiguration"] == tags
    assert shown["Threshold"] == 30.0
    cloudwatch.delete_alarms(AlarmNames=[name])
