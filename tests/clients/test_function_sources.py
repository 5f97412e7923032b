"""What calls functions: subscriptions of log groups, rotations of secrets, alarms."""

import base64
import datetime
import gzip
import json

import aws_clients
import matinee_server
import polling
import pytest
from aws_clients import error_of
from botocore.exceptions import ClientError
from functions_kit import make_function, python_package
from moved_clock import Clock

ARN = "arn:aws:lambda:us-east-1:000000000000:function:"
ECHO = python_package("return event")
# A function that rotates as AWS's template does, and notes its steps in the secret "steps".
ROTATE = python_package("""
import urllib.request
def call(operation, **members):
    request = urllib.request.Request(os.environ['AWS_ENDPOINT_URL'], json.dumps(members).encode(), {
        'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'secretsmanager.' + operation,
        'Authorization': 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/'
                         'secretsmanager/aws4_request, SignedHeaders=host, Signature=0'})
    return json.load(urllib.request.urlopen(request))
secret, token, step = event['SecretId'], event['ClientRequestToken'], event['Step']
notes = json.loads(call('GetSecretValue', SecretId='steps')['SecretString'])
fails = notes['fail'] > 0 and step == notes['step']
notes = {**notes, 'seen': notes['seen'] + [step], 'fail': notes['fail'] - fails,
         'token': event['RotationToken']}
call('PutSecretValue', SecretId='steps', SecretString=json.dumps(notes),
     ClientRequestToken=context.aws_request_id)
stages = call('DescribeSecret', SecretId=secret)['VersionIdsToStages']
assert 'AWSPENDING' in stages[token], stages
if fails:
    raise RuntimeError('not this time')
if step == 'createSecret':
    call('PutSecretValue', SecretId=secret, ClientRequestToken=token, SecretString='new ' + token,
         VersionStages=['AWSPENDING'])
if step == 'finishSecret':
    current = [id for id, labels in stages.items() if 'AWSCURRENT' in labels][0]
    call('UpdateSecretVersionStage', SecretId=secret, VersionStage='AWSCURRENT',
         MoveToVersionId=token, RemoveFromVersionId=current)
""")


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


@pytest.fixture
def heard(functions, sqs):
    """Makes a function whose events can be waited for: one after the other, as they come."""
    def make(name):
        url = sqs.create_queue(QueueName=name + "-heard")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        make_function(functions, name, ECHO)
        functions.put_function_event_invoke_config(FunctionName=name, DestinationConfig={
            "OnSuccess": {"Destination": arn["QueueArn"]}})

        def next_event():
            found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"][0]
            sqs.delete_message(QueueUrl=url, ReceiptHandle=found["ReceiptHandle"])
            return json.loads(found["Body"])["responsePayload"]
        return next_event
    return make


def allow(functions, name, principal, source=None):
    more = {"SourceArn": source} if source else {}
    functions.add_permission(FunctionName=name, StatementId=principal.split(".")[0] + name,
                             Action="lambda:InvokeFunction", Principal=principal, **more)


def logged(event):
    return json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))


# Subscriptions

@pytest.fixture
def logs(server):
    client = aws_clients.client("logs", server.url)
    client.create_log_group(logGroupName="app")
    client.create_log_stream(logGroupName="app", logStreamName="s")
    return client


def say(server, logs, *texts, group="app"):
    time = int(Clock(server).now().timestamp() * 1000)
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[
        {"timestamp": time, "message": text} for text in texts])
    return time


def test_a_subscription_hands_what_matches_to_its_function(server, functions, logs, heard):
    next_event = heard("taker")
    subscribe = {"logGroupName": "app", "filterName": "errors", "filterPattern": "ERROR",
                 "destinationArn": ARN + "taker"}
    with pytest.raises(ClientError) as raised:
        logs.put_subscription_filter(**subscribe)
    assert error_of(raised) == ("InvalidParameterException", 400)
    assert raised.value.response["Error"]["Message"] == (
        "Could not execute the lambda function. Make sure you have given CloudWatch Logs "
        "permission to execute your function.")
    allow(functions, "taker", "logs.amazonaws.com",
          "arn:aws:logs:us-east-1:000000000000:log-group:app:*")
    logs.put_subscription_filter(**subscribe)
    say(server, logs, "fine")
    time = say(server, logs, "ERROR one", "fine", "ERROR zwei ü")
    record = logged(next_event())
    found = logs.filter_log_events(logGroupName="app", filterPattern="ERROR")["events"]
    assert record == {
        "messageType": "DATA_MESSAGE", "owner": "000000000000", "logGroup": "app",
        "logStream": "s", "subscriptionFilters": ["errors"], "logEvents": [
            {"id": found[0]["eventId"], "timestamp": time, "message": "ERROR one"},
            {"id": found[1]["eventId"], "timestamp": time, "message": "ERROR zwei ü"}]}
    logs.delete_subscription_filter(logGroupName="app", filterName="errors")
    say(server, logs, "ERROR unheard")
    logs.put_subscription_filter(**{**subscribe, "filterPattern": "[level, size]"})
    say(server, logs, "INFO 12")
    assert logged(next_event())["logEvents"][0]["extractedFields"] == {"level": "INFO",
                                                                      "size": "12"}


def test_older_policies_name_the_service_in_its_region(server, functions, logs, heard):
    next_event = heard("taker")
    allow(functions, "taker", "logs.us-east-1.amazonaws.com")
    logs.put_subscription_filter(logGroupName="app", filterName="all", filterPattern="",
                                 destinationArn=ARN + "taker")
    say(server, logs, "x")
    assert [event["message"] for event in logged(next_event())["logEvents"]] == ["x"]


def test_the_policy_of_an_account_subscribes_to_all_groups_but_some(server, functions, logs, heard):
    next_event = heard("taker")
    allow(functions, "taker", "logs.amazonaws.com")
    for group in ("quiet", "other"):
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="s")
    document = {"DestinationArn": ARN + "taker", "FilterPattern": "-skip"}
    logs.put_account_policy(
        policyName="everything", policyType="SUBSCRIPTION_FILTER_POLICY",
        policyDocument=json.dumps(document), scope="ALL",
        selectionCriteria='LogGroupName NOT IN ["quiet", "/aws/lambda/taker"]')
    say(server, logs, "nobody", group="quiet")
    say(server, logs, "skip this")
    say(server, logs, "somebody", group="other")
    record = logged(next_event())
    assert (record["logGroup"], record["subscriptionFilters"], record["policyLevel"]) == (
        "other", ["everything"], "ACCOUNT_LEVEL_POLICY")
    assert [event["message"] for event in record["logEvents"]] == ["somebody"]
    with pytest.raises(ClientError) as raised:
        logs.put_account_policy(policyName="everything", policyType="SUBSCRIPTION_FILTER_POLICY",
                                policyDocument=json.dumps({"FilterPattern": ""}), scope="ALL")
    assert error_of(raised) == ("InvalidParameterException", 400)


def test_large_batches_come_in_several_calls_and_survive_a_kill(server, functions, logs, heard):
    next_event = heard("taker")
    allow(functions, "taker", "logs.amazonaws.com")
    logs.put_subscription_filter(logGroupName="app", filterName="all", filterPattern="",
                                 destinationArn=ARN + "taker")
    texts = [f"{number} " + "x" * 90_000 for number in range(6)]
    say(server, logs, *texts)
    server.kill()
    server.start()
    found = []
    while len(found) < len(texts):
        events = logged(next_event())["logEvents"]
        assert len(events) < len(texts)
        found += [event["message"] for event in events]
    assert sorted(set(found)) == texts


def test_a_function_that_is_subscribed_to_its_own_log_comes_to_an_end(server, functions, sqs):
    logs = aws_clients.client("logs", server.url)
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    make_function(functions, "mirror", ECHO,
                  DeadLetterConfig={"TargetArn": dead_arn["QueueArn"]})
    allow(functions, "mirror", "logs.amazonaws.com")
    logs.create_log_group(logGroupName="/aws/lambda/mirror")
    logs.put_subscription_filter(logGroupName="/aws/lambda/mirror", filterName="all",
                                 filterPattern="REPORT", destinationArn=ARN + "mirror")
    functions.invoke(FunctionName="mirror")
    letter = sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=20,
                                 MessageAttributeNames=["All"])["Messages"][0]
    assert "recursive loop" in letter["MessageAttributes"]["ErrorMessage"]["StringValue"]
    reports = logs.filter_log_events(logGroupName="/aws/lambda/mirror",
                                     filterPattern="REPORT")["events"]
    assert len(reports) == 16


# Rotation

@pytest.fixture
def secrets(server):
    client = aws_clients.client("secretsmanager", server.url)
    client.create_secret(Name="s", SecretString="old")
    client.create_secret(Name="steps", SecretString=json.dumps(
        {"seen": [], "fail": 0, "step": "testSecret"}))
    return client


def steps(secrets):
    return json.loads(secrets.get_secret_value(SecretId="steps")["SecretString"])["seen"]


ALL = ["createSecret", "setSecret", "testSecret", "finishSecret"]


def test_rotating_calls_the_function_once_a_step(server, functions, secrets):
    make_function(functions, "rotate", ROTATE)
    with pytest.raises(ClientError) as raised:
        secrets.rotate_secret(SecretId="s", RotationLambdaARN=ARN + "rotate")
    assert error_of(raised) == ("AccessDeniedException", 400)
    assert "secretsmanager.amazonaws.com" in str(raised.value)
    assert "RotationEnabled" not in secrets.describe_secret(SecretId="s")
    allow(functions, "rotate", "secretsmanager.amazonaws.com")
    old = secrets.get_secret_value(SecretId="s")["VersionId"]
    answer = secrets.rotate_secret(SecretId="s", RotationLambdaARN=ARN + "rotate",
                                   RotationRules={"AutomaticallyAfterDays": 7})
    new = answer["VersionId"]
    polling.eventually(lambda: "LastRotatedDate" in secrets.describe_secret(SecretId="s"))
    assert steps(secrets) == ALL
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "new " + new
    shown = secrets.describe_secret(SecretId="s")
    assert shown["VersionIdsToStages"] == {old: ["AWSPREVIOUS"],
                                           new: ["AWSCURRENT", "AWSPENDING"]}
    assert shown["RotationEnabled"] is True
    now = Clock(server).now()
    due = shown["NextRotationDate"].astimezone(datetime.timezone.utc)
    assert due.date() == (now + datetime.timedelta(days=7)).date()
    assert (due.hour, due.minute, due.second) == (23, 59, 59)
    # Days later, and not before.
    Clock(server).advance(days=6)
    assert steps(secrets) == ALL
    Clock(server).advance(days=1)
    polling.eventually(lambda: steps(secrets) == ALL * 2)
    polling.eventually(lambda: secrets.get_secret_value(SecretId="s")["VersionId"] != new)
    secrets.cancel_rotate_secret(SecretId="s")
    Clock(server).advance(days=30)
    assert steps(secrets) == ALL * 2


def fail_at(secrets, step, times):
    secrets.put_secret_value(SecretId="steps", SecretString=json.dumps(
        {"seen": [], "fail": times, "step": step}))


def test_a_step_that_fails_begins_the_rotation_anew(server, functions, secrets):
    make_function(functions, "rotate", ROTATE)
    allow(functions, "rotate", "secretsmanager.amazonaws.com")
    fail_at(secrets, "testSecret", 1)
    new = secrets.rotate_secret(SecretId="s", RotationLambdaARN=ARN + "rotate")["VersionId"]
    polling.eventually(lambda: steps(secrets) == ALL[:3])
    with pytest.raises(ClientError) as raised:
        secrets.rotate_secret(SecretId="s")
    assert error_of(raised) == ("InvalidRequestException", 400)
    assert "A previous rotation isn't complete" in str(raised.value)
    assert steps(secrets) == ALL[:3]
    Clock(server).advance(seconds=70)
    polling.eventually(lambda: steps(secrets) == ALL[:3] + ALL)
    polling.eventually(lambda: secrets.get_secret_value(SecretId="s")["VersionId"] == new)


def test_a_rotation_goes_on_after_a_kill(server, functions, secrets):
    make_function(functions, "rotate", ROTATE)
    allow(functions, "rotate", "secretsmanager.amazonaws.com")
    new = secrets.rotate_secret(SecretId="s", RotationLambdaARN=ARN + "rotate")["VersionId"]
    server.kill()
    server.start()
    polling.eventually(lambda: "LastRotatedDate" in secrets.describe_secret(SecretId="s"))
    # A step that was under way is called once more.
    assert list(dict.fromkeys(steps(secrets))) == ALL
    assert secrets.get_secret_value(SecretId="s")["VersionId"] == new


def test_a_rotation_that_always_fails_is_given_up(server, functions, secrets):
    make_function(functions, "rotate", ROTATE)
    allow(functions, "rotate", "secretsmanager.amazonaws.com")
    fail_at(secrets, "createSecret", 5)
    new = secrets.rotate_secret(SecretId="s", RotationLambdaARN=ARN + "rotate")["VersionId"]
    polling.eventually(lambda: steps(secrets) == ALL[:1])
    Clock(server).advance(hours=5)
    assert steps(secrets) == ALL[:1] * 5
    assert secrets.describe_secret(SecretId="s")["VersionIdsToStages"][new] == ["AWSPENDING"]
    # Asked for once more, it is the old one that is made again.
    with pytest.raises(ClientError, match="will be reattempted"):
        secrets.rotate_secret(SecretId="s")
    polling.eventually(lambda: secrets.get_secret_value(SecretId="s")["VersionId"] == new)


def test_rotation_that_does_not_begin_at_once_is_tested(server, functions, secrets):
    make_function(functions, "rotate", ROTATE)
    allow(functions, "rotate", "secretsmanager.amazonaws.com")
    old = secrets.get_secret_value(SecretId="s")["VersionId"]
    secrets.rotate_secret(SecretId="s", RotationLambdaARN=ARN + "rotate", RotateImmediately=False,
                          RotationRules={"ScheduleExpression": "rate(10 days)"})
    polling.eventually(lambda: secrets.describe_secret(SecretId="s")["VersionIdsToStages"]
                       == {old: ["AWSCURRENT"]} and steps(secrets) == ["testSecret"])
    Clock(server).advance(days=11)
    polling.eventually(lambda: steps(secrets) == ["testSecret"] + ALL)


# Alarms

def test_an_alarm_calls_its_function(server, functions, heard):
    next_event = heard("alarmed")
    cloudwatch = aws_clients.client("cloudwatch", server.url)
    allow(functions, "alarmed", "lambda.alarms.cloudwatch.amazonaws.com",
          "arn:aws:cloudwatch:us-east-1:000000000000:alarm:busy")
    cloudwatch.put_metric_alarm(
        AlarmName="busy", Namespace="Shop", MetricName="Orders", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=2, ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[ARN + "alarmed"])
    cloudwatch.set_alarm_state(AlarmName="busy", StateValue="ALARM", StateReason="by hand")
    event = next_event()
    assert event["source"] == "aws.cloudwatch"
    assert event["alarmArn"] == "arn:aws:cloudwatch:us-east-1:000000000000:alarm:busy"
    assert event["alarmData"]["state"]["value"] == "ALARM"
    assert event["alarmData"]["state"]["reason"] == "by hand"
    assert event["alarmData"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    metric = event["alarmData"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    assert (metric["namespace"], metric["name"]) == ("Shop", "Orders")
