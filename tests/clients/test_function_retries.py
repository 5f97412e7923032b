"""What becomes of asynchronous calls and of batches that fail, on a clock that is moved."""

import json
import subprocess

import aws_clients
import matinee_server
import polling
import pytest
from functions_kit import make_function, make_queue, python_package

ARN = "arn:aws:lambda:us-east-1:000000000000:function:"
FAIL = python_package("raise ValueError('no')")


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


def advance(server, *arguments):
    run = subprocess.run([matinee_server.find_binary(), "clock", *arguments, "--cloud", server.url,
                          "--format", "json"], capture_output=True, text=True, timeout=60,
                         env={"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                              "HOME": "/nonexistent"})
    assert run.returncode == 0, run.stderr


def count(sqs, url):
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[
        "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"]), int(
        found["ApproximateNumberOfMessagesNotVisible"])


def receive(sqs, url):
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10, MessageAttributeNames=["All"])
    return messages["Messages"][0]


def test_a_failing_call_is_made_three_times_and_then_told(server, functions, sqs):
    dead, dead_arn = make_queue(sqs, "dead")
    failed, failed_arn = make_queue(sqs, "failed")
    make_function(functions, "fail", FAIL, DeadLetterConfig={"TargetArn": dead_arn})
    functions.put_function_event_invoke_config(
        FunctionName="fail", DestinationConfig={"OnFailure": {"Destination": failed_arn}})
    taken = functions.invoke(FunctionName="fail", InvocationType="Event", Payload=b'{"a": 1}')
    advance(server, "advance", "59s")
    assert count(sqs, dead) == (0, 0)
    advance(server, "advance", "10m")
    record = json.loads(receive(sqs, failed)["Body"])
    assert record["requestContext"] == {
        "requestId": taken["ResponseMetadata"]["RequestId"],
        "functionArn": ARN + "fail:$LATEST", "condition": "RetriesExhausted",
        "approximateInvokeCount": 3}
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorType"] == "ValueError"
    letter = receive(sqs, dead)
    assert json.loads(letter["Body"]) == {"a": 1}
    attributes = {name: value["StringValue"]
                  for name, value in letter["MessageAttributes"].items()}
    assert attributes == {"RequestID": taken["ResponseMetadata"]["RequestId"], "ErrorCode": "200",
                          "ErrorMessage": "no"}


def test_the_second_try_is_a_minute_later_and_the_third_two_minutes_after_that(
        server, functions, sqs):
    make_function(functions, "fail", FAIL)
    logs = aws_clients.client("logs", server.url)

    def tries():
        if not logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/fail")["logGroups"]:
            return 0
        events = logs.filter_log_events(logGroupName="/aws/lambda/fail",
                                        filterPattern='"START RequestId"')["events"]
        return len(events)

    functions.invoke(FunctionName="fail", InvocationType="Event")
    polling.eventually(lambda: tries() == 1)
    advance(server, "advance", "59s")
    assert tries() == 1
    advance(server, "advance", "2s")
    assert tries() == 2
    advance(server, "advance", "118s")
    assert tries() == 2
    advance(server, "advance", "3s")
    assert tries() == 3
    advance(server, "advance", "1d")
    assert tries() == 3


def test_an_event_that_would_be_too_old_is_not_tried_again(server, functions, sqs):
    failed, failed_arn = make_queue(sqs, "failed")
    make_function(functions, "fail", FAIL)
    functions.put_function_event_invoke_config(
        FunctionName="fail", MaximumEventAgeInSeconds=60,
        DestinationConfig={"OnFailure": {"Destination": failed_arn}})
    functions.invoke(FunctionName="fail", InvocationType="Event")
    context = json.loads(receive(sqs, failed)["Body"])["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("EventAgeExceeded", 1)


def test_accepted_calls_survive_a_kill(server, functions, sqs):
    done, done_arn = make_queue(sqs, "done")
    make_function(functions, "later", python_package("return event"))
    functions.put_function_event_invoke_config(
        FunctionName="later", DestinationConfig={"OnSuccess": {"Destination": done_arn}})
    functions.put_function_concurrency(FunctionName="later", ReservedConcurrentExecutions=0)
    for number in range(5):
        functions.invoke(FunctionName="later", InvocationType="Event", Payload=str(number))
    server.kill()
    server.start()
    functions = aws_clients.client("lambda", server.url)
    sqs = aws_clients.client("sqs", server.url)
    functions.delete_function_concurrency(FunctionName="later")
    advance(server, "advance", "10m")
    url = sqs.get_queue_url(QueueName="done")["QueueUrl"]
    polling.eventually(lambda: count(sqs, url)[0] == 5)
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert sorted(json.loads(m["Body"])["responsePayload"] for m in found) == [0, 1, 2, 3, 4]


def test_only_reported_messages_of_a_batch_come_again(server, functions, sqs):
    work, work_arn = make_queue(sqs, "work", VisibilityTimeout="30")
    make_function(functions, "picky", python_package("""
failed = [r['messageId'] for r in event['Records'] if r['body'] == 'bad'
          and r['attributes']['ApproximateReceiveCount'] == '1']
return {'batchItemFailures': [{'itemIdentifier': i} for i in failed]}"""))
    functions.create_event_source_mapping(EventSourceArn=work_arn, FunctionName="picky",
                                          FunctionResponseTypes=["ReportBatchItemFailures"])
    sqs.send_message_batch(QueueUrl=work, Entries=[
        {"Id": str(i), "MessageBody": body} for i, body in enumerate(["good", "bad", "fine"])])
    polling.eventually(lambda: count(sqs, work) == (0, 1))
    advance(server, "advance", "29s")
    assert count(sqs, work) == (0, 1)
    advance(server, "advance", "2s")
    polling.eventually(lambda: count(sqs, work) == (0, 0))


def test_a_batch_that_fails_goes_to_the_dead_letter_queue_in_the_end(server, functions, sqs):
    dead, dead_arn = make_queue(sqs, "dead")
    work, work_arn = make_queue(sqs, "work", VisibilityTimeout="30", RedrivePolicy=json.dumps(
        {"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2}))
    make_function(functions, "fail", FAIL)
    functions.create_event_source_mapping(EventSourceArn=work_arn, FunctionName="fail")
    sqs.send_message(QueueUrl=work, MessageBody="lost")
    polling.eventually(lambda: count(sqs, work) == (0, 1))
    advance(server, "advance", "2m")
    polling.eventually(lambda: count(sqs, dead) == (1, 0))
    assert receive(sqs, dead)["Body"] == "lost"


def test_what_filters_do_not_want_is_deleted_and_calls_nothing(server, functions, sqs):
    work, work_arn = make_queue(sqs, "work")
    done, done_arn = make_queue(sqs, "done")
    make_function(functions, "some", FAIL)
    functions.create_event_source_mapping(
        EventSourceArn=work_arn, FunctionName="some", FilterCriteria={"Filters": [
            {"Pattern": json.dumps({"body": {"kind": ["wanted"], "size": [
                {"numeric": [">", 100]}]}})}]})
    for body in ({"kind": "other", "size": 200}, {"kind": "wanted", "size": 100}):
        sqs.send_message(QueueUrl=work, MessageBody=json.dumps(body))
    sqs.send_message(QueueUrl=work, MessageBody="text")
    polling.eventually(lambda: count(sqs, work) == (0, 0))
    sqs.send_message(QueueUrl=work, MessageBody=json.dumps({"kind": "wanted", "size": 101}))
    polling.eventually(lambda: count(sqs, work) == (0, 1))


def test_a_disabled_mapping_reads_nothing_until_it_is_enabled(server, functions, sqs):
    work, work_arn = make_queue(sqs, "work")
    make_function(functions, "worker", python_package("return 1"))
    mapping = functions.create_event_source_mapping(
        EventSourceArn=work_arn, FunctionName="worker", Enabled=False)["UUID"]
    polling.eventually(lambda: functions.get_event_source_mapping(UUID=mapping)["State"]
                       == "Disabled")
    sqs.send_message(QueueUrl=work, MessageBody="waits")
    assert count(sqs, work) == (1, 0)
    functions.update_event_source_mapping(UUID=mapping, Enabled=True)
    polling.eventually(lambda: count(sqs, work) == (0, 0))
    functions.delete_event_source_mapping(UUID=mapping)
    polling.eventually(lambda: not functions.list_event_source_mappings()["EventSourceMappings"])


def test_a_window_gathers_what_comes_in_its_time(server, functions, sqs):
    work, work_arn = make_queue(sqs, "work", VisibilityTimeout="120")
    done, done_arn = make_queue(sqs, "done")
    make_function(functions, "many", python_package("""
import urllib.request, urllib.parse
data = urllib.parse.urlencode({'Action': 'SendMessage', 'MessageBody': len(event['Records'])})
urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL'] + '/000000000000/done', data.encode())"""))
    functions.create_event_source_mapping(EventSourceArn=work_arn, FunctionName="many",
                                          BatchSize=100, MaximumBatchingWindowInSeconds=60)
    for number in range(15):
        sqs.send_message(QueueUrl=work, MessageBody=str(number))
    polling.eventually(lambda: count(sqs, work) == (0, 15))
    advance(server, "advance", "59s")
    assert count(sqs, done) == (0, 0)
    advance(server, "advance", "2s")
    assert receive(sqs, done)["Body"] == "15"


def test_a_daily_rule_calls_a_function_when_tomorrow_comes(server, functions, sqs):
    done, done_arn = make_queue(sqs, "done")
    events = aws_clients.client("events", server.url)
    make_function(functions, "daily", python_package("return event['detail-type']"))
    functions.put_function_event_invoke_config(
        FunctionName="daily", DestinationConfig={"OnSuccess": {"Destination": done_arn}})
    rule = events.put_rule(Name="daily", ScheduleExpression="rate(1 day)")["RuleArn"]
    functions.add_permission(FunctionName="daily", StatementId="rule",
                             Action="lambda:InvokeFunction", Principal="events.amazonaws.com",
                             SourceArn=rule)
    events.put_targets(Rule="daily", Targets=[{"Id": "f", "Arn": ARN + "daily"}])
    advance(server, "advance", "1d")
    assert json.loads(receive(sqs, done)["Body"])["responsePayload"] == "Scheduled Event"


def test_an_object_calls_the_function_that_its_bucket_names(server, functions, sqs):
    done, done_arn = make_queue(sqs, "done")
    s3 = aws_clients.client("s3", server.url, s3={"addressing_style": "path"})
    s3.create_bucket(Bucket="films")
    make_function(functions, "onobject", python_package("return event['Records'][0]['s3']"))
    functions.put_function_event_invoke_config(
        FunctionName="onobject", DestinationConfig={"OnSuccess": {"Destination": done_arn}})
    configuration = {"LambdaFunctionConfigurations": [
        {"LambdaFunctionArn": ARN + "onobject", "Events": ["s3:ObjectCreated:*"]}]}
    with pytest.raises(s3.exceptions.ClientError, match="Unable to validate"):
        s3.put_bucket_notification_configuration(Bucket="films",
                                                 NotificationConfiguration=configuration)
    functions.add_permission(FunctionName="onobject", StatementId="s3",
                             Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
                             SourceArn="arn:aws:s3:::films")
    s3.put_bucket_notification_configuration(Bucket="films",
                                             NotificationConfiguration=configuration)
    s3.put_object(Bucket="films", Key="a.json", Body=b"{}")
    told = json.loads(receive(sqs, done)["Body"])["responsePayload"]
    assert (told["bucket"]["name"], told["object"]["key"]) == ("films", "a.json")
